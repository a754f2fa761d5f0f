import { SignIn } from '@/features/account/sign-in';

export default SignIn;
