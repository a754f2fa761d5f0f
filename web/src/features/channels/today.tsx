import type { Channel } from '@/api/types';
import { Ltr } from '@/components/bdi';
import { Meter } from '@/components/meter';
import { formatNumber, t, T } from '@/i18n';
import { time } from '@/lib/format';
import { now } from '@/lib/clock';
import { gapWords } from './state';

/** What left in the last day against today's cap, and what can still leave, with the reason. */
export function Today({ channel }: { channel: Channel }) {
  const { today, linking } = channel;
  if (!today || linking?.state === 'banned') return null;
  const reachable = linking?.state === 'linked' ? today.reachable : 0;
  return (
    <section aria-label={t('today.title')} className="flex flex-col gap-2 text-12 text-ink-2">
      <div className="flex items-baseline justify-between gap-3">
        <p className="[&_b]:text-20 [&_b]:text-ink" data-tip={t('today.most')}><T k="today.count" sent={<span className="tabular">{formatNumber(today.sent_24h)}</span>} cap={<span className="tabular">{formatNumber(today.cap)}</span>} /></p>
        {reachable > 0 && <span className="shrink-0 text-ink-3">{t('today.each', { gap: gapWords(today.gap_s) })}</span>}
      </div>
      <Meter value={today.sent_24h} most={today.cap} label={t('today.title')} />
      <p className="[&_b]:text-ink"><T k="today.reach" n={<span className="tabular">{formatNumber(reachable)}</span>} why={why(channel)} /></p>
      {(today.warm_up || (today.next_at && channel.health.waiting > 0)) && (
        <p className="flex flex-wrap justify-between gap-x-3 text-ink-3">
          {today.warm_up && <span className="text-warn">{t('today.warm_up', { day: today.warm_up.day, cap: today.warm_up.cap_tomorrow })}</span>}
          {today.next_at && linking?.state === 'linked' && <span>{t('today.next', { time: time(today.next_at) })}</span>}
        </p>
      )}
    </section>
  );
}

function why({ today, linking }: Channel) {
  if (!today) return null;
  if (linking && ['unlinked', 'starting', 'awaiting_code', 'banned'].includes(linking.state)) return t('today.why_unlinked');
  if (linking?.state === 'restricted') return t('today.why_restricted');
  const left = today.cap - today.sent_24h;
  if (left <= 0) return t('today.why_full');
  if (today.reachable >= left) return t('today.why_cap');
  const { from, to } = today.window;
  const clock = time(now());
  if (clock < from || clock >= to) return <T k="today.why_closed" from={<Ltr>{from}</Ltr>} to={<Ltr>{to}</Ltr>} />;
  return <T k="today.why_hours" to={<Ltr>{to}</Ltr>} gap={gapWords(today.gap_s)} />;
}
