import { useMutation, useQueryClient } from '@tanstack/react-query';
import { TriangleAlert } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { ApiProblem, wordsFor } from '@/api/client';
import { channelsQuery, connectChannel, moveChannel } from '@/api/channels';
import type { Channel, List, Need, NewChannel, Pair, ProviderInfo } from '@/api/types';
import { Ltr } from '@/components/bdi';
import { Button } from '@/components/button';
import { Field } from '@/components/field';
import { localised, t, T } from '@/i18n';
import { phone as local } from '@/lib/format';
import { isGateway } from '../state';
import { MetaFields, metaChannel } from './meta-fields';
import { BackRow, Part } from './parts';

interface Props { pair: Pair; provider: ProviderInfo; moving: Channel | undefined; onBack: () => void; onMade: (channel: Channel) => void }
const phoneNeed: Need = { field: 'phone', label: {}, hint: {}, secret: false, example: '03-000-0100', default: null, required: true };
const warnings = ['ban', 'number', 'pace', 'phone'] as const;

/** What the provider needs, each value with where it is found; what is wrong is said at its field. */
export function Fields({ pair, provider, moving, onBack, onMade }: Props) {
  const client = useQueryClient();
  const gateway = isGateway(pair);
  const [accepted, setAccepted] = useState(false);
  const [tried, setTried] = useState(false);
  const { level, link } = pair;
  const connect = useMutation({
    mutationFn: (form: FormData) => {
      const to = provider.provider === 'meta' ? metaChannel(form, { level, link }) : channelOf(form);
      return moving ? moveChannel(moving.id, moving.version, to) : connectChannel(to);
    },
    onSuccess: async (channel) => {
      client.setQueryData<List<Channel>>(channelsQuery.queryKey, (list) => list && { ...list, items: [...list.items.filter((item) => item.id !== channel.id), channel] });
      onMade(channel);
      await client.invalidateQueries(channelsQuery);
    },
  });
  const needs = [...provider.needs, ...(!gateway && !provider.needs.some((need) => need.field === 'phone') ? [phoneNeed] : [])];
  const channelOf = (form: FormData): NewChannel => {
    const of = (name: string) => String(form.get(name) ?? '').trim();
    const values = Object.fromEntries(needs.map(({ field }) => [field, of(field)]).filter(([, value]) => value));
    // The number stays: its field is not asked.
    const phone = moving?.phone && needs.some(({ field }) => field === 'phone') ? { phone: moving.phone } : {};
    return { name: of('name'), provider: provider.provider, level, link, ...values, ...phone, ...(gateway ? { accept_risk: true as const } : {}) };
  };
  const at = connect.error instanceof ApiProblem ? connect.error.problem.field?.replace(/^app\./, '') ?? null : null;
  const named = ['name', 'app_id', 'app_secret', 'verify_token', 'phone_number_id', 'waba_id', 'token', ...needs.map(({ field }) => field)];
  const error = (name: string) => (at === name ? wordsFor(connect.error) : null);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    setTried(true);
    if (gateway && !accepted) return;
    connect.mutate(new FormData(event.currentTarget));
  };
  return (
    <form onSubmit={submit} className="flex max-w-[726px] flex-col gap-4">
      <BackRow words={[localised(pair.title), provider.family === 'none' ? '' : provider.name].filter(Boolean).join(' · ')} onBack={onBack} />
      {connect.error && !(at && named.includes(at)) && <p role="alert" className="rounded-9 bg-bad-soft px-3 py-2 text-13 text-bad">{wordsFor(connect.error)}</p>}
      {provider.provider === 'meta' ? <MetaFields name={moving?.name} error={error} /> : (
        <Part title={t('wizard.step_fields')}>
          <Field label={t('connect.name')} name="name" required maxLength={60} autoFocus defaultValue={moving?.name} hint={t('connect.name_hint')} error={error('name')} />
          {needs.map((need) => <NeedField key={need.field} need={need} fixed={need.field === 'phone' ? moving?.phone ?? null : null} error={error(need.field)} />)}
        </Part>
      )}
      {gateway && <Warning link={link} accepted={accepted} onAccept={setAccepted} missing={tried && !accepted} />}
      <div><Button type="submit" tone="filled" size="large" busy={connect.isPending}>{moving ? t('move.submit') : provider.provider === 'meta' ? t('connect.submit') : t('wizard.create')}</Button></div>
    </form>
  );
}

function NeedField({ need, fixed, error }: { need: Need; fixed: string | null; error: string | null }) {
  if (fixed) return <Field label={localised(need.label) || t('wizard.phone')} locked code value={local(fixed)} readOnly error={error} hint={t('move.number')} />;
  const phone = need.field === 'phone';
  return (
    <Field
      label={localised(need.label) || t('wizard.phone')} name={need.field} required={need.required} error={error} hint={hint(need)} code={!need.secret} defaultValue={need.default ?? undefined}
      type={need.secret ? 'password' : phone ? 'tel' : need.field === 'base_url' ? 'url' : 'text'} autoComplete={need.secret ? 'off' : phone ? 'tel' : undefined}
    />
  );
}

function hint(need: Need) {
  const words = localised(need.hint) || (need.field === 'phone' ? t('wizard.phone_hint') : '');
  return need.example && need.example !== need.default ? <>{words} <T k="wizard.example" example={<Ltr>{need.example}</Ltr>} /></> : words;
}

/** Told once, plainly, and accepted by a person: the server keeps who and when. */
function Warning({ link, accepted, onAccept, missing }: { link: Pair['link']; accepted: boolean; onAccept: (accepted: boolean) => void; missing: boolean }) {
  return (
    <section aria-labelledby="warning" className="flex flex-col gap-3 rounded-12 border border-warn-solid bg-warn-soft p-5 max-small:p-4">
      <h2 id="warning" className="flex items-center gap-2.5 text-16 font-semibold text-warn"><TriangleAlert size={18} strokeWidth={1.75} aria-hidden />{t('wizard.warn_title')}</h2>
      <ul className="flex list-disc flex-col gap-1.5 ps-5 text-13 marker:text-warn">
        {warnings.map((key) => <li key={key}>{t(`wizard.warn_${key}`)}</li>)}
        {link === 'gateway_one_way' && <li>{t('wizard.warn_replies')}</li>}
      </ul>
      <label className="flex items-start gap-3 rounded-10 bg-surface px-3.5 py-3 text-13 font-medium max-small:min-h-11">
        <input type="checkbox" checked={accepted} onChange={(event) => onAccept(event.target.checked)} aria-invalid={missing || undefined} aria-describedby="accept-hint" className="mt-0.5 size-4 shrink-0 accent-brand" />
        {t('wizard.accept')}
      </label>
      <p id="accept-hint" role={missing ? 'alert' : undefined} className={missing ? 'text-12 text-bad' : 'text-12 text-ink-2'}>{missing ? t('wizard.accept_first') : t('wizard.accept_logged')}</p>
    </section>
  );
}
