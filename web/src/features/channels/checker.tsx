import { useMutation, useQueryClient } from '@tanstack/react-query';
import { CircleAlert, CircleCheck, CircleMinus, CircleX, LoaderCircle, RotateCw } from 'lucide-react';
import { useEffect } from 'react';
import { channelsQuery, checkChannel } from '@/api/channels';
import type { Channel, Check } from '@/api/types';
import { Button } from '@/components/button';
import { Layer } from '@/components/layer';
import { ErrorState } from '@/components/states';
import { type Key, t, useLocale } from '@/i18n';
import { isGateway } from './state';

const icons = { ok: CircleCheck, failed: CircleX, warning: CircleAlert, skipped: CircleMinus };
const colours = { ok: 'text-ok', failed: 'text-bad', warning: 'text-warn', skipped: 'text-ink-3' };
/** What is known to be asked at Meta; other providers' checks show as they come. */
const atMeta = ['token', 'scopes', 'number', 'registered', 'app_subscribed', 'webhook_field', 'webhook_reachable', 'templates', 'signature_seen'];
const codes: Record<string, Key> = { no_templates: 'check.templates_none', token_unreadable: 'check.token_unreadable', unreachable: 'check.unreachable', no_webhook_yet: 'check.no_webhook', number_restricted: 'link.restricted_unknown', number_banned: 'link.banned_body', number_unlinked: 'check.linked_mend' };
/** What other providers call otherwise than Meta; and an official one has no phone to link. */
const elsewhere: Record<string, string> = { token: 'key', webhook_field: 'webhook_set' };
const saidOf = (channel: Channel, key: string) => (channel.provider === 'meta' ? key : key === 'linked' && !isGateway(channel) ? 'active' : elsewhere[key] ?? key);
/** Their details are the instant of the last webhook, which the card shows in words. */
const instants = new Set(['webhook_reachable', 'signature_seen']);

const useCheck = (channel: Channel) => {
  const client = useQueryClient();
  const check = useMutation({ mutationFn: () => checkChannel(channel.id), onSettled: () => client.invalidateQueries(channelsQuery) });
  useEffect(() => check.mutate(), []);
  return check;
};
type Checking = ReturnType<typeof useCheck>;

export function Checker({ channel, onClose }: { channel: Channel; onClose: () => void }) {
  useLocale();
  const check = useCheck(channel);
  return (
    <Layer title={t('check.title', { name: channel.name })} wide text onClose={onClose} footer={<><Again check={check} /><Button tone="filled" onClick={onClose}>{t('action.done')}</Button></>}>
      <div className="p-5"><Checks channel={channel} check={check} /></div>
    </Layer>
  );
}

/** The same in a page. */
export function InlineChecker({ channel }: { channel: Channel }) {
  useLocale();
  const check = useCheck(channel);
  return <div className="flex flex-col items-start gap-3"><div className="w-full"><Checks channel={channel} check={check} /></div><Again check={check} /></div>;
}

function Again({ check }: { check: Checking }) {
  return <Button icon={RotateCw} busy={check.isPending} onClick={() => check.mutate()}>{t('action.retry')}</Button>;
}

/** Tests each thing, says which one fails, and what mends it. */
function Checks({ channel, check }: { channel: Channel; check: Checking }) {
  const checks = check.data?.checks;
  const bad = checks?.filter((item) => item.state === 'failed').length ?? 0;
  const warned = checks?.filter((item) => item.state === 'warning').length ?? 0;
  const keys = checks?.map((item) => item.key) ?? (channel.provider === 'meta' ? atMeta : []);
  return (
    <div className="flex flex-col gap-3">
      <p aria-live="polite" className="text-13">{check.isPending ? t('channels.checking') : checks && (bad ? <b className="font-semibold text-bad">{t('check.some_failed', { n: bad })}</b> : warned ? t('check.some_warned', { n: warned }) : t('check.all_ok'))}</p>
      {check.error && <ErrorState className="m-0" error={check.error} />}
      <ul className="flex flex-col">{keys.map((key) => <Line key={key} name={key} said={saidOf(channel, key)} check={check.isPending ? undefined : checks?.find((item) => item.key === key)} pending={check.isPending} />)}</ul>
    </div>
  );
}

/** Words of the server's code where there are any. */
function known(key: string, other: string): string {
  const words = t(key as Key);
  return words === key ? other : words;
}

function Line({ name, said, check, pending }: { name: string; said: string; check: Check | undefined; pending: boolean }) {
  const Icon = check ? icons[check.state] : LoaderCircle;
  if (!check && !pending) return null;
  const words = !check ? '' : check.code && codes[check.code] && !(said === 'active' && check.code === 'number_unlinked') ? t(codes[check.code]!) : check.state === 'ok' ? known(`check.${said}_ok`, t('check.other_ok')) : check.state === 'skipped' ? t('check.skipped') : known(`check.${said}_mend`, t('check.other_mend'));
  return (
    <li className="flex gap-3 border-b border-line py-2.5 last:border-0">
      <Icon size={18} strokeWidth={1.75} role="img" aria-label={check ? t(`check.state_${check.state}`) : t('channels.checking')} className={`mt-0.5 shrink-0 ${check ? colours[check.state] : 'animate-spin text-ink-3'}`} />
      <div className="min-w-0">
        <p className="text-13 font-semibold">{known(`check.${said}`, name.replaceAll('_', ' '))}</p>
        {words && <p className="text-12 text-ink-2">{words}</p>}
        {check?.details && !instants.has(name) && <p className="text-12 break-words text-ink-3"><bdi>{check.details}</bdi></p>}
      </div>
    </li>
  );
}
