import { Channels } from '@/features/settings/channels';

export default Channels;
