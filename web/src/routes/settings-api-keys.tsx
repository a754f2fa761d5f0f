import { ApiKeys } from '@/features/settings/api-keys';

export default ApiKeys;
