import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { KeyRound, Plus } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { wordsFor } from '@/api/client';
import { useCan, useMe } from '@/api/session';
import type { ApiKey } from '@/api/types';
import { apiKeysQuery, createApiKey, revokeApiKey } from '@/api/users';
import { Ltr } from '@/components/bdi';
import { Button } from '@/components/button';
import { CopyField } from '@/components/copy-field';
import { Field } from '@/components/field';
import { Layer } from '@/components/layer';
import { PageBody, PageHeader } from '@/components/page';
import { Pill } from '@/components/pill';
import { EmptyState, ErrorState, SkeletonRows } from '@/components/states';
import { type Key, t, useLocale } from '@/i18n';
import { ago } from '@/lib/format';
import { Refused } from '@/components/refused';

export function ApiKeys() {
  useLocale();
  const may = useCan('api_keys.manage');
  const client = useQueryClient();
  const { data, error, isPending, refetch } = useQuery({ ...apiKeysQuery, enabled: may });
  const [making, setMaking] = useState(false);
  const [made, setMade] = useState<string | null>(null);
  const [revoking, setRevoking] = useState<ApiKey | null>(null);
  const again = () => void client.invalidateQueries(apiKeysQuery);
  if (!may) return <Refused />;
  const create = <Button tone="filled" icon={Plus} onClick={() => setMaking(true)}>{t('keys_api.create')}</Button>;
  return (
    <>
      <PageHeader title={t('keys_api.title')}>{!!data?.length && create}</PageHeader>
      <PageBody>
        <p className="mb-4 max-w-prose text-13 text-ink-2">{t('keys_api.body')}</p>
        {isPending && <SkeletonRows rows={3} face={false} />}
        {error && !data && <ErrorState error={error} retry={() => void refetch()} />}
        {data && !data.length && <EmptyState icon={KeyRound} title={t('keys_api.empty')} action={create}>{t('keys_api.empty_body')}</EmptyState>}
        {!!data?.length && (
          <ul className="divide-y divide-line overflow-hidden rounded-12 border border-line bg-surface shadow-e1">
            {data.map((key) => (
              <li key={key.id} className="flex min-h-16 flex-wrap items-center gap-3 px-4 py-2.5">
                <div className="min-w-40 flex-1">
                  <p className="text-14 font-medium"><bdi>{key.name}</bdi> <Ltr className="text-12 text-ink-3">{`…${key.last4}`}</Ltr></p>
                  <p className="flex flex-wrap gap-1 pt-1">{key.scopes.map((scope) => <span key={scope} title={scope} className="rounded-5 bg-grey-soft px-1.5 text-11 text-ink-2">{scopeName(scope)}</span>)}</p>
                </div>
                <span className="text-12 text-ink-3">{key.last_used_at ? `${t('keys_api.last_used')} ${ago(key.last_used_at)}` : t('keys_api.never_used')}</span>
                {key.revoked_at ? <Pill tone="bad">{t('keys_api.revoked')}</Pill> : <Button tone="ghost" size="small" onClick={() => setRevoking(key)}>{t('keys_api.revoke')}</Button>}
              </li>
            ))}
          </ul>
        )}
      </PageBody>
      {making && <Create onClose={() => setMaking(false)} onMade={(key) => { setMaking(false); setMade(key); again(); }} />}
      {made && (
        <Layer title={t('keys_api.created_title')} onClose={() => setMade(null)} footer={<Button tone="filled" onClick={() => setMade(null)}>{t('action.done')}</Button>}>
          <div className="p-5"><CopyField label={t('keys_api.created_body')} value={made} autoFocus /></div>
        </Layer>
      )}
      {revoking && <Revoke apiKey={revoking} onClose={() => setRevoking(null)} onDone={() => { setRevoking(null); again(); }} />}
    </>
  );
}

const scopeName = (scope: string) => {
  const key = `scope.${scope.replace('.', '_')}` as Key;
  const words = t(key);
  return words === key ? scope : words;
};

function Create({ onClose, onMade }: { onClose: () => void; onMade: (key: string) => void }) {
  // A key may do no more than the person who makes it.
  const mine = useMe().permissions;
  const [scopes, setScopes] = useState<string[]>([]);
  const [tried, setTried] = useState(false);
  const create = useMutation({ mutationFn: (name: string) => createApiKey({ name, scopes }), onSuccess: ({ key }) => onMade(key) });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    setTried(true);
    if (scopes.length) create.mutate(String(new FormData(event.currentTarget).get('name')).trim());
  };
  return (
    <Layer title={t('keys_api.create')} onClose={onClose}>
      <form onSubmit={submit} className="flex flex-col gap-4 p-5">
        {create.error && <p role="alert" className="rounded-9 bg-bad-soft px-3 py-2 text-13 text-bad">{wordsFor(create.error)}</p>}
        <Field label={t('keys_api.name')} name="name" required autoFocus hint={t('keys_api.name_hint')} />
        <fieldset>
          <legend className="mb-2 text-13 font-medium">{t('keys_api.scopes')}</legend>
          <div className="grid gap-1.5 small:grid-cols-2">
            {mine.map((scope) => (
              <label key={scope} className="flex items-center gap-2.5 rounded-9 border border-line px-3 py-2 hover:bg-hover has-checked:border-brand has-checked:bg-brand-soft">
                <input type="checkbox" checked={scopes.includes(scope)} onChange={(event) => setScopes(event.target.checked ? [...scopes, scope] : scopes.filter((other) => other !== scope))} className="size-4 accent-brand" />
                <span className="min-w-0"><span className="block text-13">{scopeName(scope)}</span><code dir="ltr" className="block truncate text-start font-mono text-11 text-ink-3">{scope}</code></span>
              </label>
            ))}
          </div>
          {tried && !scopes.length && <p role="alert" className="pt-2 text-12 text-bad">{t('keys_api.scope_choose')}</p>}
        </fieldset>
        <div className="flex justify-end gap-2"><Button tone="ghost" onClick={onClose}>{t('action.cancel')}</Button><Button type="submit" tone="filled" busy={create.isPending}>{t('connect.generate')}</Button></div>
      </form>
    </Layer>
  );
}

/** What cannot be undone is asked before. */
function Revoke({ apiKey, onClose, onDone }: { apiKey: ApiKey; onClose: () => void; onDone: () => void }) {
  const revoke = useMutation({ mutationFn: () => revokeApiKey(apiKey.id), onSuccess: onDone });
  return (
    <Layer title={t('keys_api.revoke_title', { name: apiKey.name })} onClose={onClose} footer={<><Button tone="ghost" onClick={onClose}>{t('action.cancel')}</Button><Button tone="danger" busy={revoke.isPending} onClick={() => revoke.mutate()}>{t('keys_api.revoke')}</Button></>}>
      <p className="p-5 text-13">{t('keys_api.revoke_body')}</p>
      {revoke.error && <p role="alert" className="px-5 pb-5 text-13 text-bad">{wordsFor(revoke.error)}</p>}
    </Layer>
  );
}
