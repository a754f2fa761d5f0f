import { Connect } from '@/features/settings/connect';

export default Connect;
