import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { ApiProblem, wordsFor } from '@/api/client';
import { channelsQuery, updateChannel } from '@/api/channels';
import type { Channel, ChannelChange, List } from '@/api/types';
import { Button } from '@/components/button';
import { Field } from '@/components/field';
import { Layer } from '@/components/layer';
import { Card } from '@/components/page';
import { toast } from '@/components/toast';
import { t } from '@/i18n';

/** Changes a channel, and shows at once what the server made of it. */
export function useChannelChange(channel: Channel, saved?: (channel: Channel) => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (change: Omit<ChannelChange, 'version'>) => updateChannel(channel.id, { version: channel.version, ...change }),
    onSuccess: (next) => {
      client.setQueryData<List<Channel>>(channelsQuery.queryKey, (list) => list && { ...list, items: list.items.map((item) => (item.id === next.id ? next : item)) });
      saved?.(next);
    },
    onError: (error) => error instanceof ApiProblem && error.code === 'changed_meanwhile' && void client.invalidateQueries(channelsQuery),
  });
}

const tokenHint = ({ account }: Channel) => (account?.token_last4 ? t('channels.token_ends', { last4: account.token_last4 }) : undefined);

export function TokenLayer({ channel, onClose }: { channel: Channel; onClose: () => void }) {
  const [token, setToken] = useState('');
  const save = useChannelChange(channel, () => { toast(t('profile.saved')); onClose(); });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate({ token: token.trim() });
  };
  return (
    <Layer title={t('channels.replace_token')} onClose={onClose}>
      <form onSubmit={submit} className="flex flex-col gap-5 p-5">
        <Field label={t('channels.new_token')} type="password" autoComplete="off" value={token} onChange={(event) => setToken(event.target.value)} required autoFocus error={save.error && wordsFor(save.error)} hint={tokenHint(channel)} />
        <div className="flex justify-end gap-2"><Button tone="ghost" onClick={onClose}>{t('action.cancel')}</Button><Button type="submit" tone="filled" busy={save.isPending}>{t('action.save')}</Button></div>
      </form>
    </Layer>
  );
}

export function Access({ channel }: { channel: Channel }) {
  const [name, setName] = useState(channel.name);
  const [token, setToken] = useState('');
  const [secret, setSecret] = useState('');
  const save = useChannelChange(channel, () => { setToken(''); setSecret(''); toast(t('profile.saved')); });
  const change = { ...(name.trim() && name.trim() !== channel.name ? { name: name.trim() } : {}), ...(token.trim() ? { token: token.trim() } : {}), ...(secret.trim() ? { app_secret: secret.trim() } : {}) };
  const field = save.error instanceof ApiProblem ? save.error.problem.field : null;
  const error = (of: string) => (save.error && (field === of || (!field && of === 'name')) ? wordsFor(save.error) : null);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (Object.keys(change).length) save.mutate(change);
  };
  return (
    <Card title={t('detail.access')}>
      <form onSubmit={submit} className="grid items-start gap-4 small:grid-cols-2">
        <Field label={t('connect.name')} value={name} onChange={(event) => setName(event.target.value)} required maxLength={60} error={error('name')} />
        {channel.provider !== 'none' && <Field label={t('channels.new_token')} type="password" autoComplete="off" value={token} onChange={(event) => setToken(event.target.value)} error={error('token')} hint={tokenHint(channel)} />}
        {channel.provider === 'meta' && <Field label={t('detail.app_secret')} type="password" autoComplete="off" value={secret} onChange={(event) => setSecret(event.target.value)} error={error('app_secret')} hint={t('detail.app_secret_hint')} />}
        <div className="small:col-span-2"><Button type="submit" tone="soft" busy={save.isPending} disabled={!Object.keys(change).length}>{t('action.save')}</Button></div>
      </form>
    </Card>
  );
}
