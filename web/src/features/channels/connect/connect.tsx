import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { ArrowRightLeft, Check } from 'lucide-react';
import { capabilitiesQuery, channelsQuery, useChannel } from '@/api/channels';
import { useCan } from '@/api/session';
import type { Level, Link as LinkKind } from '@/api/types';
import { Phone } from '@/components/bdi';
import { Notice } from '@/components/notice';
import { BackLink, PageBody, PageHeader } from '@/components/page';
import { Refused } from '@/components/refused';
import { ErrorState, Skeleton } from '@/components/states';
import { type Key, t, useLocale } from '@/i18n';
import { cx } from '@/lib/cx';
import { isGateway, providerName } from '../state';
import { Fields } from './fields';
import { CheckStep, LinkStep, Ready } from './finish';
import { Need } from './need';
import { Providers } from './providers';

export interface ConnectSearch { level?: Level; link?: LinkKind; provider?: string; channel?: string; want?: string; step?: 'check'; move?: string }
type Step = 'need' | 'provider' | 'fields' | 'link' | 'check' | 'done';

/** From the need to a number that works. Each step is in the address, so that "back" goes back a step. */
export function Connect() {
  useLocale();
  const may = useCan('channels.manage');
  const search: ConnectSearch = useSearch({ strict: false });
  const navigate = useNavigate();
  const { data, error, refetch } = useQuery({ ...capabilitiesQuery, enabled: may });
  const waiting = useQuery({ ...channelsQuery, enabled: !!search.channel }).isPending;
  const channel = useChannel(search.channel);
  const moving = useChannel(search.move);
  if (!may) return <Refused />;
  const { move } = search;
  const go = (to: ConnectSearch, replace = false) => void navigate({ to: '/settings/channels/connect', search: { ...to, move }, replace });
  const pair = data?.pairs.find((one) => one.level === search.level && one.link === search.link);
  const providers = (pair && data?.providers.filter((one) => one.pairs.some((other) => other.level === pair.level && other.link === pair.link))) ?? [];
  const alone = providers.length === 1 ? providers[0] : undefined;
  const provider = pair && (providers.find((one) => one.provider === search.provider) ?? alone);
  const gateway = pair ? isGateway(pair) : channel ? isGateway(channel) : false;
  const steps: Step[] = ['need', ...(alone ? [] : ['provider' as const]), 'fields', ...(gateway ? ['link' as const] : []), ...(pair?.link === 'none' ? ['done' as const] : ['check' as const])];
  const step: Step = channel ? (channel.link === 'none' ? 'done' : gateway && search.step !== 'check' ? 'link' : 'check') : provider ? 'fields' : pair ? 'provider' : 'need';
  const { level, link, want } = search;
  return (
    <>
      <PageHeader title={moving ? t('move.title', { name: moving.name }) : t('wizard.title')}><BackLink to="/settings/channels">{t('channels.title')}</BackLink></PageHeader>
      <PageBody>
        <div className="mx-auto flex max-w-4xl flex-col gap-6">
          <Stepper steps={steps} at={step} />
          {moving && !channel && (
            <Notice icon={ArrowRightLeft} tone="info" title={<>{t('move.now')} <bdi>{providerName(moving.provider)}</bdi> · {t(`level_full.${moving.level}`)} · {t(`link.${moving.link}`)}</>}>
              {moving.phone && <><Phone value={moving.phone} /> · </>}{t('move.body')}
            </Notice>
          )}
          {error && !data && <ErrorState className="m-0" error={error} retry={() => void refetch()} />}
          {((!data && !error) || (search.channel && waiting)) && <div className="grid gap-3 small:grid-cols-3">{[0, 1, 2].map((i) => <Skeleton key={i} className="h-20 rounded-12!" />)}</div>}
          {data && !search.channel && (!move || moving) && (
            step === 'need' ? <Need capabilities={data} search={search} onChange={(to) => go(to, true)} onChoose={(one) => go({ want, level: one.level, link: one.link })} />
            : step === 'provider' && pair ? <Providers pair={pair} providers={providers} onChoose={(id) => go({ want, level, link, provider: id })} onBack={() => go({ want, level })} />
            : pair && provider && <Fields key={provider.provider} pair={pair} provider={provider} moving={moving} onBack={() => go({ want, level, ...(alone ? {} : { link }) })} onMade={(made) => go({ level, link, provider: provider.provider, channel: made.id })} />
          )}
          {channel && (step === 'link' ? <LinkStep channel={channel} onNext={() => go({ ...search, step: 'check' })} /> : step === 'check' ? <CheckStep channel={channel} /> : <Ready channel={channel} />)}
          {search.channel && !channel && !waiting && <p className="text-13 text-ink-2">{t('detail.not_found')}</p>}
        </div>
      </PageBody>
    </>
  );
}

function Stepper({ steps, at }: { steps: Step[]; at: Step }) {
  const here = Math.max(0, steps.indexOf(at));
  return (
    <nav aria-label={t('wizard.steps')}>
      <p className="pb-2 text-12 text-ink-3 small:hidden">{t('wizard.step', { i: here + 1, n: steps.length })} · {t(`wizard.step_${at}` as Key)}</p>
      <ol className="flex items-center gap-2">
        {steps.map((step, i) => (
          <li key={step} aria-current={i === here ? 'step' : undefined} className="flex flex-1 items-center gap-2 last:flex-none max-small:last:flex-1">
            <span className={cx('grid size-6 shrink-0 place-items-center rounded-full text-12 font-semibold max-small:hidden', i < here ? 'bg-brand text-on-brand' : i === here ? 'bg-brand-soft text-brand-ink ring-2 ring-brand' : 'bg-grey-soft text-ink-2')}>{i < here ? <Check size={14} aria-hidden /> : i + 1}</span>
            <span className={cx('text-13 whitespace-nowrap max-small:sr-only', i === here ? 'font-semibold' : 'text-ink-2')}>{t(`wizard.step_${step}` as Key)}</span>
            <span aria-hidden className={cx('h-0.5 min-w-3 flex-1 rounded-full max-small:h-1.5', i < here ? 'bg-brand' : i === here ? 'bg-line-2 max-small:bg-brand' : 'bg-line-2', i === steps.length - 1 && 'small:hidden')} />
          </li>
        ))}
      </ol>
    </nav>
  );
}
