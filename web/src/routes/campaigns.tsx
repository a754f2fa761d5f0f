import { Mailings } from '@/features/mailing/mailings';

export default Mailings;
