import { Inbox } from '@/features/inbox/inbox';

export default Inbox;
