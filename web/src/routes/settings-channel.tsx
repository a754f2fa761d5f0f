import { ChannelDetail } from '@/features/channels/detail';

export default ChannelDetail;
