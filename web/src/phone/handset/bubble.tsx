import { Ban, ChevronDown, CircleAlert, CircleHelp, Copy, Forward, Megaphone, Pencil, Reply, RotateCw, Trash2, UserRound, type LucideIcon } from 'lucide-react';
import { memo, type ReactNode, useRef } from 'react';
import { Ltr, Phone as PhoneNumber } from '@/components/bdi';
import { Face } from '@/components/face';
import { PopoverButton } from '@/components/popover';
import { Ticks } from '@/components/ticks';
import { t, useLocale } from '@/i18n';
import { now } from '@/lib/clock';
import { cx } from '@/lib/cx';
import { time } from '@/lib/format';
import { p, spoken } from '../i18n';
import { api } from '../model/api';
import { errorWords } from '../model/errors';
import type { Pending } from '../model/pending';
import type { Card, Message } from '../model/types';
import { previewOf, react, revoke } from './actions';
import { CardButtons, CardText } from './card';
import { usePhone } from './context';
import { onlyEmoji, plainText } from './markup';
import { Document, Film, MapTile, Picture, Progress, Voice } from './media';
import { AdPicture } from './pickers';
import { RichText } from './rich-text';

const EDITABLE_FOR = 15 * 60_000;
export const quickReactions = ['👍', '❤️', '😂', '😮', '😢', '🙏'];

interface Props { message: Message; pending?: Pending; last: boolean; onJump: (id: string) => void }

export const Bubble = memo(function Bubble({ message, pending, last, onJump }: Props) {
  useLocale();
  const phone = usePhone();
  const own = message.from === 'person';
  const menu = useRef<HTMLDivElement>(null);
  const touch = useTouch(() => !message.revoked && !pending && phone.setMode({ kind: 'reply', message }), () => menu.current?.querySelector('button')?.click());
  if (message.type === 'system') return <SystemLine text={message.content.body} />;
  const sticker = message.type === 'sticker' && !message.revoked;
  const bare = sticker || (message.type === 'text' && !message.quoted && !message.referral && !message.revoked && onlyEmoji(message.content.body));
  const card = message.type === 'template' || message.type === 'interactive' ? message.content : null;
  const reacted = message.reactions.length > 0 && !message.revoked;
  const who = own ? phone.person.name : phone.business.name;
  return (
    <article
      id={domId(phone.person.id, message.id)} aria-label={spoken('message.label', { who, time: time(message.at) })}
      className={cx('group/message relative flex max-w-full flex-col', own ? 'items-end' : 'items-start', reacted && 'pb-3')}
    >
      <div
        {...touch} onContextMenu={(event) => { if (!message.revoked && !pending && !(event.target as HTMLElement).closest('a,img,video')) { event.preventDefault(); menu.current?.querySelector('button')?.click(); } }}
        className={cx(
          'relative max-w-[86%] touch-pan-y text-14', card && 'min-w-44',
          !bare && 'rounded-14 shadow-e1', !bare && (own ? 'bg-own' : 'border border-line bg-in'), !bare && last && (own ? 'rounded-ee-[4px]' : 'rounded-es-[4px]'),
        )}
      >
        <div className={cx(!bare && 'px-3 pt-2 pb-1.5', isMedia(message) && !message.revoked && 'px-1.5 pt-1.5')}>
          {message.referral && !message.revoked && <ReferralCard message={message} />}
          {message.forwarded && !message.revoked && <Label icon={Forward} mirror>{p('message.forwarded')}</Label>}
          {message.quoted && !message.revoked && <Quote message={message} onJump={onJump} />}
          {message.revoked ? <Label icon={Ban}>{own ? p('message.revoked_own') : p('message.revoked')}</Label> : <Body message={message} pending={pending} />}
          <Foot message={message} pending={pending} padded={isMedia(message)} />
        </div>
        {card && !message.revoked && !card.cards && <CardButtons message={message} buttons={card.buttons} list={card.list} />}
        {!message.revoked && !pending && (
          <div ref={menu} className={cx('absolute top-1 z-1 opacity-0 transition-opacity duration-90 group-hover/message:opacity-100 focus-within:opacity-100 has-aria-expanded:opacity-100', own ? 'start-0 -translate-x-[calc(100%+4px)] rtl:translate-x-[calc(100%+4px)]' : 'end-0 translate-x-[calc(100%+4px)] rtl:-translate-x-[calc(100%+4px)]')}>
            <PopoverButton
              label={spoken('message.actions', { text: previewOf(message).slice(0, 40) })} placement="bottom start" content={(close) => <Actions message={message} close={close} />}
              className="grid size-7 place-items-center rounded-full border border-line bg-raised text-ink-2 shadow-e1 hover:text-ink"
            >
              <ChevronDown size={14} aria-hidden />
            </PopoverButton>
          </div>
        )}
        {reacted && (
          <button
            type="button" aria-label={spoken('message.reactions', { emoji: message.reactions.map((reaction) => reaction.emoji).join(' ') })}
            onClick={() => void react(phone, message, '')} disabled={!message.reactions.some((reaction) => reaction.from === 'person')}
            className="emoji absolute start-2 -bottom-3 z-1 flex h-6 items-center gap-0.5 rounded-full border border-line bg-surface px-1.5 text-13 shadow-e1"
          >
            {[...new Set(message.reactions.map((reaction) => reaction.emoji))].map((emoji) => <span key={emoji}>{emoji}</span>)}
          </button>
        )}
      </div>
      {card?.cards && !message.revoked && <Carousel message={message} cards={card.cards} />}
      {pending?.error && <Failed pending={pending} />}
    </article>
  );
});

export const domId = (person: string, id: string) => `m-${person}-${id.replace(/[^\w-]/g, '_')}`;
const isMedia = (message: Message) => ['image', 'video', 'location', 'document'].includes(message.type) || ((message.type === 'template' || message.type === 'interactive') && !!message.content.header && message.content.header.type !== 'text');

function Label({ icon: Icon, mirror, children }: { icon: LucideIcon; mirror?: boolean; children: ReactNode }) {
  return <p className="flex items-center gap-1.5 pb-0.5 text-13 text-ink-2"><Icon size={14} strokeWidth={1.75} aria-hidden className={cx('shrink-0', mirror && 'mirror')} />{children}</p>;
}

function Foot({ message, pending, padded }: { message: Message; pending?: Pending; padded: boolean }) {
  const delivery = pending ? (pending.error ? 'failed' : 'queued') : message.ticks === 'sending' ? 'sent' : message.ticks;
  return (
    <p className={cx('mt-0.5 flex items-center justify-end gap-1 text-11 text-ink-2', padded && 'px-1.5')}>
      {message.edited && !message.revoked && <span>{p('message.edited')}</span>}
      <Ltr>{time(message.at)}</Ltr>
      {message.from === 'person' && delivery && <Ticks delivery={delivery} />}
    </p>
  );
}

function Quote({ message, onJump }: { message: Message; onJump: (id: string) => void }) {
  const phone = usePhone();
  const quoted = message.quoted!;
  return (
    <button
      type="button" onClick={() => onJump(quoted.id)}
      className={cx('mb-1.5 block w-full rounded-7 border-s-3 border-brand-2 px-2 py-1 text-12', message.from === 'person' ? 'bg-own-quote' : 'bg-in-quote')}
    >
      <span className="sr-only">{p('message.in_reply')}</span>
      <span dir="auto" className="block text-start font-semibold text-brand-ink">{quoted.from === 'person' ? p('message.you') : phone.business.name}</span>
      <span dir="auto" className="line-clamp-2 text-start text-ink-2 wrap-anywhere">{plainText(quoted.preview) || p('kind.message')}</span>
    </button>
  );
}

function ReferralCard({ message }: { message: Message }) {
  const { referral } = message;
  return (
    <div className="mb-1.5 w-60 max-w-full overflow-hidden rounded-10 bg-own-quote">
      <AdPicture id={referral?.source_url ?? ''} />
      <div className="px-2.5 py-1.5">
        <p className="flex items-center gap-1.5 text-11 text-ink-2"><Megaphone size={12} aria-hidden className="mirror" />{p('ad.from')}</p>
        {referral?.headline && <p dir="auto" className="text-start text-13 font-semibold">{referral.headline}</p>}
        {referral?.body && <p dir="auto" className="text-start text-12 text-ink-2">{referral.body}</p>}
      </div>
    </div>
  );
}

function Body({ message, pending }: { message: Message; pending?: Pending }) {
  const phone = usePhone();
  switch (message.type) {
    case 'text':
      return onlyEmoji(message.content.body) ? <p className="emoji text-[2.5rem] leading-tight">{message.content.body}</p> : <RichText text={message.content.body} />;
    case 'template': case 'interactive':
      return <CardText header={message.content.header} body={message.content.body} footer={message.content.footer} offer={message.content.offer} />;
    case 'image': {
      const { media, caption } = message.content;
      const label = caption || p('kind.image');
      const open = () => phone.sheet({ title: label, full: true, body: <div className="grid h-full place-items-center"><img src={media.url} alt={label} className="max-h-full object-contain" /></div> });
      return (
        <>
          <span className="relative block w-60 max-w-full"><Picture media={media} label={label} {...(pending ? {} : { onOpen: open })} />{pending && !pending.error && <Progress pending={pending} />}</span>
          {caption && <RichText text={caption} className="px-1.5 pt-1" />}
        </>
      );
    }
    case 'video':
      return (
        <>
          <span className="relative block w-60 max-w-full"><Film media={message.content.media} label={message.content.caption || p('kind.video')} />{pending && !pending.error && <Progress pending={pending} />}</span>
          {message.content.caption && <RichText text={message.content.caption} className="px-1.5 pt-1" />}
        </>
      );
    case 'document':
      return (
        <>
          <span className="relative block"><Document media={message.content.media} filename={message.content.filename} />{pending && !pending.error && <Progress pending={pending} />}</span>
          {message.content.caption && <RichText text={message.content.caption} className="px-1.5 pt-1" />}
        </>
      );
    case 'audio':
      return <Voice media={message.content.media} onPlay={() => message.from === 'business' && void api.played(phone.person.id, phone.business.id, message.id).catch((error: unknown) => phone.notice(errorWords(error)))} />;
    case 'sticker':
      return <Picture sticker media={message.content.media} label={p('kind.sticker')} />;
    case 'location':
      return <MapTile place={message.content} />;
    case 'contacts':
      return (
        <ul className="flex w-56 max-w-full flex-col gap-2">
          {message.content.contacts.map((contact, i) => {
            const name = contact.name?.formatted_name ?? p('kind.contacts');
            const number = contact.phones?.[0]?.phone ?? contact.phones?.[0]?.wa_id;
            return (
              <li key={i} className="flex items-center gap-2.5 py-0.5">
                <Face id={number ?? name} name={name} size={36} />
                <span className="min-w-0">
                  <span dir="auto" className="by-layout block truncate font-medium">{name}</span>
                  {number ? <PhoneNumber value={number.replace(/[^\d+]/g, '')} className="text-12 text-ink-2" /> : contact.org?.company && <bdi className="text-12 text-ink-2">{contact.org.company}</bdi>}
                </span>
              </li>
            );
          })}
        </ul>
      );
    case 'button':
      return <RichText text={message.content.text} />;
    case 'reply':
      return <><RichText text={message.content.title} />{message.content.description && <p dir="auto" className="text-start text-12 text-ink-2">{message.content.description}</p>}</>;
    case 'form':
      return (
        <>
          <p dir="auto" className="text-start font-medium">{message.content.body || p('form.sent')}</p>
          <dl className="mt-1 text-12 text-ink-2">
            {Object.entries(message.content.response).filter(([name]) => name !== 'flow_token').map(([name, value]) => <div key={name} className="flex gap-1.5"><dt className="shrink-0"><Ltr>{name}</Ltr>:</dt><dd className="min-w-0 wrap-anywhere"><bdi>{String(value)}</bdi></dd></div>)}
          </dl>
        </>
      );
    case 'order':
      return <Label icon={UserRound}>{p('order.items', { n: message.content.order.product_items?.length ?? 0 })}</Label>;
    case 'unsupported':
      return <Label icon={CircleHelp}>{message.content.kind === 'poll' ? p('kind.poll') : p('kind.unsupported')}</Label>;
    default:
      return null;
  }
}

function Carousel({ message, cards }: { message: Message; cards: NonNullable<Card['cards']> }) {
  return (
    <div role="group" aria-label={p('card.carousel')} className="mt-1 flex max-w-full snap-x gap-2 overflow-x-auto pb-1">
      {cards.map((card, i) => (
        <div key={i} className="w-56 shrink-0 snap-start overflow-hidden rounded-14 border border-line bg-in">
          <div className="p-2"><CardText header={card.header} body={card.body} /></div>
          <CardButtons message={message} buttons={card.buttons} card={i} />
        </div>
      ))}
    </div>
  );
}

export function SystemLine({ text }: { text: string }) {
  return <p dir="auto" className="mx-auto my-1 max-w-[86%] rounded-12 bg-grey-soft px-3 py-1 text-center text-12 text-ink-2">{text}</p>;
}

function Failed({ pending }: { pending: Pending }) {
  return (
    <div role="alert" className="mt-1 flex max-w-[86%] flex-wrap items-center gap-2 rounded-12 bg-bad-soft py-2 ps-2.5 pe-1.5 text-12">
      <CircleAlert size={16} strokeWidth={1.75} aria-hidden className="shrink-0 text-bad" />
      <p className="min-w-48 flex-1"><b className="font-semibold text-bad">{p('message.not_sent')}</b> {errorWords(pending.error)}</p>
      <button type="button" onClick={pending.retry} className="inline-flex h-8 shrink-0 items-center gap-1.5 rounded-7 border border-line-2 bg-surface px-2 font-medium hover:bg-hover"><RotateCw size={13} aria-hidden />{t('action.retry')}</button>
      <button type="button" aria-label={p('message.discard')} data-tip={p('message.discard')} onClick={pending.cancel} className="grid size-8 shrink-0 place-items-center rounded-7 text-ink-2 hover:bg-hover"><Trash2 size={14} aria-hidden /></button>
    </div>
  );
}

function Actions({ message, close }: { message: Message; close: () => void }) {
  useLocale();
  const phone = usePhone();
  const own = message.from === 'person';
  const mine = message.reactions.find((reaction) => reaction.from === 'person')?.emoji;
  const text = message.type === 'text' ? message.content.body : message.type === 'template' || message.type === 'interactive' ? message.content.body : null;
  const editable = own && message.type === 'text' && now() - Date.parse(message.at) < EDITABLE_FOR;
  const entry = (label: string, Icon: LucideIcon, run: () => void, extra: { mirror?: boolean; danger?: boolean; hint?: string } = {}) => (
    <button
      type="button" onClick={() => { close(); run(); }}
      className={cx('focus-inset flex min-h-[34px] w-full items-center gap-2.5 rounded-9 px-2.5 py-1 text-13 hover:bg-hover max-small:min-h-11', extra.danger && 'text-bad')}
    >
      <Icon size={16} strokeWidth={1.75} aria-hidden className={cx('shrink-0', !extra.danger && 'text-ink-2', extra.mirror && 'mirror')} />
      <span><span className="block">{label}</span>{extra.hint && <span className="block text-12 text-ink-3">{extra.hint}</span>}</span>
    </button>
  );
  const seen = phone.business.on_business_app ? undefined : p('message.not_seen');
  return (
    <div className="w-60 p-1">
      <div role="group" aria-label={p('message.react')} className="mb-1 flex justify-between border-b border-line pb-1">
        {quickReactions.map((emoji) => (
          <button key={emoji} type="button" aria-label={emoji} aria-pressed={mine === emoji} onClick={() => { close(); void react(phone, message, mine === emoji ? '' : emoji); }} className={cx('emoji grid size-9 place-items-center rounded-9 text-20 hover:bg-hover', mine === emoji && 'bg-brand-soft')}>
            {emoji}
          </button>
        ))}
      </div>
      {entry(p('message.reply'), Reply, () => phone.setMode({ kind: 'reply', message }), { mirror: true })}
      {text && entry(t('action.copy'), Copy, () => void navigator.clipboard?.writeText(text).catch(() => undefined))}
      {editable && entry(t('action.edit'), Pencil, () => phone.setMode({ kind: 'edit', message }), seen ? { hint: seen } : {})}
      {own && entry(p('message.revoke'), Trash2, () => void revoke(phone, message), { danger: true, ...(seen ? { hint: seen } : {}) })}
    </div>
  );
}

/** On a touch screen a swipe towards the inline end answers a message, and a long press opens its actions. */
function useTouch(onReply: () => void, onHold: () => void) {
  const start = useRef<{ x: number; y: number } | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const end = (event: React.PointerEvent<HTMLElement>) => {
    clearTimeout(timer.current);
    const from = start.current;
    start.current = null;
    event.currentTarget.style.transform = '';
    if (!from) return;
    const rtl = document.documentElement.dir === 'rtl';
    if ((event.clientX - from.x) * (rtl ? -1 : 1) > 56 && Math.abs(event.clientY - from.y) < 40) onReply();
  };
  return {
    onPointerDown: (event: React.PointerEvent<HTMLElement>) => {
      if (event.pointerType === 'mouse' || (event.target as HTMLElement).closest('button,a,video')) return;
      start.current = { x: event.clientX, y: event.clientY };
      timer.current = setTimeout(() => {
        start.current = null;
        onHold();
      }, 500);
    },
    onPointerMove: (event: React.PointerEvent<HTMLElement>) => {
      if (!start.current) return;
      const rtl = document.documentElement.dir === 'rtl';
      const moved = (event.clientX - start.current.x) * (rtl ? -1 : 1);
      if (Math.abs(event.clientX - start.current.x) + Math.abs(event.clientY - start.current.y) > 8) clearTimeout(timer.current);
      event.currentTarget.style.transform = moved > 8 ? `translateX(${(rtl ? -1 : 1) * Math.min(moved, 72)}px)` : '';
    },
    onPointerUp: end,
    onPointerCancel: (event: React.PointerEvent<HTMLElement>) => {
      clearTimeout(timer.current);
      start.current = null;
      event.currentTarget.style.transform = '';
    },
  };
}
