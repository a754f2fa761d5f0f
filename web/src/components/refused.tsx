import { Lock } from 'lucide-react';
import type { ReactNode } from 'react';
import { EmptyState } from '@/components/states';
import { t } from '@/i18n';

export function Refused({ title, children }: { title?: string; children?: ReactNode }) {
  return <EmptyState icon={Lock} className="flex-1" title={title ?? t('settings.title')}>{children ?? t('settings.no_right')}</EmptyState>;
}
