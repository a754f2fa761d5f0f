import { Check, Copy, ExternalLink, FormInput, List, MapPin, PanelBottomOpen, Phone as PhoneIcon, PhoneCall, Reply, ShoppingBag, Tag, UserRound, type LucideIcon } from 'lucide-react';
import { useState } from 'react';
import { Ltr, Phone as PhoneNumber } from '@/components/bdi';
import { Button } from '@/components/button';
import { Field } from '@/components/field';
import { t, useLocale } from '@/i18n';
import { cx } from '@/lib/cx';
import { p } from '../i18n';
import type { ButtonType, Card, CardButton, Header, ListRow, Message } from '../model/types';
import { chooseRow, pressOther, pressReply, sendForm, shareOwnContact } from './actions';
import { usePhone } from './context';
import { Document, Film, MapTile, Picture } from './media';
import { PlaceList } from './pickers';
import { RichText } from './rich-text';

const icons: Record<ButtonType, LucideIcon> = {
  quick_reply: Reply, url: ExternalLink, phone: PhoneIcon, copy_code: Copy, flow: FormInput, location_request: MapPin, contact_request: UserRound,
  call: PhoneCall, catalog: ShoppingBag, call_permission: PhoneCall,
};
/** Buttons whose words are WhatsApp's own, in the language of the phone. */
type OwnLabel = 'copy_code' | 'location_request' | 'contact_request' | 'call_permission' | 'catalog';
const ownLabels = new Set<ButtonType>(['copy_code', 'location_request', 'contact_request', 'call_permission', 'catalog']);
const mirrored = new Set<ButtonType>(['quick_reply']);

function CardHeader({ header }: { header: Header }) {
  if (header.type === 'text') return <p dir="auto" className="text-start font-semibold">{header.text}</p>;
  if (header.type === 'location') return <MapTile place={header.location} className="w-full pb-1" />;
  if (header.type === 'document') return <Document media={header.media} filename={header.filename} className="w-full" />;
  if (header.type === 'video') return <Film media={header.media} label={p('kind.video')} className="w-64" />;
  return <Picture media={header.media} label={p('kind.image')} className="w-64 max-w-full" />;
}

export function CardText({ header, body, footer, offer }: { header: Header | null; body: string; footer?: string | null; offer?: string | null }) {
  return (
    <div className="flex flex-col gap-1.5">
      {header && <CardHeader header={header} />}
      {offer && <p className="flex items-center gap-2 rounded-9 bg-brand-soft px-2.5 py-1.5 text-13 font-semibold text-brand-ink"><Tag size={15} strokeWidth={1.75} aria-hidden className="shrink-0" /><bdi>{offer}</bdi></p>}
      {body && <RichText text={body} />}
      {footer && <p dir="auto" className="text-start text-12 text-ink-2">{footer}</p>}
    </div>
  );
}

function CardLine({ icon: Icon, mirror, chosen, disabled, onClick, children }: { icon: LucideIcon; mirror?: boolean; chosen?: boolean; disabled?: boolean; onClick: () => void; children: string }) {
  return (
    <button
      type="button" onClick={onClick} disabled={disabled} aria-pressed={chosen || undefined}
      className="focus-inset flex min-h-10 w-full items-center justify-center gap-2 border-t border-line px-3 py-1.5 text-center text-13 font-semibold text-brand-ink hover:bg-hover last:rounded-b-14 disabled:text-ink-2 disabled:hover:bg-transparent"
    >
      {chosen ? <Check size={15} aria-hidden /> : <Icon size={15} strokeWidth={1.75} aria-hidden className={mirror ? 'mirror' : undefined} />}
      <bdi className="min-w-0 truncate">{children}</bdi>
    </button>
  );
}

/** Buttons as WhatsApp shows them: all while they are few, else the first two and a way to the rest. */
export function CardButtons({ message, buttons, list, card }: { message: Message; buttons: CardButton[]; list?: Card['list']; card?: number }) {
  useLocale();
  const phone = usePhone();
  const press = usePress(message, card);
  const line = (button: CardButton) => {
    const chosen = button.type === 'quick_reply' && !!message.answered && (message.answered === button.id || message.answered === String(button.index));
    return (
      <CardLine key={button.index} icon={icons[button.type]} mirror={mirrored.has(button.type)} chosen={chosen} disabled={chosen} onClick={() => press(button)}>
        {ownLabels.has(button.type) ? p(`button.${button.type as OwnLabel}`) : button.text}
      </CardLine>
    );
  };
  const folded = buttons.length > 3;
  const all = () => phone.sheet({ title: p('card.all_options'), body: <div className="-mx-4 [&>button:first-child]:border-t-0">{buttons.map(line)}</div> });
  return (
    <>
      {(folded ? buttons.slice(0, 2) : buttons).map(line)}
      {folded && <CardLine icon={PanelBottomOpen} onClick={all}>{p('card.all_options')}</CardLine>}
      {list && <CardLine icon={List} mirror onClick={() => phone.sheet(listSheet(phone, message, list))}>{list.button}</CardLine>}
    </>
  );
}

function usePress(message: Message, card?: number) {
  const phone = usePhone();
  return (button: CardButton) => {
    if (button.type !== 'quick_reply') phone.sheet(null);
    switch (button.type) {
      case 'quick_reply':
        phone.sheet(null);
        return void pressReply(phone, message, button, card);
      case 'url': case 'phone': case 'copy_code':
        void pressOther(phone, message, button, card);
        return phone.sheet({ title: button.type === 'copy_code' ? p('button.copy_code') : button.text, body: <Opened button={button} /> });
      case 'location_request':
        return phone.sheet({ title: p('attach.location'), body: <PlaceList reply={message} /> });
      case 'contact_request':
        return void shareOwnContact(phone, message);
      case 'flow':
        return phone.sheet({ title: button.text, body: <FormSheet message={message} /> });
      case 'call_permission':
        return void pressOther(phone, message, button, card);
      default:
        return phone.notice(p('card.not_played'));
    }
  };
}

/** Links, numbers and codes are shown, not followed: a person decides. */
function Opened({ button }: { button: CardButton }) {
  useLocale();
  const [copied, setCopied] = useState(false);
  const value = button.url ?? button.phone ?? button.code ?? '';
  const copy = async () => {
    await navigator.clipboard?.writeText(value).catch(() => undefined);
    setCopied(true);
  };
  return (
    <div className="flex flex-col gap-3 pb-2">
      <p className="text-13 text-ink-2">{p(button.type === 'url' ? 'opened.url' : button.type === 'phone' ? 'opened.phone' : 'opened.code')}</p>
      <p className="rounded-10 bg-sunken px-3 py-2 text-14 font-medium wrap-anywhere">{button.type === 'phone' ? <PhoneNumber value={value} /> : <Ltr>{value}</Ltr>}</p>
      <div className="flex flex-wrap gap-2">
        <Button tone="soft" size="large" icon={copied ? Check : Copy} onClick={() => void copy()}>{copied ? t('action.copied') : t('action.copy')}</Button>
        {button.type === 'url' && /^https?:\/\//i.test(value) && (
          <a href={value} target="_blank" rel="noreferrer noopener" className="inline-flex h-11 items-center gap-2 rounded-10 border border-line-2 px-4 text-14 font-medium hover:bg-hover">
            <ExternalLink size={16} strokeWidth={1.75} aria-hidden />{p('opened.go')}
          </a>
        )}
      </div>
    </div>
  );
}

function FormSheet({ message }: { message: Message }) {
  useLocale();
  const phone = usePhone();
  const [name, setName] = useState(phone.person.name);
  const [answer, setAnswer] = useState('');
  return (
    <form
      className="flex flex-col gap-3 pb-2"
      onSubmit={(event) => {
        event.preventDefault();
        phone.sheet(null);
        void sendForm(phone, message, { full_name: name, answer });
      }}
    >
      <p className="text-12 text-ink-2">{p('form.body')}</p>
      <Field label={p('form.name')} value={name} onChange={(event) => setName(event.target.value)} size="large" />
      <Field label={p('form.answer')} value={answer} onChange={(event) => setAnswer(event.target.value)} size="large" />
      <Button tone="filled" size="large" type="submit">{t('action.send')}</Button>
    </form>
  );
}

type PhoneOf = ReturnType<typeof usePhone>;

export function listSheet(phone: PhoneOf, message: Message, list: NonNullable<Card['list']>) {
  const content = message.type === 'interactive' || message.type === 'template' ? message.content : null;
  const header = content?.header?.type === 'text' ? content.header.text : null;
  const title = header ?? (content && content.body.length <= 48 && !content.body.includes('\n') ? content.body : list.button);
  return { title, body: <ListChoice message={message} list={list} onSend={(row) => { phone.sheet(null); void chooseRow(phone, message, row); }} /> };
}

function ListChoice({ message, list, onSend }: { message: Message; list: NonNullable<Card['list']>; onSend: (row: ListRow) => void }) {
  useLocale();
  const rows = list.sections.flatMap((section) => section.rows);
  const [chosen, setChosen] = useState<string | null>(rows.some((row) => row.id === message.answered) ? message.answered : null);
  const row = rows.find((other) => other.id === chosen);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (row) onSend(row);
      }}
    >
      {list.sections.map((section, i) => (
        <fieldset key={i} className="mb-1">
          {section.title && <legend className="pt-1 text-13 text-ink-2"><bdi>{section.title}</bdi></legend>}
          {section.rows.map((item) => (
            <label key={item.id} className="relative flex min-h-14 items-center gap-3 border-b border-line py-2">
              <span className="min-w-0 flex-1">
                <bdi className={cx('by-layout block', item.id === chosen ? 'font-semibold text-brand-ink' : 'font-medium')}>{item.title}</bdi>
                {item.description && <span dir="auto" className="by-layout block text-12 text-ink-2">{item.description}</span>}
              </span>
              <input type="radio" name={`list-${message.id}`} value={item.id} checked={item.id === chosen} onChange={() => setChosen(item.id)} className="peer absolute inset-0 m-0 size-full opacity-0" />
              <span aria-hidden className="grid size-5 shrink-0 place-items-center rounded-full border-[1.5px] border-control peer-checked:border-brand peer-checked:bg-brand peer-focus-visible:outline-2 peer-focus-visible:outline-offset-2 peer-focus-visible:outline-brand after:size-2 after:rounded-full peer-checked:after:bg-on-brand" />
            </label>
          ))}
        </fieldset>
      ))}
      <div className="sticky bottom-0 -mx-4 bg-surface px-4 pt-3 pb-3">
        <Button tone="filled" size="large" type="submit" disabled={!row} className="w-full rounded-full">{t('action.send')}</Button>
        {!row && <p className="pt-1.5 text-center text-12 text-ink-2">{p('list.choose_first')}</p>}
      </div>
    </form>
  );
}
