import { Join } from '@/features/account/join';

export default Join;
