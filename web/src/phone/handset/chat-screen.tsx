import { Ban, BellOff, BellRing, ChevronLeft, EllipsisVertical, Phone as PhoneIcon } from 'lucide-react';
import { useEffect, useState } from 'react';
import { Phone as PhoneNumber } from '@/components/bdi';
import { IconButton } from '@/components/button';
import { Mark } from '@/components/mark';
import { MenuButton } from '@/components/menu';
import { useLocale } from '@/i18n';
import { p } from '../i18n';
import { api, leaveChat } from '../model/api';
import { changeChat } from '../model/queries';
import type { Business } from '../model/types';
import { setBlocked, setMarketing } from './actions';
import { Composer } from './composer';
import { usePhone } from './context';
import { Log, useTyping } from './log';

export function BusinessFace({ business, alone, size = 38 }: { business: Business; alone: boolean; size?: number }) {
  return (
    <span aria-hidden style={{ width: size, height: size }} className="grid shrink-0 place-items-center rounded-10 bg-panel text-16 font-semibold text-on-bad">
      {alone ? <Mark size={size * 0.62} onColour /> : (business.name.match(/\p{L}/u)?.[0] ?? '#')}
    </span>
  );
}

export function ChatScreen({ alone, onBack }: { alone: boolean; onBack: () => void }) {
  useLocale();
  const phone = usePhone();
  const { business, chat } = phone;
  const typing = useTyping(chat.typing_until);
  useReading();
  const call = () => phone.sheet({
    title: business.name,
    body: <div className="flex flex-col gap-2 pb-4"><p className="rounded-10 bg-sunken px-3 py-2 font-medium"><PhoneNumber value={business.phone} /></p><p className="text-13 text-ink-2">{p('chat.calls')}</p></div>,
  });
  return (
    <>
      <header className="flex h-14 shrink-0 items-center gap-1.5 border-b border-line bg-surface px-1.5">
        <IconButton icon={ChevronLeft} mirror label={p('chat.back')} iconSize={22} className="rounded-full" onClick={onBack} />
        <BusinessFace business={business} alone={alone} />
        <div className="min-w-0 flex-1 ps-1 leading-tight">
          <h2 className="truncate text-14 font-semibold"><bdi>{business.name}</bdi></h2>
          <p className="truncate text-12 text-ink-2">{typing ? <span className="text-brand-ink">{p('chat.typing')}</span> : p('chat.business_account')}</p>
        </div>
        <IconButton icon={PhoneIcon} label={p('chat.call')} className="rounded-full" onClick={call} />
        <MenuButton
          label={p('chat.menu')} data-tip={p('chat.menu')} placement="bottom end" className="grid size-[34px] place-items-center rounded-full text-ink-2 hover:bg-hover max-small:size-11"
          groups={[{
            entries: [
              chat.marketing_stopped
                ? { id: 'marketing', label: p('chat.resume_marketing'), hint: p('chat.marketing_hint'), icon: BellRing, onAction: () => void setMarketing(phone, false) }
                : { id: 'marketing', label: p('chat.stop_marketing'), hint: p('chat.marketing_hint'), icon: BellOff, onAction: () => void setMarketing(phone, true) },
              chat.blocked
                ? { id: 'block', label: p('chat.unblock'), icon: Ban, onAction: () => void setBlocked(phone, false) }
                : { id: 'block', label: p('chat.block'), hint: p('chat.block_hint'), icon: Ban, danger: true, onAction: () => void setBlocked(phone, true) },
            ],
          }]}
        >
          <EllipsisVertical size={18} strokeWidth={1.75} aria-hidden />
        </MenuButton>
      </header>
      {chat.marketing_stopped && <p className="flex shrink-0 items-center gap-1.5 border-b border-line bg-sunken px-3 py-1 text-12 text-ink-2"><BellOff size={13} aria-hidden />{p('chat.marketing_stopped')}</p>}
      <Log />
      <Composer />
    </>
  );
}

/** A chat that is on the screen of a visible page is open: what arrives in it is read. */
function useReading() {
  const { person, business, chat } = usePhone();
  const [visible, setVisible] = useState(document.visibilityState === 'visible');
  const here = visible && !person.phone_off;
  useEffect(() => {
    const look = () => setVisible(document.visibilityState === 'visible');
    document.addEventListener('visibilitychange', look);
    return () => document.removeEventListener('visibilitychange', look);
  }, []);
  useEffect(() => {
    if (!here) return;
    const leave = () => leaveChat(person.id, business.id);
    window.addEventListener('pagehide', leave);
    return () => {
      window.removeEventListener('pagehide', leave);
      leave();
      changeChat(person.id, business.id, { open: false });
    };
  }, [here, person.id, business.id]);
  useEffect(() => {
    if (!here || chat.open) return;
    let gone = false;
    void api.open(person.id, business.id, true).then(() => !gone && changeChat(person.id, business.id, { open: true, unread: 0 })).catch(() => undefined);
    return () => {
      gone = true;
    };
  }, [here, chat.open, person.id, business.id]);
}
