import { Channels } from '@/features/channels/channels';

export default Channels;
