import { useEffect } from 'react';
import { t, useLocale } from '@/i18n';

/** What the tab says: where one is, and how many wait. */
export function useTitle(place: string | undefined, waiting = 0) {
  const locale = useLocale();
  useEffect(() => {
    document.title = `${waiting > 0 ? `(${waiting}) ` : ''}${place ? `${place} · ` : ''}${t('app.name')}`;
  }, [place, waiting, locale]);
}
