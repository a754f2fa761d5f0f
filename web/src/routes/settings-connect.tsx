import { Connect } from '@/features/channels/connect/connect';

export default Connect;
