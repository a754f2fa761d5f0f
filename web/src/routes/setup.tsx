import { Setup } from '@/features/account/setup';

export default Setup;
