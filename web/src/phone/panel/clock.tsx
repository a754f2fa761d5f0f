import { Clock, Lock } from 'lucide-react';
import { useState } from 'react';
import { Ltr } from '@/components/bdi';
import { Button } from '@/components/button';
import { t, useLocale } from '@/i18n';
import { now, setServerNow, useNow } from '@/lib/clock';
import { cx } from '@/lib/cx';
import { daysAgo, longDate, shortDate, time } from '@/lib/format';
import { p, spoken } from '../i18n';
import { api } from '../model/api';
import { errorWords } from '../model/errors';
import { keys, queryClient, useChat, useClock } from '../model/queries';
import type { Business, ChatWindow, Person } from '../model/types';
import { tomorrowAt } from '../model/zoned';
import { Part } from './part';

const DAY = 86_400_000;

export function ClockPart({ person, business }: { person: Person; business: Business | undefined }) {
  useLocale();
  const at = useNow();
  const clock = useClock().data;
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const chatWindow = useChat(person.id, business?.id).data?.window;
  const closesAt = chatWindow?.open ? chatWindow.closes_at : null;
  const wind = async (by: Parameters<typeof api.wind>[0]) => {
    setBusy(true);
    try {
      const wound = await api.wind(by);
      setServerNow(wound.now);
      queryClient.setQueryData(keys.clock, wound);
      setError(null);
    } catch (problem) {
      setError(errorWords(problem));
    }
    setBusy(false);
  };
  const to = (instant: number) => void wind({ set: new Date(instant).toISOString() });
  return (
    <Part icon={Clock} title={p('clock.title')} hint={p('clock.hint')}>
      <div className="flex flex-wrap items-baseline gap-x-2.5">
        <Ltr className="tabular text-26 font-semibold">{at ? time(at) : '—'}</Ltr>
        <span className="text-13 text-ink-2">{at ? longDate(at) : ''}</span>
        <span className="ms-auto inline-flex h-[22px] items-center rounded-full bg-grey-soft px-2.5 text-12 text-ink-2">{offsetWords(clock?.offset_ms ?? 0)}</span>
      </div>
      <div role="group" aria-label={p('clock.title')} aria-busy={busy} className="flex flex-wrap gap-1.5">
        <Button size="small" onClick={() => void wind({ advance_s: 300 })}>{p('clock.minutes')}</Button>
        <Button size="small" onClick={() => void wind({ advance_s: 3600 })}>{p('clock.hour')}</Button>
        {closesAt && Date.parse(closesAt) > now() && <Button size="small" icon={Lock} onClick={() => to(Date.parse(closesAt) + 1000)}>{p('clock.until_closed')}</Button>}
        <Button size="small" onClick={() => to(tomorrowAt(9, time))}>{p('clock.tomorrow')}</Button>
      </div>
      {error && <p role="alert" className="text-12 text-bad">{error}</p>}
      {chatWindow && <WindowMeter chatWindow={chatWindow} />}
    </Part>
  );
}

function offsetWords(offset: number): string {
  if (Math.abs(offset) < 60_000) return p('clock.real');
  const days = Math.floor(Math.abs(offset) / DAY);
  const minutes = Math.floor((Math.abs(offset) % DAY) / 60_000);
  const clock = `${offset < 0 ? '−' : '+'}${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, '0')}`;
  return days ? p('clock.offset_days', { days, time: clock }) : p('clock.offset', { time: clock });
}

/** A moment after a verb ("closes at 12:24") or after a preposition that needs no other ("until 12:24"). */
function whenWords(at: string, afterVerb = false): string {
  const days = daysAgo(at);
  if (days === 0) return afterVerb ? p('when.today', { time: time(at) }) : time(at);
  if (days === -1) return t('time.tomorrow_at', { time: time(at) });
  if (days === 1) return t('time.yesterday_at', { time: time(at) });
  return p('when.date', { date: shortDate(at), time: time(at) });
}

/** How much of the 24 hours is left for the business to write freely to this person. */
function WindowMeter({ chatWindow }: { chatWindow: ChatWindow }) {
  useLocale();
  useNow();
  const end = chatWindow.open ? chatWindow.closes_at : null;
  const left = end ? Math.max(0, Date.parse(end) - now()) : 0;
  const share = Math.min(1, left / DAY);
  const words = left > 0 ? p('window.closes', { when: whenWords(end!, true) }) : chatWindow.closes_at ? p('window.closed_at', { when: whenWords(chatWindow.closes_at) }) : p('window.never');
  return (
    <div>
      <div role="meter" aria-label={p('window.title')} aria-valuemin={0} aria-valuemax={24} aria-valuenow={Math.round((left / DAY) * 240) / 10} aria-valuetext={spoken('window.name', { words })} className="flex h-2 overflow-hidden rounded-full bg-grey-soft">
        <span style={{ width: `${share * 100}%` }} className={cx('rounded-full transition-[width] duration-240', left < 4 * 3_600_000 ? 'bg-warn-solid' : 'bg-brand')} />
      </div>
      <p className="mt-1.5 flex justify-between gap-3 text-12 text-ink-2"><span>{p('window.title')}</span><span>{words}</span></p>
      {chatWindow.free_entry_until && Date.parse(chatWindow.free_entry_until) > now() && <p className="mt-0.5 text-12 text-ink-2">{p('window.free_entry', { when: whenWords(chatWindow.free_entry_until) })}</p>}
    </div>
  );
}
