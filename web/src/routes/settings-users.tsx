import { Users } from '@/features/settings/users';

export default Users;
