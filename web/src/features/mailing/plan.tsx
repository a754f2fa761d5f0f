import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Ban, CopyX, type LucideIcon, Link2, MessageCircleReply, Send, TriangleAlert } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { newKey, wordsFor } from '@/api/client';
import { createCampaign, dryRun } from '@/api/campaigns';
import type { Channel, DryRun, NewCampaign } from '@/api/types';
import { Ltr, Phone } from '@/components/bdi';
import { Button } from '@/components/button';
import { wordsOf } from '@/components/code-words';
import { Layer } from '@/components/layer';
import { Notice } from '@/components/notice';
import { Card } from '@/components/page';
import { Skeleton } from '@/components/states';
import { toast } from '@/components/toast';
import { t, T } from '@/i18n';
import { moment } from '@/lib/format';
import { useDebounced } from '@/lib/use-debounced';
import { TextPreview } from './preview';

const HOUR = 3_600_000;

/** A dry run of what is written so far: how many, how long at a human's pace, who is left out and why. */
export function Plan({ body, channel }: { body: NewCampaign | null; channel: Channel | undefined }) {
  const asked = useDebounced(body && JSON.stringify({ ...body, name: '' }), 600);
  const { data, error, isFetching } = useQuery({
    queryKey: ['dry-run', asked],
    queryFn: () => dryRun({ ...(JSON.parse(asked ?? '{}') as NewCampaign), name: '–' }),
    enabled: !!asked, staleTime: 30_000, gcTime: 60_000, retry: false, placeholderData: (old) => old,
  });
  const [confirming, setConfirming] = useState(false);
  const plan = body && asked ? data : undefined;
  const fresh = plan && !isFetching && asked === JSON.stringify({ ...body, name: '' });
  return (
    <Card title={t('mailing.plan')}>
      <div aria-live="polite" aria-busy={isFetching} className="flex flex-col gap-4">
        {!body && <p className="text-13 text-ink-3">{t('mailing.plan_first')}</p>}
        {body && error && !isFetching && <p role="alert" className="rounded-9 bg-bad-soft px-3 py-2 text-13 text-bad">{wordsFor(error)}</p>}
        {body && !plan && !error && <div className="flex flex-col gap-3"><Skeleton className="h-5 w-32" /><Skeleton className="h-3 w-4/5" /></div>}
        {plan && !(error && !isFetching) && <Figures plan={plan} />}
        {body && plan && plan.recipients > 0 && (
          <div className="flex flex-col gap-1.5 border-t border-line pt-4">
            <Button tone="filled" size="large" icon={Send} mirror disabled={!fresh || !body.name} onClick={() => setConfirming(true)}>{t('mailing.send', { n: plan.recipients })}</Button>
            {!body.name && <p className="text-12 text-warn">{t('mailing.send_needs')}</p>}
          </div>
        )}
      </div>
      {confirming && body && plan && channel && <Confirm body={body} plan={plan} channel={channel} onClose={() => setConfirming(false)} />}
    </Card>
  );
}

function Figures({ plan }: { plan: DryRun }) {
  return (
    <>
      <div>
        <p className="text-26 font-semibold">{t('mailing.plan_people', { n: plan.recipients })}</p>
        {plan.recipients > 0 && <p className="text-14 font-medium text-brand-ink">{duration(plan)}</p>}
        {plan.recipients > 0 && plan.first_at && plan.finishes_at && <p className="text-12 text-ink-2"><T k="mailing.plan_from_to" first={moment(plan.first_at)} last={moment(plan.finishes_at)} /></p>}
      </div>
      <ul className="flex flex-col gap-2 text-13">
        {plan.duplicates > 0 && <Line icon={CopyX}>{t('mailing.plan_duplicates', { n: plan.duplicates })}</Line>}
        {plan.opted_out > 0 && <Line icon={Ban}>{t('mailing.plan_opted_out', { n: plan.opted_out })}</Line>}
        {plan.invalid.length > 0 && <Line icon={TriangleAlert} warn><Invalid plan={plan} /></Line>}
        <Line icon={plan.opt_out_link ? Link2 : MessageCircleReply}>{t(plan.opt_out_link ? 'mailing.plan_link' : 'mailing.plan_replies')}</Line>
      </ul>
      {plan.recipients > 0 && <p className="text-12 text-ink-3">{t('mailing.plan_why')}</p>}
    </>
  );
}

function Line({ icon: Icon, warn, children }: { icon: LucideIcon; warn?: boolean; children: ReactNode }) {
  return <li className="flex items-start gap-2.5"><Icon size={16} strokeWidth={1.75} aria-hidden className={`mt-0.5 shrink-0 ${warn ? 'text-warn' : 'text-ink-2'}`} /><div className="min-w-0 flex-1">{children}</div></li>;
}

function Invalid({ plan }: { plan: DryRun }) {
  return (
    <details>
      <summary className="text-warn">{t('mailing.plan_invalid', { n: plan.invalid.length })}</summary>
      <ul className="max-h-56 overflow-auto pt-1.5 text-12">
        {plan.invalid.map(({ line, text, reason }) => (
          <li key={`${line} ${text}`} className="flex flex-wrap gap-x-2 py-0.5"><span className="text-ink-3">{line > 0 ? t('mailing.plan_line', { n: line }) : ''}</span><bdi className="min-w-0 break-all">{text}</bdi><span className="text-bad">{wordsOf(reason, `mailing_reason.${reason}`, 'mailing_reason.other')}</span></li>
        ))}
      </ul>
    </details>
  );
}

/** Honest: whole days where it takes days, else hours, else minutes. */
function duration({ days, first_at, finishes_at }: DryRun): string {
  const span = first_at && finishes_at ? Date.parse(finishes_at) - Date.parse(first_at) : 0;
  if (days > 1) return t('mailing.plan_days', { n: days });
  return span >= HOUR ? t('mailing.plan_hours', { n: Math.round(span / HOUR) }) : t('mailing.plan_minutes', { n: Math.max(1, Math.round(span / 60_000)) });
}

/** Sending to many is one of the few things that ask before. */
function Confirm({ body, plan, channel, onClose }: { body: NewCampaign; plan: DryRun; channel: Channel; onClose: () => void }) {
  const client = useQueryClient();
  const navigate = useNavigate();
  // One key for this question: pressed twice, it starts once.
  const [key] = useState(newKey);
  const start = useMutation({
    mutationFn: () => createCampaign(body, key),
    onSuccess: async ({ id }) => {
      void client.invalidateQueries({ queryKey: ['campaigns'] });
      toast(t('mailing.started'));
      await navigate({ to: '/campaigns/$campaignId', params: { campaignId: id } });
    },
  });
  return (
    <Layer title={t('mailing.confirm', { n: plan.recipients })} onClose={onClose} footer={<><Button tone="ghost" onClick={onClose}>{t('action.cancel')}</Button><Button tone="filled" icon={Send} mirror busy={start.isPending} onClick={() => start.mutate()}>{t('mailing.start')}</Button></>}>
      <div className="flex flex-col gap-3 p-5 text-13">
        <p><T k="mailing.confirm_from" name={<b className="font-semibold">{channel.name}</b>} /> <Ltr className="text-ink-3">·</Ltr> <Phone value={channel.phone} /> · {duration(plan)}</p>
        <p className="text-12 text-ink-3">{t('mailing.preview')}</p>
        <TextPreview text={body.text} />
        {channel.risk && channel.risk.level !== 'low' && <Notice icon={TriangleAlert} tone="warn">{t('mailing.confirm_risk')}</Notice>}
        <p className="text-ink-2">{t('mailing.confirm_undo')}</p>
        {start.error && <p role="alert" className="text-bad">{wordsFor(start.error)}</p>}
      </div>
    </Layer>
  );
}
