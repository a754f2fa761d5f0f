import { Profile } from '@/features/settings/profile';

export default Profile;
