import type { Campaign, CampaignState, RecipientState } from '@/api/types';
import type { PillTone } from '@/components/pill';
import { formatNumber, t } from '@/i18n';
import { cx } from '@/lib/cx';

export const stateTone: Record<CampaignState, PillTone> = { preparing: 'info', running: 'brand', stopped: 'warn', done: 'ok' };

/** Where each message is; "answered" and "opted out" are told of the same people besides. */
const places = ['read', 'delivered', 'sent', 'unclear', 'failed', 'cancelled', 'waiting'] as const satisfies RecipientState[];
const fills: Record<(typeof places)[number], string> = { read: 'bg-brand', delivered: 'bg-brand-2', sent: 'bg-brand-2/50', unclear: 'bg-warn-solid', failed: 'bg-bad-solid', cancelled: 'bg-control', waiting: 'bg-grey-soft' };

export const totalOf = ({ counts }: Campaign) => places.reduce((sum, place) => sum + (counts[place] ?? 0), 0);
export const leftOf = ({ counts }: Campaign) => counts.sent + counts.delivered + counts.read;
export const countOf = ({ counts }: Campaign, state: RecipientState) => counts[state] ?? 0;

/** One bar of all the people, best news first; the legend says it in words. */
export function Progress({ campaign, legend }: { campaign: Campaign; legend?: boolean }) {
  const total = totalOf(campaign);
  const shown = places.filter((place) => countOf(campaign, place) > 0);
  return (
    <div className="flex flex-col gap-3">
      <div role="img" aria-label={shown.map((place) => `${t(`mailing_state.${place}`)}: ${formatNumber(countOf(campaign, place))}`).join(', ')} className="flex h-2.5 gap-px overflow-hidden rounded-full bg-grey-soft">
        {shown.map((place) => <span key={place} className={cx('h-full', fills[place])} style={{ width: `${(countOf(campaign, place) / Math.max(1, total)) * 100}%` }} />)}
      </div>
      {legend && (
        <ul className="flex flex-wrap gap-x-5 gap-y-1.5 text-12 text-ink-2">
          {shown.map((place) => <li key={place} className="flex items-center gap-1.5"><span aria-hidden className={cx('size-2.5 rounded-full', fills[place], place === 'waiting' && 'border border-line-2')} />{t(`mailing_state.${place}`)} <b className="tabular font-semibold text-ink">{formatNumber(countOf(campaign, place))}</b></li>)}
        </ul>
      )}
    </div>
  );
}

/** What followed from what left: delivered, read, answered, and who asked to be left alone. */
export function Results({ campaign }: { campaign: Campaign }) {
  const { counts } = campaign;
  const left = leftOf(campaign);
  const delivered = counts.delivered + counts.read;
  const lines = [
    { label: t('mailing.left_phone'), n: left, of: totalOf(campaign), fill: 'bg-brand-2' }, { label: t('mailing_state.delivered'), n: delivered, of: left, fill: 'bg-brand-2' },
    { label: t('mailing_state.read'), n: counts.read, of: left, fill: 'bg-brand' }, { label: t('mailing_state.answered'), n: counts.answered, of: left, fill: 'bg-ok' },
    { label: t('mailing_state.opted_out'), n: counts.opted_out, of: left, fill: 'bg-bad-solid' },
  ];
  return (
    <dl className="flex flex-col gap-3">
      {lines.map(({ label, n, of, fill }) => {
        const share = of > 0 ? n / of : 0;
        return (
          <div key={label} className="grid grid-cols-[7.5rem_1fr_auto] items-center gap-3 text-13 max-small:grid-cols-[6rem_1fr_auto]">
            <dt className="text-ink-2">{label}</dt>
            <dd aria-hidden className="h-2 overflow-hidden rounded-full bg-grey-soft"><span className={cx('block h-full rounded-full', fill)} style={{ width: `${share * 100}%` }} /></dd>
            <dd className="tabular min-w-20 text-end"><b className="font-semibold">{formatNumber(n)}</b> <bdi dir="ltr" className="text-12 text-ink-3">{`${Math.round(share * 100)}%`}</bdi></dd>
          </div>
        );
      })}
    </dl>
  );
}
