import { BatteryFull, Power, Signal, SmartphoneNfc, Wifi, X } from 'lucide-react';
import { useEffect, useMemo, useState } from 'react';
import { Ltr } from '@/components/bdi';
import { Button, IconButton } from '@/components/button';
import { Face } from '@/components/face';
import { ErrorState, Skeleton } from '@/components/states';
import { useLocale } from '@/i18n';
import { useNow } from '@/lib/clock';
import { cx } from '@/lib/cx';
import { time } from '@/lib/format';
import { p, spoken } from '../i18n';
import { api } from '../model/api';
import { errorWords } from '../model/errors';
import { putPerson, useBusinesses, useChat } from '../model/queries';
import type { Ad } from '../model/samples';
import type { Business, Person } from '../model/types';
import { ChatScreen } from './chat-screen';
import { ChatsScreen } from './chats-screen';
import { type Mode, type Phone, PhoneContext, type SheetContent } from './context';
import { Sheet } from './sheet';

interface Props {
  person: Person; business: string | null; active: boolean; framed: boolean; several: boolean;
  onActivate: () => void; onBusiness: (number: string | null) => void; onClose: () => void;
}

/** One phone: a frame on wide screens, the whole screen on narrow ones. */
export function Handset({ person, business, active, framed, several, onActivate, onBusiness, onClose }: Props) {
  useLocale();
  const businesses = useBusinesses().data;
  const chosen = business === null ? undefined : businesses?.find((other) => other.id === business);
  const screen = !chosen ? <ChatsScreen person={person} onOpen={onBusiness} /> : <ChatOf key={`${person.id} ${chosen.id}`} person={person} business={chosen} alone={businesses?.length === 1} onBack={() => onBusiness(null)} />;
  const body = person.phone_off ? <Off person={person} /> : person.on_whatsapp ? screen : <NotOnWhatsApp person={person} />;
  const name = spoken('phone.of', { name: person.name });
  if (!framed) return <section aria-label={name} className="relative flex min-h-0 flex-1 flex-col overflow-hidden bg-surface">{body}</section>;
  return (
    <section aria-label={name} onFocusCapture={onActivate} onPointerDownCapture={onActivate} className="flex shrink-0 flex-col items-center gap-3">
      <div className={cx('h-[min(742px,calc(100dvh-132px))] min-h-105 w-[346px] rounded-[46px] bg-(--handset) p-[9px] shadow-(--handset-shadow) in-data-[theme=dark]:ring-1 in-data-[theme=dark]:ring-line-2', several && active && 'ring-3 ring-brand/45! ring-offset-2 ring-offset-bg')}>
        <div className="relative flex h-full flex-col overflow-hidden rounded-[37px] bg-surface"><StatusBar off={person.phone_off} />{body}</div>
      </div>
      <footer className="flex h-8 items-center gap-2 text-12 text-ink-2">
        <Face id={person.id} name={person.name} size={22} />
        <span className={cx(several && active && 'font-semibold text-ink')}>{p('phone.chat_of', { name: person.name })}</span>
        {several && <IconButton icon={X} size="small" iconSize={15} label={spoken('phone.close', { name: person.name })} onClick={onClose} />}
      </footer>
    </section>
  );
}

function StatusBar({ off }: { off: boolean }) {
  const at = useNow();
  if (off) return null;
  return (
    <div className="flex h-10 shrink-0 items-end justify-between bg-surface px-6 pb-1.5 text-13 font-semibold">
      <Ltr>{at ? time(at) : ''}</Ltr>
      <span aria-hidden className="flex items-center gap-1.5"><Signal size={14} /><Wifi size={14} /><BatteryFull size={18} strokeWidth={1.75} /></span>
    </div>
  );
}

/** What a chat shares with all its parts, and what lies over it. */
function ChatOf({ person, business, alone, onBack }: { person: Person; business: Business; alone: boolean; onBack: () => void }) {
  useLocale();
  const query = useChat(person.id, business.id);
  const [sheet, setSheet] = useState<SheetContent | null>(null);
  const [mode, setMode] = useState<Mode>(null);
  const [ad, setAd] = useState<Ad | null>(null);
  const [notice, setNotice] = useState<string | null>(null);
  useEffect(() => {
    if (!notice) return;
    const timer = setTimeout(() => setNotice(null), 6000);
    return () => clearTimeout(timer);
  }, [notice]);
  const chat = query.data;
  const phone = useMemo<Phone | null>(() => (chat ? { person, business, chat, sheet: setSheet, mode, setMode, ad, setAd, notice: setNotice } : null), [person, business, chat, mode, ad]);
  if (query.error && !chat) return <ErrorState error={query.error} retry={() => void query.refetch()} />;
  if (!phone) {
    return (
      <div className="delayed flex flex-1 flex-col gap-3 bg-thread p-4">
        <Skeleton className="h-14 w-3/5 rounded-14" /><Skeleton className="h-10 w-2/5 self-end rounded-14" /><Skeleton className="h-20 w-3/5 rounded-14" />
      </div>
    );
  }
  return (
    <PhoneContext value={phone}>
      <div inert={!!sheet} className="flex min-h-0 flex-1 flex-col"><ChatScreen alone={alone} onBack={onBack} /></div>
      {notice && (
        <p role="alert" className="animate-rise absolute inset-x-3 bottom-20 z-30 flex items-center gap-2 rounded-12 bg-bad-soft px-3 py-2 text-13 text-bad shadow-e2">
          <span className="flex-1">{notice}</span><IconButton icon={X} size="small" label={p('notice.close')} onClick={() => setNotice(null)} />
        </p>
      )}
      {sheet && <Sheet content={sheet} onClose={() => setSheet(null)} />}
    </PhoneContext>
  );
}

function Off({ person }: { person: Person }) {
  useLocale();
  const [error, setError] = useState<string | null>(null);
  const on = async () => {
    try {
      putPerson(await api.changePerson(person.id, { phone_off: false }));
    } catch (problem) {
      setError(errorWords(problem));
    }
  };
  return (
    <div data-theme="dark" className="flex flex-1 flex-col items-center justify-center gap-3 bg-(--handset) p-8 text-center text-ink">
      <Power size={28} strokeWidth={1.75} aria-hidden className="text-ink-2" />
      <h2 className="text-16 font-semibold">{p('off.title')}</h2>
      <p className="text-13 text-ink-2">{p('off.body')}</p>
      <Button tone="soft" size="large" icon={Power} onClick={() => void on()}>{p('off.turn_on')}</Button>
      {error && <p role="alert" className="text-12 text-bad">{error}</p>}
    </div>
  );
}

function NotOnWhatsApp({ person }: { person: Person }) {
  useLocale();
  const [error, setError] = useState<string | null>(null);
  const join = async () => {
    try {
      putPerson(await api.changePerson(person.id, { on_whatsapp: true }));
    } catch (problem) {
      setError(errorWords(problem));
    }
  };
  return (
    <div className="flex flex-1 flex-col items-center justify-center gap-3 bg-thread p-8 text-center">
      <SmartphoneNfc size={28} strokeWidth={1.75} aria-hidden className="text-ink-2" />
      <h2 className="text-16 font-semibold">{p('absent.title')}</h2>
      <p className="text-13 text-ink-2">{p('absent.body')}</p>
      <Button tone="soft" size="large" onClick={() => void join()}>{p('absent.join')}</Button>
      {error && <p role="alert" className="text-12 text-bad">{error}</p>}
    </div>
  );
}
