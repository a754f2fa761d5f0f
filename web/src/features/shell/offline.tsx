import { WifiOff } from 'lucide-react';
import { t, useLocale } from '@/i18n';
import { usePending } from '@/live/outbox';
import { useConnection } from '@/live/stream';

/** In words, and only once a second try has failed too: a blink is not a loss. */
export function OfflineNotice() {
  useLocale();
  const lost = useConnection() === 'lost';
  const waiting = usePending().filter((item) => item.state === 'waiting').length;
  if (!lost) return null;
  return (
    <div role="status" className="animate-appear flex shrink-0 items-center gap-2.5 bg-bad-soft px-4 py-2 text-13 text-ink">
      <WifiOff size={16} strokeWidth={1.75} aria-hidden className="shrink-0 text-bad" />
      <span><b className="font-semibold text-bad">{t('offline.title')}.</b> {t('offline.body', { n: waiting })}</span>
    </div>
  );
}
