import { NewMailing } from '@/features/mailing/new';

export default NewMailing;
