import { Ban, BookUser, Check, ExternalLink, FileQuestion, List, ListChecks, MapPin, Megaphone, PhoneCall, PhoneOff, Reply, ShoppingCart } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Content, Message, Referral, RenderedTemplate } from '@/api/types';
import { Ltr, Phone } from '@/components/bdi';
import { Face } from '@/components/face';
import { t, useLocale } from '@/i18n';
import { cx } from '@/lib/cx';
import { money } from '@/lib/format';
import { MediaContent } from './media-content';
import { RichText } from './rich-text';

/** Every kind of message, laid out as the person on the other side sees it. */
export function MessageContent({ message, onView }: { message: Message; onView: (id: string) => void }) {
  useLocale();
  return (
    <>
      {message.referral && <ReferralCard referral={message.referral} />}
      <Body message={message} content={message.content} onView={onView} />
    </>
  );
}

function Body({ message, content, onView }: { message: Message; content: Content; onView: (id: string) => void }) {
  switch (content.kind) {
    case 'text': return <RichText text={content.text} />;
    case 'media': return <MediaContent message={message} content={content} onView={onView} />;
    case 'location': return <Location place={content} />;
    case 'contacts': return <div className="flex flex-col gap-2">{content.cards.map((card, i) => <Card key={card.formatted_name ?? i} card={card} />)}</div>;
    case 'interactive': return <Interactive content={content} />;
    case 'template': return <Template message={message} rendered={content.rendered} name={content.name} onView={onView} />;
    case 'button_reply': return <p className="flex items-center gap-2"><Reply size={14} strokeWidth={1.75} aria-hidden className="mirror text-ink-3" /><span dir="auto">{content.title}</span></p>;
    case 'list_reply': return <div><p className="flex items-center gap-2"><Check size={14} aria-hidden className="text-ink-3" /><span dir="auto">{content.title}</span></p>{content.description && <p dir="auto" className="text-12 text-ink-3">{content.description}</p>}</div>;
    case 'order': return <Order content={content} />;
    case 'form_reply': return <FormReply content={content} />;
    case 'call_permission_reply': return <Line icon={content.accepted ? PhoneCall : PhoneOff}>{content.accepted ? t('message.call_accepted') : t('message.call_declined')}</Line>;
    case 'unsupported': return <Line icon={Ban}>{t('message.unsupported')}</Line>;
    case 'unknown': return <Line icon={FileQuestion}>{t('message.unknown', { kind: content.original })}</Line>;
  }
}

function Line({ icon: Icon, children }: { icon: typeof Ban; children: ReactNode }) {
  return <p className="flex items-start gap-2 text-13 text-ink-2"><Icon size={16} strokeWidth={1.75} aria-hidden className="mt-0.5 shrink-0" /><span>{children}</span></p>;
}

function ReferralCard({ referral }: { referral: Referral }) {
  const words = referral.source_type === 'post' ? t('message.from_post') : t('message.from_ad');
  return (
    <div className="mb-1.5 overflow-hidden rounded-10 border border-line bg-info-soft">
      <div className="px-3 py-2">
        <p className="flex items-center gap-1.5 text-11 font-semibold text-info"><Megaphone size={13} strokeWidth={1.75} aria-hidden className="mirror" />{words}</p>
        {referral.headline && <p dir="auto" className="text-start text-13 font-semibold">{referral.headline}</p>}
        {referral.body && <p dir="auto" className="text-start text-12 text-ink-2">{referral.body}</p>}
        {referral.source_url && /^https?:/.test(referral.source_url) && <a href={referral.source_url} target="_blank" rel="noreferrer noopener" className="mt-1 inline-flex items-center gap-1 text-12 font-medium text-brand-ink hover:underline"><ExternalLink size={13} aria-hidden />{t('message.open_ad')}</a>}
      </div>
    </div>
  );
}

/** Two buttons that fit stand side by side, else one under another. */
export function Buttons({ items, stacked }: { items: { text: string; icon?: ReactNode }[]; stacked?: boolean }) {
  if (!items.length) return null;
  const row = !stacked && items.length === 2 && items.every((item) => item.text.length < 14);
  return (
    <div className={cx('-mx-3 mt-1.5 -mb-1.5 border-t border-[color-mix(in_oklab,var(--ink)_10%,transparent)]', row ? 'grid grid-cols-2 divide-x divide-[color-mix(in_oklab,var(--ink)_10%,transparent)]' : 'flex flex-col divide-y divide-[color-mix(in_oklab,var(--ink)_10%,transparent)]')}>
      {items.map((item) => (
        <span key={item.text} className="flex min-h-9 items-center justify-center gap-2 px-3 text-13 font-medium text-brand-ink">{item.icon}<bdi>{item.text}</bdi></span>
      ))}
    </div>
  );
}

function Interactive({ content }: { content: Extract<Content, { kind: 'interactive' }> }) {
  return (
    <div>
      {content.header?.type === 'text' && <p dir="auto" className="text-start font-semibold">{content.header.text}</p>}
      <RichText text={content.body} />
      {content.footer && <p dir="auto" className="text-start text-12 text-ink-2">{content.footer}</p>}
    </div>
  );
}

/** What can be pressed stands under the time, under a line. */
export function MessageButtons({ content }: { content: Content }) {
  if (content.kind === 'template') return <Buttons items={(content.rendered?.buttons ?? []).map((button) => ({ text: button.text, icon: buttonIcon(button.kind) }))} />;
  if (content.kind !== 'interactive') return null;
  const { action } = content;
  const icon = (Icon: typeof List, mirror = false) => <Icon size={15} strokeWidth={1.75} aria-hidden className={mirror ? 'mirror' : undefined} />;
  switch (action.type) {
    case 'buttons': return <Buttons items={action.buttons.map((button) => ({ text: button.title, icon: icon(Reply, true) }))} />;
    case 'url_button': return <Buttons items={[{ text: action.display_text, icon: icon(ExternalLink) }]} />;
    case 'location_request': return <Buttons items={[{ text: t('message.location_request'), icon: icon(MapPin) }]} />;
    case 'contact_request': return <Buttons items={[{ text: t('message.contact_request'), icon: icon(BookUser) }]} />;
    case 'list': return (
      <details>
        <summary className="-mx-3 mt-1.5 -mb-1.5 flex min-h-9 list-none items-center justify-center gap-2 border-t border-[color-mix(in_oklab,var(--ink)_10%,transparent)] text-13 font-medium text-brand-ink focus-inset">{icon(List, true)}<bdi>{action.button}</bdi></summary>
        <div className="mt-3">
          {action.sections.map((section, i) => (
            <div key={section.title ?? i} className="border-t border-line py-1">
              {section.title && <p dir="auto" className="text-start text-11 font-semibold text-ink-2">{section.title}</p>}
              {section.rows.map((row) => <p key={row.id} dir="auto" className="py-0.5 text-start text-13">{row.title} {row.description && <span className="text-12 text-ink-2">{row.description}</span>}</p>)}
            </div>
          ))}
        </div>
      </details>
    );
  }
}

function Template({ message, rendered, name, onView }: { message: Message; rendered: RenderedTemplate | undefined; name: string; onView: (id: string) => void }) {
  if (!rendered) return <RichText text={name} />;
  return (
    <div>
      {message.media && <MediaContent message={message} content={{ kind: 'media', media_kind: message.media.media_kind }} onView={onView} />}
      {rendered.header && <p dir="auto" className="text-start font-semibold">{rendered.header}</p>}
      <RichText text={rendered.body} />
      {rendered.footer && <p dir="auto" className="text-start text-12 text-ink-2">{rendered.footer}</p>}
    </div>
  );
}

export function buttonIcon(kind: string) {
  const Icon = kind === 'quick_reply' ? Reply : kind === 'phone_number' ? PhoneCall : kind === 'url' ? ExternalLink : null;
  return Icon && <Icon size={15} strokeWidth={1.75} aria-hidden className={kind === 'quick_reply' ? 'mirror' : undefined} />;
}

function Location({ place }: { place: Extract<Content, { kind: 'location' }> }) {
  const href = place.url && /^https?:/.test(place.url) ? place.url : `https://www.openstreetmap.org/?mlat=${place.latitude}&mlon=${place.longitude}#map=16/${place.latitude}/${place.longitude}`;
  return (
    <a href={href} target="_blank" rel="noreferrer noopener" className="flex w-64 max-w-full items-center gap-3 rounded-10 bg-sunken p-2.5 hover:bg-hover">
      <span className="grid size-11 shrink-0 place-items-center rounded-9 bg-bad-soft text-bad"><MapPin size={20} strokeWidth={1.75} aria-hidden /></span>
      <span className="min-w-0">
        <span dir="auto" className="block truncate text-start text-13 font-semibold">{place.name ?? t('kind.location')}</span>
        {place.address && <span dir="auto" className="block truncate text-start text-12 text-ink-2">{place.address}</span>}
        <Ltr className="text-11 text-ink-3">{`${place.latitude.toFixed(4)}, ${place.longitude.toFixed(4)}`}</Ltr>
        <span className="sr-only">{t('message.open_map')}</span>
      </span>
    </a>
  );
}

function Card({ card }: { card: Extract<Content, { kind: 'contacts' }>['cards'][number] }) {
  const name = card.formatted_name ?? [card.first_name, card.last_name].filter(Boolean).join(' ');
  return (
    <div className="w-64 max-w-full rounded-10 bg-sunken p-2.5">
      <div className="flex items-center gap-2.5">
        <Face id={name} name={name} size={36} />
        <span className="min-w-0"><bdi className="block truncate text-13 font-semibold">{name}</bdi>{(card.own || card.company) && <bdi className="block truncate text-12 text-ink-3">{card.own ? t('message.own_card') : card.company}</bdi>}</span>
      </div>
      <ul className="mt-2 flex flex-col gap-0.5 text-13">
        {card.phones?.map((item) => <li key={item.phone}><a href={`tel:${item.phone}`} className="text-brand-ink hover:underline"><Phone value={item.phone} /></a></li>)}
        {card.emails?.map((item) => <li key={item.value}><Ltr className="break-all text-ink-2">{item.value}</Ltr></li>)}
        {card.urls?.map((item) => <li key={item.value}><Ltr className="break-all text-ink-2">{item.value}</Ltr></li>)}
      </ul>
    </div>
  );
}

function Order({ content }: { content: Extract<Content, { kind: 'order' }> }) {
  const sum = content.items.reduce((total, item) => total + item.item_price * item.quantity, 0);
  const price = (amount: number, currency: string) => money(Math.round(amount * 100), currency);
  return (
    <div className="w-64 max-w-full">
      <p className="flex items-center gap-2 text-13 font-semibold"><ShoppingCart size={16} strokeWidth={1.75} aria-hidden />{t('kind.order')} · {t('message.order_items', { n: content.items.length })}</p>
      <ul className="mt-1.5 flex flex-col gap-1 border-y border-line py-1.5 text-13">
        {content.items.map((item) => (
          <li key={item.product_retailer_id} className="flex justify-between gap-3"><span className="min-w-0 truncate"><Ltr>{item.product_retailer_id}</Ltr> <span className="text-ink-3">{t('message.quantity', { n: item.quantity })}</span></span><Ltr>{price(item.item_price * item.quantity, item.currency)}</Ltr></li>
        ))}
      </ul>
      <p className="mt-1 flex justify-between text-13 font-semibold"><span>{t('message.total')}</span><Ltr>{price(sum, content.items[0]?.currency ?? 'ILS')}</Ltr></p>
      {content.text && <RichText text={content.text} className="mt-1" />}
    </div>
  );
}

function FormReply({ content }: { content: Extract<Content, { kind: 'form_reply' }> }) {
  let answers: [string, string][] = [];
  try {
    const parsed: unknown = JSON.parse(content.response);
    if (parsed && typeof parsed === 'object') answers = Object.entries(parsed).filter(([key]) => key !== 'flow_token').map(([key, value]) => [key, typeof value === 'string' ? value : JSON.stringify(value)]);
  } catch {
    answers = [['', content.response]];
  }
  return (
    <div>
      <p className="flex items-center gap-2 text-13 font-semibold"><ListChecks size={16} strokeWidth={1.75} aria-hidden className="mirror" />{t('message.form_answers')}</p>
      <dl className="mt-1 grid grid-cols-[auto_1fr] gap-x-4 gap-y-0.5 text-13">{answers.map(([key, value]) => <div key={key} className="contents"><dt className="text-ink-3"><bdi>{key}</bdi></dt><dd dir="auto" className="text-start">{value}</dd></div>)}</dl>
    </div>
  );
}
