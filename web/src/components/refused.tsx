import { Lock } from 'lucide-react';
import { EmptyState } from '@/components/states';
import { t } from '@/i18n';

export function Refused() {
  return <EmptyState icon={Lock} className="flex-1" title={t('settings.title')}>{t('settings.no_right')}</EmptyState>;
}
