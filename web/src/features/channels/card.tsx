import { Link } from '@tanstack/react-router';
import { Activity, KeyRound, PenLine, QrCode, Settings2, Unplug } from 'lucide-react';
import { type ReactNode, useEffect, useState } from 'react';
import type { Channel } from '@/api/types';
import { Ltr, Phone } from '@/components/bdi';
import { Button, buttonClass } from '@/components/button';
import { Notice } from '@/components/notice';
import { Pill } from '@/components/pill';
import { t, useLocale } from '@/i18n';
import { useNow } from '@/lib/clock';
import { cx } from '@/lib/cx';
import { ago } from '@/lib/format';
import { Checker } from './checker';
import { LinkLayer } from './linking';
import { LinkNotice } from './link-notice';
import { Risk } from './risk';
import { isGateway, levels, providerName, qualityColour, qualityName, stateOf, tierWords } from './state';
import { Today } from './today';
import { TokenLayer } from './access';

type Shown = 'check' | 'token' | 'link' | null;

/** A number at a glance: what it is, how it is, what it may still send today, and the one thing to do about it. */
export function ChannelCard({ channel, checkNow }: { channel: Channel; checkNow: boolean }) {
  useLocale();
  useNow();
  const [layer, setLayer] = useState<Shown>(checkNow ? 'check' : null);
  useEffect(() => {
    if (checkNow) setLayer('check');
  }, [checkNow]);
  const close = () => setLayer(null);
  const { health } = channel;
  return (
    <article aria-label={channel.name} className="flex w-full min-w-0 flex-col gap-4 rounded-12 border border-line bg-surface p-5 shadow-e1 max-small:p-4">
      <ChannelHead channel={channel} />
      {isGateway(channel) ? <LinkNotice channel={channel} onLink={() => setLayer('link')} /> : health.state === 'disconnected' && (
        <Notice icon={Unplug} tone="bad" title={t('channels.disconnected_title')} action={<Button size="small" icon={KeyRound} onClick={() => setLayer('token')}>{t('channels.replace_token')}</Button>}>{t('channels.disconnected_body', { n: health.waiting })}</Notice>
      )}
      {channel.link === 'none' && <p className="text-13 text-ink-2">{t('channels.hand_body')}</p>}
      <Today channel={channel} />
      <Risk channel={channel} />
      {channel.link !== 'none' && <Facts channel={channel} />}
      <footer className="flex flex-wrap items-center gap-2 border-t border-line pt-4">
        {channel.link === 'none' ? <Link to="/leads" className={buttonClass()}><PenLine size={16} strokeWidth={1.75} aria-hidden />{t('channels.to_leads')}</Link>
          : channel.linking?.state === 'unlinked' ? <Button icon={QrCode} onClick={() => setLayer('link')}>{t('link.scan')}</Button>
          : <Button icon={Activity} onClick={() => setLayer('check')}>{t('channels.check')}</Button>}
        <Link to="/settings/channels/capabilities" search={{ channel: channel.id }} className={buttonClass('ghost')}>{t('channels.can')}</Link>
        <span className="flex-1" />
        <Link to="/settings/channels/$channelId" params={{ channelId: channel.id }} aria-label={`${t('channels.open')}: ${channel.name}`} data-tip={t('channels.open')} className="grid size-[34px] place-items-center rounded-9 text-ink-2 hover:bg-hover max-small:size-11"><Settings2 size={18} strokeWidth={1.75} aria-hidden /></Link>
      </footer>
      {layer === 'check' && <Checker channel={channel} onClose={close} />}
      {layer === 'token' && <TokenLayer channel={channel} onClose={close} />}
      {layer === 'link' && <LinkLayer channel={channel} onClose={close} />}
    </article>
  );
}

export function ChannelHead({ channel, page }: { channel: Channel; page?: boolean }) {
  const { icon: Icon, colour } = levels[channel.level];
  const state = stateOf(channel);
  const Name = page ? 'p' : 'h2';
  return (
    <div className="flex flex-col gap-3">
      <header className="flex items-start gap-3">
        <span className={cx('grid size-11 shrink-0 place-items-center rounded-10', colour)}><Icon size={20} strokeWidth={1.75} aria-hidden /></span>
        <div className="min-w-0 flex-1">
          <Name className="truncate text-16 font-semibold"><bdi>{channel.name}</bdi></Name>
          <p className="truncate text-13 text-ink-3"><Phone value={channel.phone} />{channel.phone && ' · '}<bdi>{providerName(channel.provider)}</bdi></p>
        </div>
        <Pill tone={state.tone}>{state.words}</Pill>
      </header>
      <div className="flex flex-wrap gap-1.5">
        <Pill tone="brand" dot={false}>{t(`level_full.${channel.level}`)}</Pill>
        <Pill dot={false}>{t(`link.${channel.link}`)}</Pill>
        {channel.verified === false && channel.provider !== 'none' && <span data-tip={t('channels.unverified_hint')}><Pill tone="warn" dot={false}>{t('channels.unverified')}</Pill></span>}
      </div>
    </div>
  );
}

export function Facts({ channel }: { channel: Channel }) {
  const { health, linking } = channel;
  const last = [health.last_webhook_at, linking?.last_event_at].filter((at) => at).sort().at(-1);
  const official = !isGateway(channel);
  return (
    <dl className="grid grid-cols-[repeat(auto-fit,minmax(6.5rem,1fr))] gap-x-4 gap-y-3 text-12">
      {official && health.quality && <Fact label={t('channels.quality')}><span className={qualityColour(health.quality)}>{qualityName(health.quality)}</span></Fact>}
      {official && health.tier && <Fact label={t('channels.tier')}><Ltr>{tierWords(health.tier)}</Ltr></Fact>}
      {official && health.throughput_mps !== null && <Fact label={t('channels.throughput')}>{t('channels.per_second', { n: health.throughput_mps })}</Fact>}
      <Fact label={t('channels.waiting')}>{health.waiting}</Fact>
      <Fact label={t('channels.last_event')}>{last ? ago(last) : t('channels.never')}</Fact>
      {health.checked_at && <Fact label={t('channels.checked')}>{ago(health.checked_at)}</Fact>}
    </dl>
  );
}

function Fact({ label, children }: { label: string; children: ReactNode }) {
  return <div className="flex flex-col justify-between gap-0.5"><dt className="text-ink-3">{label}</dt><dd className="text-13 font-semibold">{children ?? '–'}</dd></div>;
}
