import { ArrowDownLeft, ArrowUpRight, Clock, FileCheck, QrCode, User, type LucideIcon } from 'lucide-react';
import { useState } from 'react';
import { Ltr } from '@/components/bdi';
import { Button } from '@/components/button';
import { Layer } from '@/components/layer';
import { t, useLocale } from '@/i18n';
import { cx } from '@/lib/cx';
import { time } from '@/lib/format';
import { type PhoneKey, p } from '../i18n';
import { useActivity, usePersons } from '../model/queries';
import type { Activity, Person } from '../model/types';

const SHOWN = 8;
const icons: Record<string, LucideIcon> = { webhook: ArrowUpRight, send: ArrowDownLeft, read: ArrowDownLeft, person: User, template: FileCheck, link: QrCode, clock: Clock };
const seconds = (at: string) => `${time(at)}:${at.slice(17, 19)}`;

// What a person wrote shows once, as what went to the business; the whole log has both.
const told = new Set(['text', 'reaction', 'press', 'choose', 'media', 'location', 'contacts', 'form', 'edit', 'revoke', 'unsupported']);

export function ActivityPart() {
  useLocale();
  const items = useActivity().data ?? [];
  const persons = usePersons().data ?? [];
  const [open, setOpen] = useState<number | null>(null);
  const newest = items.toReversed();
  return (
    <section aria-label={p('activity.title')} className="flex flex-1 flex-col gap-1 bg-sunken px-5 py-3">
      <div className="flex items-center justify-between pb-1">
        <h3 className="text-13 font-medium text-ink-2">{p('activity.title')}</h3>
        {items.length > 0 && <button type="button" onClick={() => setOpen(newest[0]?.seq ?? null)} className="rounded-7 px-1 text-13 font-medium text-brand-ink hover:underline max-small:h-11">{p('activity.json')}</button>}
      </div>
      {items.length === 0 && <p className="text-13 text-ink-2">{p('activity.empty')}</p>}
      <ol className="flex flex-col" aria-live="off">
        {newest.filter((item) => !(item.kind === 'person' && told.has(item.what))).slice(0, SHOWN).map((item) => (
          <li key={item.seq}>
            <button type="button" onClick={() => setOpen(item.seq)} className="flex min-h-7 w-full items-center gap-2.5 rounded-7 text-13 hover:bg-hover">
              <Line item={item} persons={persons} />
            </button>
          </li>
        ))}
      </ol>
      {open !== null && <Drawer items={newest} persons={persons} first={open} onClose={() => setOpen(null)} />}
    </section>
  );
}

function Line({ item, persons }: { item: Activity; persons: Person[] }) {
  const Icon = icons[item.kind] ?? ArrowUpRight;
  const bad = isBad(item);
  const name = persons.find((person) => person.id === item.person)?.name;
  return (
    <>
      <Ltr className="tabular shrink-0 text-12 text-ink-2">{seconds(item.at)}</Ltr>
      <Icon size={13} aria-hidden className={cx('shrink-0', item.kind === 'send' || item.kind === 'read' ? 'text-brand' : 'text-ink-2', (item.kind === 'webhook' || item.kind === 'send' || item.kind === 'read') && 'mirror')} />
      <span className="min-w-0 flex-1 truncate">
        {whatWords(item)}{name && <span className="text-ink-3"> · <bdi>{name}</bdi></span>}{item.summary?.text && <span className="text-ink-2"> · <bdi>{item.summary.text}</bdi></span>}
      </span>
      <span className={cx('max-w-32 shrink-0 truncate text-12', bad ? 'font-semibold text-bad' : 'text-ink-2')}>{outcomeWords(item)}</span>
    </>
  );
}

const badOutcomes = new Set(['error', 'no_callback', 'drop', 'timeout', 'html', 'empty', 'withheld']);
/** `error: timeout` is an error; what kind is in the whole log. */
const outcomeOf = (item: Activity) => item.outcome.split(':')[0] ?? '';
function isBad(item: Activity): boolean {
  if (badOutcomes.has(outcomeOf(item))) return true;
  return /^\d+$/.test(item.outcome) && !(item.kind === 'webhook' && item.outcome.startsWith('2'));
}

const types = new Set(['text', 'image', 'video', 'audio', 'document', 'sticker', 'location', 'contacts', 'template', 'interactive', 'reaction', 'button', 'reply', 'order', 'system', 'unsupported', 'edit', 'revoke']);
const statuses = new Set(['sent', 'delivered', 'read', 'played', 'failed']);
const fields = new Set(['user_preferences', 'message_template_status_update', 'message_template_quality_update', 'phone_number_quality_update', 'account_update', 'user_id_update', 'smb_message_echoes']);
const links = new Set(['linked', 'scan', 'starting', 'stopped', 'disconnected', 'failed', 'logged_out', 'banned', 'timelocked', 'yellow_card']);
const deeds = new Set(['text', 'reaction', 'press', 'choose', 'media', 'location', 'contacts', 'form', 'edit', 'revoke', 'unsupported', 'block', 'marketing', 'create', 'change', 'change_number']);

function whatWords(item: Activity): string {
  const type = item.summary?.type ?? '';
  const typed = (name: string) => (types.has(name) ? p(`type.${name}` as PhoneKey) : name);
  if (item.kind === 'webhook') {
    const status = /^status:(\w+)$/.exec(item.what)?.[1];
    if (status) return statuses.has(status) ? p(`status.${status}` as PhoneKey) : item.what;
    if (item.what === 'message') return p('activity.to_business', { what: typed(type === 'interactive' || type === 'button' ? 'reply' : type) });
    return fields.has(item.what) ? p(`field.${item.what}` as PhoneKey) : p('activity.to_business', { what: item.what });
  }
  if (item.kind === 'send') return p('activity.from_business', { what: typed(item.what) });
  if (item.kind === 'read') return item.what === 'typing' ? p('activity.typing') : p('activity.read');
  if (item.kind === 'person') return deeds.has(item.what) ? p(`deed.${item.what}` as PhoneKey) : item.what;
  if (item.kind === 'clock') return p('activity.wound');
  if (item.kind === 'template') return p('activity.template', { what: item.summary?.text ?? item.what });
  if (item.kind === 'link' && links.has(item.what)) return p(`linked.${item.what}` as PhoneKey);
  return `${item.kind} ${item.what}`;
}

function outcomeWords(item: Activity): string {
  if (item.kind === 'clock') return /^\d{4}-/.test(item.outcome) ? time(item.outcome) : item.outcome;
  if (item.outcome === 'done') return '';
  if (item.kind === 'webhook') {
    if (/^2\d\d$/.test(item.outcome)) return (item.attempt ?? 1) > 1 ? p('outcome.taken_again', { n: item.attempt ?? 1 }) : p('outcome.taken');
    if (item.outcome.startsWith('copy:')) return p('outcome.copy');
    if (/^\d+$/.test(item.outcome)) return p('outcome.status', { code: item.outcome });
  }
  if (item.outcome === 'accepted') return p('outcome.accepted');
  if (badOutcomes.has(outcomeOf(item))) return p(`outcome.${outcomeOf(item)}` as PhoneKey);
  return /^\d+$/.test(item.outcome) ? p('outcome.refused', { code: item.outcome }) : item.outcome;
}

/** What went over the wire, word for word. */
function Drawer({ items, persons, first, onClose }: { items: Activity[]; persons: Person[]; first: number; onClose: () => void }) {
  useLocale();
  const [open, setOpen] = useState<number | null>(first);
  return (
    <Layer title={p('activity.title')} kind="drawer" onClose={onClose}>
      <ol className="flex flex-col">
        {items.map((item) => (
          <li key={item.seq} ref={(element) => { if (item.seq === first && open === first) element?.scrollIntoView({ block: 'nearest' }); }} className="border-b border-line">
            <button type="button" aria-expanded={open === item.seq} onClick={() => setOpen(open === item.seq ? null : item.seq)} className="focus-inset flex min-h-10 w-full items-center gap-2.5 px-5 text-13 hover:bg-hover">
              <Line item={item} persons={persons} />
            </button>
            {open === item.seq && <Json value={item.json} />}
          </li>
        ))}
      </ol>
    </Layer>
  );
}

function Json({ value }: { value: unknown }) {
  const [copied, setCopied] = useState(false);
  const text = JSON.stringify(value, null, 2) ?? 'null';
  const copy = async () => {
    await navigator.clipboard?.writeText(text).catch(() => undefined);
    setCopied(true);
  };
  return (
    <div className="bg-sunken px-5 pb-3">
      <div className="flex justify-end py-1"><Button size="small" tone="ghost" onClick={() => void copy()}>{copied ? t('action.copied') : t('action.copy')}</Button></div>
      <pre dir="ltr" className="overflow-x-hidden rounded-10 border border-line bg-surface p-3 text-left font-mono text-12 leading-[1.125rem] whitespace-pre-wrap wrap-anywhere">{text}</pre>
    </div>
  );
}
