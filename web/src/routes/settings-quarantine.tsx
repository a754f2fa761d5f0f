import { Quarantine } from '@/features/settings/quarantine';

export default Quarantine;
