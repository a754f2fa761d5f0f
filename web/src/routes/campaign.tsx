import { Mailing } from '@/features/mailing/mailing';

export default Mailing;
