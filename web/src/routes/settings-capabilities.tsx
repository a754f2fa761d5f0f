import { Capabilities } from '@/features/channels/capabilities';

export default Capabilities;
