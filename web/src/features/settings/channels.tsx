import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useSearch } from '@tanstack/react-router';
import { Activity, BadgeCheck, Ellipsis, KeyRound, type LucideIcon, Pencil, Plus, QrCode, RefreshCw, Smartphone, Unplug } from 'lucide-react';
import { type FormEvent, useEffect, useState } from 'react';
import { wordsFor } from '@/api/client';
import { channelsQuery, syncTemplates, updateChannel } from '@/api/channels';
import { useCan } from '@/api/session';
import type { Channel } from '@/api/types';
import { Ltr, Phone } from '@/components/bdi';
import { Button } from '@/components/button';
import { CopyField } from '@/components/copy-field';
import { Field } from '@/components/field';
import { Layer } from '@/components/layer';
import { MenuButton } from '@/components/menu';
import { PageBody, PageHeader } from '@/components/page';
import { Pill, type PillTone } from '@/components/pill';
import { EmptyState, ErrorState, Skeleton } from '@/components/states';
import { toast } from '@/components/toast';
import { type Key, t, useLocale } from '@/i18n';
import { ago } from '@/lib/format';
import { useNow } from '@/lib/clock';
import { cx } from '@/lib/cx';
import { Checker } from './checker';
import { Refused } from './refused';

const connectLink = 'inline-flex h-[34px] items-center gap-2 rounded-9 bg-brand px-3 text-13 font-semibold text-on-brand hover:bg-brand-hover max-small:h-11';

export function Channels() {
  useLocale();
  const may = useCan('channels.manage');
  const { data, error, isPending, refetch } = useQuery({ ...channelsQuery, enabled: may });
  const { check } = useSearch({ strict: false });
  const items = data?.items ?? [];
  const ill = items.filter((channel) => channel.health.state === 'warning' || channel.health.state === 'disconnected').length;
  if (!may) return <Refused />;
  const connect = <Link to="/settings/channels/connect" className={connectLink}><Plus size={16} aria-hidden />{t('channels.connect')}</Link>;
  return (
    <>
      <PageHeader title={t('channels.title')} fact={data && [t('channels.count', { n: items.length }), ill ? t('channels.attention', { n: ill }) : ''].filter(Boolean).join(' · ')}>{!!items.length && connect}</PageHeader>
      <PageBody>
        {isPending && <div className="grid gap-4 medium:grid-cols-2 wide:grid-cols-3">{[0, 1].map((i) => <Skeleton key={i} className="h-64 rounded-12!" />)}</div>}
        {error && !data && <ErrorState error={error} retry={() => void refetch()} />}
        {data && !items.length && <EmptyState title={t('channels.empty')} action={connect}>{t('channels.empty_body')}</EmptyState>}
        <ul className="grid gap-4 medium:grid-cols-2 min-[1600px]:grid-cols-3">{items.map((channel) => <li key={channel.id} className="flex"><ChannelCard channel={channel} checkNow={check === channel.id} /></li>)}</ul>
      </PageBody>
    </>
  );
}

const states: Record<Channel['health']['state'], PillTone> = { ok: 'ok', warning: 'warn', disconnected: 'bad', unknown: 'grey' };
const levels: Record<Channel['level'], { icon: LucideIcon; colour: string }> = {
  business_api: { icon: BadgeCheck, colour: 'bg-brand-soft text-brand-ink' }, business_app: { icon: QrCode, colour: 'bg-warn-soft text-warn' }, personal_app: { icon: Smartphone, colour: 'bg-plum-soft text-plum' },
};

function ChannelCard({ channel, checkNow }: { channel: Channel; checkNow: boolean }) {
  const [layer, setLayer] = useState<'check' | 'rename' | 'token' | null>(checkNow ? 'check' : null);
  useNow();
  useEffect(() => {
    if (checkNow) setLayer('check');
  }, [checkNow]);
  const { health } = channel;
  const { icon: Icon, colour } = levels[channel.level];
  const sync = useMutation({ mutationFn: () => syncTemplates(channel.id), onSuccess: ({ items }) => toast(t('channels.synced', { n: items })) });
  const entries = [
    { id: 'rename', label: t('channels.rename'), icon: Pencil, onAction: () => setLayer('rename') },
    { id: 'token', label: t('channels.replace_token'), icon: KeyRound, onAction: () => setLayer('token') },
    { id: 'sync', label: t('channels.sync'), icon: RefreshCw, onAction: () => sync.mutate() },
  ];
  return (
    <article aria-label={channel.name} className="flex w-full min-w-0 flex-col gap-4 rounded-12 border border-line bg-surface p-5 shadow-e1 max-small:p-4">
      <header className="flex items-start gap-3">
        <span className={cx('grid size-11 shrink-0 place-items-center rounded-10', colour)}><Icon size={20} strokeWidth={1.75} aria-hidden /></span>
        <div className="min-w-0 flex-1">
          <h2 className="truncate text-16 font-semibold"><bdi>{channel.name}</bdi></h2>
          <p className="text-13 text-ink-3"><Phone value={channel.phone} />{channel.phone && ' · '}<span className="capitalize">{channel.provider}</span></p>
        </div>
        <Pill tone={states[health.state]}>{t(`channels.health_${health.state}`)}</Pill>
      </header>
      <div className="flex flex-wrap gap-1.5"><Pill tone="brand" dot={false}>{t(`level_full.${channel.level}`)}</Pill><Pill dot={false}>{t(`link.${channel.link}`)}</Pill></div>
      {health.state === 'disconnected' && (
        <div className="flex flex-wrap items-center gap-3 rounded-10 bg-bad-soft p-3.5">
          <Unplug size={18} strokeWidth={1.75} aria-hidden className="shrink-0 text-bad" />
          <div className="min-w-40 flex-1"><p className="text-13 font-semibold text-bad">{t('channels.disconnected_title')}</p><p className="text-12 text-ink-2">{t('channels.disconnected_body', { n: health.waiting })}</p></div>
          <Button size="small" icon={KeyRound} onClick={() => setLayer('token')}>{t('channels.replace_token')}</Button>
        </div>
      )}
      {sync.error && <p role="alert" className="text-12 text-bad">{wordsFor(sync.error)}</p>}
      <dl className="grid grid-cols-2 gap-x-4 gap-y-3 text-12 small:grid-cols-4">
        <Fact label={t('channels.quality')}>{health.quality && <span className={{ green: 'text-ok', yellow: 'text-warn', red: 'text-bad' }[health.quality.toLowerCase()] ?? undefined}>{qualityName(health.quality)}</span>}</Fact>
        <Fact label={t('channels.tier')}>{health.tier && <Ltr>{health.tier.replace(/^TIER_/, '')}</Ltr>}</Fact>
        <Fact label={t('channels.throughput')}>{health.throughput_mps !== null && t('channels.per_second', { n: health.throughput_mps })}</Fact>
        {health.waiting > 0 && <Fact label={t('channels.waiting')}>{health.waiting}</Fact>}
        <Fact label={t('channels.last_webhook')}>{health.last_webhook_at ? ago(health.last_webhook_at) : t('channels.never')}</Fact>
      </dl>
      {channel.link === 'api' && <CopyField label={t('channels.webhook')} value={channel.webhook.url} hint={channel.webhook.verify_token_set ? t('channels.webhook_hint') : t('channels.verify_missing')} />}
      <footer className="mt-auto flex flex-wrap items-center gap-2 border-t border-line pt-4">
        <Button icon={Activity} onClick={() => setLayer('check')}>{t('channels.check')}</Button>
        <span className="min-w-0 flex-1 truncate text-12 text-ink-3">{health.checked_at && t('channels.checked', { ago: ago(health.checked_at) })}</span>
        <MenuButton label={t('action.more')} data-tip={t('action.more')} placement="bottom end" groups={[{ entries }]} className="grid size-[34px] place-items-center rounded-9 text-ink-2 hover:bg-hover max-small:size-11"><Ellipsis size={18} aria-hidden /></MenuButton>
      </footer>
      {layer === 'check' && <Checker channel={channel} onClose={() => setLayer(null)} />}
      {(layer === 'rename' || layer === 'token') && <Edit channel={channel} what={layer} onClose={() => setLayer(null)} />}
    </article>
  );
}

const qualities = new Set(['green', 'yellow', 'red']);
const qualityName = (quality: string) => (qualities.has(quality.toLowerCase()) ? t(`quality.${quality.toLowerCase()}` as Key) : quality);

function Fact({ label, children }: { label: string; children: React.ReactNode }) {
  return <div className="flex flex-col justify-between gap-0.5"><dt className="text-ink-3">{label}</dt><dd className="text-13 font-semibold">{children || '–'}</dd></div>;
}

function Edit({ channel, what, onClose }: { channel: Channel; what: 'rename' | 'token'; onClose: () => void }) {
  const client = useQueryClient();
  const [value, setValue] = useState(what === 'rename' ? channel.name : '');
  const save = useMutation({
    mutationFn: () => updateChannel(channel.id, { version: channel.version, ...(what === 'rename' ? { name: value.trim() } : { token: value.trim() }) }),
    onSuccess: () => { void client.invalidateQueries(channelsQuery); toast(t('profile.saved')); onClose(); },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  const error = save.error ? wordsFor(save.error) : null;
  return (
    <Layer title={what === 'rename' ? t('channels.rename') : t('channels.replace_token')} onClose={onClose}>
      <form onSubmit={submit} className="flex flex-col gap-5 p-5">
        {what === 'rename' ? <Field label={t('connect.name')} value={value} onChange={(event) => setValue(event.target.value)} required autoFocus error={error} />
          : <Field label={t('channels.new_token')} type="password" autoComplete="off" value={value} onChange={(event) => setValue(event.target.value)} required autoFocus error={error} hint={channel.account?.token_last4 ? t('channels.token_ends', { last4: channel.account.token_last4 }) : t('connect.token_hint')} />}
        <div className="flex justify-end gap-2"><Button tone="ghost" onClick={onClose}>{t('action.cancel')}</Button><Button type="submit" tone="filled" busy={save.isPending}>{t('action.save')}</Button></div>
      </form>
    </Layer>
  );
}
