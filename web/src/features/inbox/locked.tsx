import { Link } from '@tanstack/react-router';
import { Ban, LayoutTemplate, Lock, Phone, RadioTower, StickyNote, Unplug } from 'lucide-react';
import type { KeyboardEvent } from 'react';
import type { Conversation, Decision } from '@/api/types';
import { Button } from '@/components/button';
import { t, useLocale } from '@/i18n';

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
  const Icon = closed ? Lock : code === 'channel_disconnected' ? Unplug : Ban;
  const words = closed ? t('composer.locked_window') : code === 'opted_out' ? t('composer.locked_opted_out') : code === 'channel_disconnected' ? t('composer.locked_channel_disconnected') : t('composer.locked_other');
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
      {mends.has('choose_template') && <Button tone="filled" icon={LayoutTemplate} data-keys="T" onClick={() => onTemplate('')}>{t('composer.choose_template')}</Button>}
    </div>
  );
}
