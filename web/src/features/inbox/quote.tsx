import type { Conversation, Message } from '@/api/types';
import { t, useLocale } from '@/i18n';
import { cx } from '@/lib/cx';
import { kindIcon, kindName } from './kinds';
import { nameOf } from './name';

/** The message answered: a tap goes there and flashes it. */
export function Quote({ message, conversation, onJump }: { message: Message; conversation: Conversation; onJump: (id: string) => void }) {
  useLocale();
  const quoted = message.reply_to;
  if (!quoted) return null;
  const id = quoted.message_id;
  return (
    <button type="button" disabled={!id} onClick={() => id && onJump(id)} className="mb-1 block w-full cursor-pointer rounded-7 text-start disabled:cursor-default">
      <QuoteBox mine={message.direction === 'out'} who={quoted.direction === 'in' ? nameOf(conversation.contact) : t('message.you')} kind={quoted.kind ?? 'text'} text={id || quoted.text ? quoted.text ?? '' : t('message.reply_gone')} />
    </button>
  );
}

export function QuoteBox({ who, kind, text, mine }: { who: string; kind: string; text: string; mine?: boolean }) {
  const Icon = kindIcon(kind);
  return (
    <span className={cx('block rounded-7 border-s-[3px] border-brand-2 px-2.5 py-1.5', mine ? 'bg-own-quote' : 'bg-in-quote')}>
      <bdi className="block truncate text-12 font-semibold text-brand-ink">{who}</bdi>
      <span className="flex items-center gap-1.5 text-12 text-ink-2">
        {Icon && <Icon size={14} strokeWidth={1.75} aria-hidden className="shrink-0" />}
        <span dir="auto" className="line-clamp-2 min-w-0 flex-1 text-start">{text || kindName(kind)}</span>
      </span>
    </span>
  );
}
