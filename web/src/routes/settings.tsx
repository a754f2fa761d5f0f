import { SettingsLayout } from '@/features/settings/settings-layout';

export default SettingsLayout;
