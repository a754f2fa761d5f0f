import { lazy, Suspense } from 'react';
import { useMe } from '@/api/session';
import { t, useLocale } from '@/i18n';
import { PopoverButton } from './popover';

const ClockWinder = lazy(() => import('./clock-winder'));

/** Never dismissed: nobody should take the invented for the real. */
export function DemoPill() {
  useLocale();
  const me = useMe();
  if (!me.demo) return null;
  return (
    <PopoverButton
      label={t('demo.pill')} content={() => <Suspense fallback={<div className="h-64 w-72" />}><ClockWinder phoneUrl={me.sandbox_phone_url} /></Suspense>}
      className="inline-flex h-6 shrink-0 items-center rounded-full bg-bad-soft px-2.5 text-12 font-medium whitespace-nowrap text-bad hover:brightness-97 max-small:h-7"
    >
      {t('demo.pill')}
    </PopoverButton>
  );
}
