import { Leads } from '@/features/leads/leads';

export default Leads;
