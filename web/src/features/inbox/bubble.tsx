import { Bot, Braces, CircleSlash, FileUp, Forward, Headset, Info, LayoutTemplate, Pencil, Smartphone, StickyNote } from 'lucide-react';
import { memo } from 'react';
import type { Conversation, Message } from '@/api/types';
import { Ltr } from '@/components/bdi';
import { Ticks } from '@/components/ticks';
import { t, useLocale } from '@/i18n';
import { cx } from '@/lib/cx';
import { dateTime, moment, time } from '@/lib/format';
import { BubbleActions } from './bubble-actions';
import { MessageButtons, MessageContent } from './content';
import { Waiting } from './decision-line';
import { Failure, Unclear } from './failure';
import { nameOf } from './name';
import { Quote } from './quote';

export interface BubbleProps {
  message: Message; conversation: Conversation; joined: boolean; last: boolean; tabbable: boolean;
  onReply: (message: Message) => void; onJump: (id: string) => void; onView: (id: string) => void; onTemplate: () => void; onEdit: (text: string) => void;
}

export const isBot = (message: Message) => message.direction === 'out' && (message.author.kind === 'flow' || message.author.kind === 'automation');

function looks(message: Message): string {
  if (message.direction === 'note') return 'bg-note border border-dashed border-warn-solid';
  if (message.direction === 'in') return 'bg-in border border-line';
  return isBot(message) ? 'bg-bot' : 'bg-own';
}

/** The customer at the inline start, we at the inline end; only the last of a run has the corner. */
export const Bubble = memo(function Bubble(props: BubbleProps) {
  useLocale();
  const { message, conversation, joined, last, tabbable } = props;
  const mine = message.direction !== 'in';
  const revoked = !!message.revoked_at;
  const sticker = message.content.kind === 'media' && message.content.media_kind === 'sticker' && !revoked;
  const who = message.direction === 'in' ? nameOf(conversation.contact) : message.author.name ?? t('message.you');
  return (
    <article
      data-message={message.id} tabIndex={tabbable ? 0 : -1} aria-label={`${who}, ${time(message.at)}`}
      className={cx('group/message flex flex-col rounded-14', joined ? 'mt-0.5' : 'mt-2', mine ? 'items-end' : 'items-start', !!message.reactions.length && 'mb-3')}
    >
      <div className={cx('flex w-full items-center gap-1', mine && 'flex-row-reverse')}>
        <div
          className={cx(
            'relative min-w-18 max-w-[min(560px,74%)] rounded-14 px-3 py-1.5 max-small:max-w-[86%]', sticker ? 'bg-transparent' : cx(looks(message), message.direction !== 'note' && 'shadow-e1'),
            last && (mine ? 'rounded-ee-[4px]' : 'rounded-es-[4px]'),
          )}
        >
          {revoked ? (
            <p className="flex items-center gap-2 text-ink-3"><CircleSlash size={16} strokeWidth={1.75} aria-hidden />{t('message.revoked')}</p>
          ) : (
            <>
              <Label message={message} name={joined || message.author.name === nameOf(conversation.contact) ? null : message.author.name} />
              {message.reply_to && <Quote message={message} conversation={conversation} onJump={props.onJump} />}
              <MessageContent message={message} onView={props.onView} />
            </>
          )}
          <Meta message={message} />
          {!revoked && <MessageButtons content={message.content} />}
          {!!message.reactions.length && (
            <span className={cx('absolute -bottom-3.5 flex gap-0.5 rounded-full border border-line bg-surface px-1.5 text-13 shadow-e1', mine ? 'start-3' : 'start-3')} aria-label={message.reactions.map((reaction) => reaction.emoji).join(' ')}>
              {message.reactions.map((reaction) => <span key={reaction.by + reaction.emoji}>{reaction.emoji}</span>)}
            </span>
          )}
        </div>
        {!revoked && <BubbleActions {...props} />}
      </div>
      {message.delivery === 'queued' && <Waiting message={message} conversation={conversation} />}
      {message.delivery === 'unclear' && <Unclear message={message} />}
      {(message.delivery === 'failed' || message.delivery === 'refused') && <Failure message={message} onTemplate={props.onTemplate} onEdit={props.onEdit} />}
    </article>
  );
});

/** What sent this, if not a person's hand. */
function Label({ message, name }: { message: Message; name: string | null }) {
  const { author, content } = message;
  const line = (Icon: typeof Bot, words: string, colour: string) => <p className={cx('mb-0.5 flex items-center gap-1.5 text-11 font-semibold', colour)}><Icon size={13} strokeWidth={1.75} aria-hidden /><bdi>{words}</bdi></p>;
  if (message.direction === 'note') return line(StickyNote, t('message.note'), 'text-warn');
  if (isBot(message)) return line(Bot, [author.kind === 'flow' ? t('message.flow') : t('message.automatic'), author.name].filter(Boolean).join(' · '), 'text-bot-ink');
  if (content.kind === 'template') return line(LayoutTemplate, t('message.template', { name: content.name }), 'text-brand-ink');
  if (message.direction === 'out' && author.kind === 'api') return line(Braces, t('message.api'), 'text-ink-2');
  if (message.direction === 'out' && author.kind === 'phone') return line(Smartphone, t('message.phone'), 'text-ink-2');
  if (author.kind === 'import' && message.direction === 'in' && name) return <p className="mb-0.5 text-11 font-semibold text-ink-2"><bdi>{name}</bdi></p>;
  if (message.forwarded) return line(Forward, t('message.forwarded'), 'text-ink-3');
  return null;
}

function Meta({ message }: { message: Message }) {
  const scheduled = message.delivery === 'queued' && message.send_at;
  return (
    <p className={cx('mt-0.5 flex items-center justify-end gap-1.5 text-11', message.direction === 'in' ? 'text-ink-3' : 'text-ink-2')}>
      {message.resend_of && <span>{t('message.resend_of')}</span>}
      {message.author.kind === 'import' && <span title={t('message.imported')}><FileUp size={11} aria-label={t('message.imported')} /></span>}
      {message.late && message.received_at && <span className="flex items-center gap-1 text-warn"><Info size={12} aria-hidden />{t('message.late', { time: moment(message.received_at) })}</span>}
      {message.edited_at && !message.revoked_at && <span className="flex items-center gap-1"><Pencil size={11} aria-hidden />{t('message.edited')}</span>}
      {message.direction === 'note' && message.author.name && <span className="flex items-center gap-1"><Headset size={11} aria-hidden /><bdi>{message.author.name}</bdi></span>}
      {scheduled ? <span>{t('message.scheduled', { time: moment(scheduled) })}</span> : <time dateTime={message.at} title={dateTime(message.at)}><Ltr className="tabular">{time(message.at)}</Ltr></time>}
      {message.direction === 'out' && message.delivery && <Ticks delivery={message.delivery} />}
    </p>
  );
}
