import type { ReactNode } from 'react';
import { I18nProvider } from 'react-aria-components/I18nProvider';
import { useLocale } from '@/i18n';

/** React Aria follows our language, not the browser's. */
export function Aria({ children }: { children: ReactNode }) {
  return <I18nProvider locale={useLocale() === 'he' ? 'he-IL' : 'en-US'}>{children}</I18nProvider>;
}
