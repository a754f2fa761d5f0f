import { Link } from '@tanstack/react-router';
import { Ban, LayoutTemplate, Lock, Phone, QrCode, RadioTower, StickyNote, Unplug } from 'lucide-react';
import type { KeyboardEvent } from 'react';
import { useCan } from '@/api/session';
import type { Conversation, Decision } from '@/api/types';
import { Button } from '@/components/button';
import { type Key, t, useLocale } from '@/i18n';

/** Reasons that have a short name for the closed box. */
const known = new Set(['opted_out', 'channel_disconnected', 'number_unlinked', 'number_restricted', 'number_banned']);

interface Props { decision: Decision | undefined; conversation: Conversation; onTemplate: (search: string) => void; onNote: () => void }
const link = 'inline-flex h-[34px] items-center gap-2 rounded-9 px-3 text-13 font-semibold max-small:h-11';

/** The way on is inside the box that is closed. Typing opens the picker with that search. */
export function Locked({ decision, conversation, onTemplate, onNote }: Props) {
  useLocale();
  const code = decision?.reason.code ?? 'window_closed';
  const closed = code === 'window_closed' || code === 'window_never_opened';
  const mends = new Set(decision?.mends.map((mend) => mend.code) ?? []);
  if (closed) mends.add('choose_template');
  const phone = conversation.contact.phone;
  const Icon = closed ? Lock : code === 'channel_disconnected' || code === 'number_unlinked' ? Unplug : Ban;
  const manages = useCan('channels.manage');
  // The number itself is at fault: its own page has the mend.
  const toNumber = mends.has('link_again') || code === 'number_unlinked';
  const words = closed ? t('composer.locked_window') : known.has(code) ? t(`composer.locked_${code}` as Key) : t('composer.locked_other');
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key.length === 1 && event.key !== ' ' && !event.ctrlKey && !event.metaKey && !event.altKey && mends.has('choose_template')) {
      event.preventDefault();
      event.stopPropagation();
      onTemplate(event.key);
    }
  };
  return (
    <div onKeyDown={onKeyDown} role="group" aria-label={words} className="flex min-h-[98px] flex-wrap items-center gap-3 rounded-12 border border-line-2 bg-sunken px-4 py-3 max-small:min-h-16">
      <Icon size={18} strokeWidth={1.75} aria-hidden className={closed ? 'text-warn' : 'text-bad'} />
      <span className="min-w-32 flex-1 text-13 text-ink-2">{words}</span>
      <Button tone="ghost" icon={StickyNote} onClick={onNote}>{t('composer.note')}</Button>
      {mends.has('call') && phone && <a href={`tel:${phone}`} className={`${link} border border-line-2 bg-surface`}><Phone size={16} strokeWidth={1.75} aria-hidden />{t('composer.call')}</a>}
      {mends.has('reconnect_channel') && <Link to="/settings/channels" className={`${link} bg-brand text-on-brand`}><RadioTower size={16} strokeWidth={1.75} aria-hidden />{t('composer.to_channels')}</Link>}
      {toNumber && manages && <Link to="/settings/channels/$channelId" params={{ channelId: conversation.channel.id }} className={`${link} bg-brand text-on-brand`}><QrCode size={16} strokeWidth={1.75} aria-hidden />{t('composer.link_number')}</Link>}
      {(code === 'level_forbids' || mends.has('raise_level')) && <Link to="/settings/channels/capabilities" search={{ channel: conversation.channel.id }} className={`${link} border border-line-2 bg-surface`}>{t('composer.what_it_can')}</Link>}
      {mends.has('choose_template') && <Button tone="filled" icon={LayoutTemplate} data-keys="T" onClick={() => onTemplate('')}>{t('composer.choose_template')}</Button>}
    </div>
  );
}
