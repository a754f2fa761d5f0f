import type { ReactNode } from 'react';
import { Mark } from '@/components/mark';
import { Segmented } from '@/components/tabs';
import { useTitle } from '@/lib/use-title';
import { changeLocale, locale, t, useLocale } from '@/i18n';

/** A form on one side, the promise on the other. */
export function AccountPage({ children }: { children: ReactNode }) {
  useLocale();
  useTitle(undefined);
  return (
    <div className="flex h-full overflow-auto bg-surface">
      <div className="flex min-h-full flex-1 flex-col px-6 py-6 small:px-9">
        <header className="flex items-center justify-between">
          <span className="flex items-center gap-3 text-20 font-semibold"><Mark size={30} />{t('app.name')}</span>
          <Segmented label={t('user.language')} value={locale()} onChange={(next) => void changeLocale(next)} tabs={[{ value: 'he', label: 'עברית' }, { value: 'en', label: 'English' }]} />
        </header>
        <main className="mx-auto flex w-full max-w-[355px] flex-1 flex-col justify-center gap-5 py-12">{children}</main>
      </div>
      <aside className="relative hidden w-[44%] shrink-0 overflow-hidden bg-linear-to-b from-panel from-45% to-panel-2 medium:block">
        <div aria-hidden className="absolute -inset-16 flex flex-col overflow-hidden opacity-30 mask-[linear-gradient(to_bottom,black_30%,transparent_88%)]">
          {Array.from({ length: 12 }, (_, row) => (
            <div key={row} className={row % 2 ? 'flex -translate-x-16' : 'flex'}>
              {Array.from({ length: 12 }, (_, i) => <span key={i} className="grid size-32 shrink-0 place-items-center"><Mark size={76} onColour className="opacity-60" /></span>)}
            </div>
          ))}
        </div>
        <div className="absolute inset-x-0 bottom-0 p-14 text-on-bad">
          <p className="text-[2.125rem]/[2.75rem] font-semibold text-balance">{t('sign_in.lead_1')}<br />{t('sign_in.lead_2')}</p>
          <p className="mt-5 text-14 opacity-85">{t('sign_in.lead_3')}</p>
        </div>
      </aside>
    </div>
  );
}

export function FormError({ children }: { children: ReactNode }) {
  return children ? <p role="alert" className="rounded-9 bg-bad-soft px-3 py-2 text-13 text-bad">{children}</p> : null;
}
