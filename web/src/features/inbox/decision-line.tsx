import { Link } from '@tanstack/react-router';
import { Ban, CircleCheck, Gauge, Hourglass, Lock, Moon, ShieldCheck, ShieldX, Smartphone, StickyNote, Unplug } from 'lucide-react';
import type { ReactNode } from 'react';
import { useCan } from '@/api/session';
import type { Conversation, Decision, Message } from '@/api/types';
import { Ltr, Phone } from '@/components/bdi';
import { ChannelDot } from '@/components/channel';
import { failureWords } from '@/components/code-words';
import { WindowRing } from '@/components/face';
import { PopoverButton } from '@/components/popover';
import { formatNumber, type Key, t, T, useLocale } from '@/i18n';
import { cx } from '@/lib/cx';
import { useNow } from '@/lib/clock';
import { ago, countdown, moment, shortDate } from '@/lib/format';
import { windowOf } from '@/lib/window';

interface Props { decision: Decision | undefined; conversation: Conversation; note: boolean }

/** Says what will happen before it happens: icon, verdict, reason with numbers, what to do; at the end, from which number. */
export function DecisionLine({ decision, conversation, note }: Props) {
  useLocale();
  const { icon, words, why } = useWords(decision, conversation, note);
  const manages = useCan('channels.manage');
  // What waits for a link goes on by a scan: the way there is beside the words.
  const unlinked = !note && decision?.verdict === 'later' && decision.reason.code === 'number_unlinked';
  return (
    <div className="flex min-h-[34px] items-center gap-2.5 px-1 text-12 text-ink-2">
      <span className="shrink-0">{icon}</span>
      <p aria-live="polite" className="min-w-0 flex-1 [&_b]:text-ink">{words}</p>
      {unlinked && manages ? (
        <Link to="/settings/channels/$channelId" params={{ channelId: conversation.channel.id }} className="shrink-0 rounded-5 font-semibold text-brand-ink hover:underline">{t('composer.link_number')}</Link>
      ) : why ? (
        <PopoverButton label={t('action.why')} placement="top end" content={() => <p className="p-4 text-13">{why}</p>} className="shrink-0 rounded-5 font-semibold text-brand-ink hover:underline">{t('action.why')}</PopoverButton>
      ) : !note && decision?.from.phone && (
        <span className="flex shrink-0 items-center gap-1.5 text-ink-3 max-small:hidden">
          <ChannelDot link={conversation.channel.link} id={conversation.channel.id} /><span><T k="composer.from" phone={<Phone value={decision.from.phone} />} /></span>
        </span>
      )}
    </div>
  );
}

/** Why a message that was taken has not left yet; nothing while it only waits for its turn. */
export function Waiting({ message, conversation }: { message: Message; conversation: Conversation }) {
  useLocale();
  const { waits, failure } = message;
  const reason = waits?.reason;
  const decision = reason ? { verdict: 'later', until: waits.until, reason, mends: [], levels: [], from: { channel_id: conversation.channel.id, phone: null } } as Decision : undefined;
  const { icon, words } = useWords(decision, conversation, false);
  // A try that the provider put off tells its reason as a failure does.
  const said = decision ? words : failure && failureWords(failure.reason);
  if (!said) return null;
  return (
    <p className="mt-1 flex max-w-[min(560px,74%)] items-center gap-2 text-12 text-ink-2 max-small:max-w-[86%] [&_b]:font-semibold [&_b]:text-ink">
      <span className="shrink-0">{decision ? icon : <Hourglass {...i} />}</span>
      <span>{said}</span>
    </p>
  );
}

const i = { size: 16, strokeWidth: 1.75, 'aria-hidden': true } as const;

function useWords(decision: Decision | undefined, c: Conversation, note: boolean): { icon: ReactNode; words: ReactNode; why?: string } {
  const now = useNow();
  if (note) return { icon: <StickyNote {...i} className="text-warn" />, words: <T k="decision.note" /> };
  const window = windowOf(c.window, now);
  // The ring itself is the icon; its name is said by the words beside it.
  const ring = <span aria-hidden><WindowRing window={c.window} size={16} /></span>;
  if (!decision) return { icon: ring, words: '' };
  const { code, params } = decision.reason;
  const until = decision.until ? moment(decision.until) : null;
  if (decision.verdict === 'now') {
    if (window.kind !== 'open' || !c.window.expires_at) return { icon: <CircleCheck {...i} className="text-ok" />, words: <T k="decision.free" /> };
    const end = <bdi>{moment(c.window.expires_at)}</bdi>;
    if (!window.closing) return { icon: ring, words: <T k="decision.window_open" until={end} /> };
    const unit = window.left < 15 * 60_000 ? t('decision.minutes') : t('decision.hours');
    return { icon: ring, words: <span className="[&_b]:text-warn!"><T k="decision.window_closing" left={<Ltr className="tabular">{countdown(window.left)}</Ltr>} unit={unit} until={end} /></span> };
  }
  if (decision.verdict === 'opens_app') return { icon: <Smartphone {...i} />, words: <T k="decision.opens_app" /> };
  const explain = t('decision.explain');
  switch (code) {
    case 'window_closed': case 'window_never_opened': {
      const last = String(params.last_inbound_at ?? c.window.last_inbound_at ?? '');
      return { icon: <Lock {...i} className="text-warn" />, words: last && code === 'window_closed' ? <T k="decision.window_closed" ago={ago(last)} /> : <T k="decision.window_never" />, why: t('decision.explain_window') };
    }
    case 'marketing_opted_out': return { icon: <ShieldCheck {...i} className="text-warn" />, words: <T k="decision.marketing_opted_out" date={<Ltr>{shortDate(String(params.at ?? c.contact.marketing.at ?? c.last_at))}</Ltr>} />, why: explain };
    case 'opted_out': return { icon: <Ban {...i} className="text-bad" />, words: <T k="decision.opted_out" date={<Ltr>{shortDate(String(params.at ?? c.contact.marketing.at ?? c.last_at))}</Ltr>} />, why: explain };
    case 'no_consent': return { icon: <ShieldCheck {...i} className="text-warn" />, words: <T k="decision.no_consent" />, why: explain };
    case 'quiet': return { icon: <Moon {...i} />, words: <T k="decision.quiet" until={until} /> };
    case 'pace': return { icon: <Gauge {...i} />, words: <T k="decision.pace" until={until} /> };
    case 'pair_limit': return { icon: <Gauge {...i} />, words: <T k="decision.pair_limit" until={until} /> };
    case 'day_cap': return { icon: <Gauge {...i} className="text-warn" />, words: <T k="decision.day_cap" sent={formatNumber(Number(params.sent))} cap={formatNumber(Number(params.cap))} until={until ?? '–'} />, why: t('decision.explain_rhythm') };
    case 'rhythm_gap': return { icon: <Gauge {...i} />, words: until ? <T k="decision.rhythm_gap" until={until} /> : <T k="decision.rhythm_soon" />, why: t('decision.explain_rhythm') };
    case 'rhythm_pause': return { icon: <Gauge {...i} />, words: until ? <T k="decision.rhythm_pause" until={until} /> : <T k="decision.rhythm_soon" />, why: t('decision.explain_rhythm') };
    case 'outside_working_hours': return { icon: <Moon {...i} />, words: <T k="decision.outside_hours" until={until ?? <Ltr>{String(params.from ?? '')}</Ltr>} />, why: t('decision.explain_rhythm') };
    case 'number_restricted': {
      const end = String(params.until ?? decision.until ?? '');
      return { icon: <Hourglass {...i} className="text-warn" />, words: end ? <T k="decision.number_restricted" until={moment(end)} /> : <T k="decision.number_restricted_unknown" />, why: t('decision.explain_rhythm') };
    }
    case 'number_unlinked': return { icon: <Unplug {...i} className="text-bad" />, words: <T k="decision.number_unlinked" /> };
    case 'becomes_task': return { icon: <Smartphone {...i} />, words: <T k="decision.becomes_task" /> };
    case 'content_forbidden': return { icon: <Ban {...i} className="text-bad" />, words: <T k="decision.content_forbidden" />, why: t('decision.explain_levels') };
    case 'number_banned': case 'account_restricted': return { icon: <ShieldX {...i} className="text-bad" />, words: <T k="decision.number_banned" /> };
    case 'level_forbids': {
      const purpose = t(`purpose.${String(params.purpose ?? 'by_hand')}` as Key);
      const levels = decision.levels.map((level) => t(`level_full.${level}`)).join(', ');
      return { icon: <Ban {...i} className="text-bad" />, words: levels ? <T k="decision.level_forbids" purpose={purpose} levels={levels} /> : <T k="decision.level_forbids_all" purpose={purpose} />, why: t('decision.explain_levels') };
    }
    case 'scheduled': return { icon: <Gauge {...i} />, words: <T k="decision.scheduled" until={until} /> };
    case 'no_address': return { icon: <Ban {...i} className="text-bad" />, words: <T k="decision.no_address" /> };
    case 'installation_held': return { icon: <Ban {...i} className="text-warn" />, words: <T k="decision.held" /> };
    case 'channel_disconnected': case 'channel_missing': return { icon: <Unplug {...i} className="text-bad" />, words: <T k="decision.channel_disconnected" /> };
    case 'no_phone': return { icon: <Lock {...i} className="text-warn" />, words: <T k="decision.no_phone" />, why: explain };
    case 'viewer_role': return { icon: <Ban {...i} />, words: <T k="decision.viewer_role" /> };
    case 'template_not_sendable': case 'template_unknown': return { icon: <Ban {...i} className="text-bad" />, words: <T k="decision.template_not_sendable" /> };
    default:
      if (decision.verdict === 'later') return { icon: <Gauge {...i} />, words: <T k="decision.later" until={until} /> };
      if (decision.levels.length) return { icon: <Ban {...i} className="text-bad" />, words: <T k="decision.level" levels={decision.levels.map((level) => t(`level_full.${level}`)).join(', ')} />, why: explain };
      return { icon: <Ban {...i} className={cx('text-bad')} />, words: <T k="decision.refused" />, why: explain };
  }
}
