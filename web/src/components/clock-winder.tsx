import { useQueryClient } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { ExternalLink, FastForward, Lock } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { wordsFor } from '@/api/client';
import { advanceClock } from '@/api/session';
import type { Conversation } from '@/api/types';
import { t, useLocale } from '@/i18n';
import { now, setServerNow, useNow } from '@/lib/clock';
import { date, time } from '@/lib/format';
import { Ltr } from './bdi';
import { Button } from './button';

/** Winds the business clock of a demo, forward only. */
export default function ClockWinder({ phoneUrl }: { phoneUrl: string | null }) {
  useLocale();
  const client = useQueryClient();
  const { conversationId } = useParams({ strict: false });
  const [error, setError] = useState<string | null>(null);
  const at = useNow();
  const conversation = conversationId ? client.getQueryData<Conversation>(['conversation', conversationId]) : undefined;
  const left = conversation?.window.state === 'open' && conversation.window.expires_at ? Date.parse(conversation.window.expires_at) - now() : 0;
  const closes = left > 0;
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // The button that was pressed goes when the window has closed: the focus must not go with it.
    if (!closes && document.activeElement === document.body) box.current?.focus();
  }, [closes]);
  const wind = async (by: { advance_s: number } | { to_next_due: true }) => {
    try {
      setServerNow((await advanceClock(by)).now);
      setError(null);
      void client.invalidateQueries({ predicate: (query) => query.queryKey[0] !== 'session' });
    } catch (problem) {
      setError(wordsFor(problem));
    }
  };
  return (
    <div ref={box} tabIndex={-1} className="flex w-72 flex-col gap-3 p-4 focus-visible:outline-none">
      <p className="text-13 text-ink-2">{t('demo.body')}</p>
      <div className="flex items-baseline gap-2 border-y border-line py-2">
        <Ltr className="text-26 font-semibold">{time(at)}</Ltr>
        <Ltr className="text-12 text-ink-3">{date(at)}</Ltr>
      </div>
      <div className="grid grid-cols-2 gap-2">
        <Button size="small" onClick={() => void wind({ advance_s: 3600 })}>{t('demo.hour')}</Button>
        <Button size="small" onClick={() => void wind({ advance_s: 86_400 })}>{t('demo.day')}</Button>
        {closes && <Button size="small" icon={Lock} className="col-span-2" onClick={() => void wind({ advance_s: Math.ceil(left / 1000) + 60 })}>{t('demo.window')}</Button>}
        <Button size="small" icon={FastForward} className="col-span-2" onClick={() => void wind({ to_next_due: true })}>{t('demo.next_due')}</Button>
      </div>
      {error && <p role="alert" className="text-12 text-bad">{error}</p>}
      {phoneUrl && (
        <a href={phoneUrl} target="_blank" rel="noreferrer" className="inline-flex items-center gap-2 text-13 font-medium text-brand-ink hover:underline">
          <ExternalLink size={16} strokeWidth={1.75} aria-hidden />{t('demo.phone')}
        </a>
      )}
    </div>
  );
}
