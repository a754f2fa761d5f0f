import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { ArrowLeft, RefreshCw } from 'lucide-react';
import { type FormEvent, type ReactNode, useState } from 'react';
import { ApiProblem, newKey, wordsFor } from '@/api/client';
import { channelsQuery, connectChannel } from '@/api/channels';
import { useCan } from '@/api/session';
import { Button } from '@/components/button';
import { Field } from '@/components/field';
import { Card, PageBody, PageHeader } from '@/components/page';
import { t, useLocale } from '@/i18n';
import { Refused } from './refused';

/** Five values, and beside each where it is found. What is wrong is said at its field. */
export function Connect() {
  useLocale();
  const may = useCan('channels.manage');
  const client = useQueryClient();
  const navigate = useNavigate();
  const [verify, setVerify] = useState('');
  const connect = useMutation({
    mutationFn: (form: FormData) => {
      const of = (name: string) => String(form.get(name) ?? '').trim();
      return connectChannel({
        name: of('name'), provider: 'meta', level: 'business_api', link: 'api', waba_id: of('waba_id'), phone_number_id: of('phone_number_id'), token: of('token'),
        app: { app_id: of('app_id'), app_secret: of('app_secret'), verify_token: of('verify_token') },
      });
    },
    onSuccess: async (channel) => {
      await client.invalidateQueries(channelsQuery);
      await navigate({ to: '/settings/channels', search: { check: channel.id } });
    },
  });
  const field = connect.error instanceof ApiProblem ? connect.error.problem.field?.replace(/^app\./, '') : null;
  const error = (name: string) => (field === name ? wordsFor(connect.error) : null);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    connect.mutate(new FormData(event.currentTarget));
  };
  const digits = { inputMode: 'numeric', pattern: '[0-9]+', title: t('connect.digits') } as const;
  if (!may) return <Refused />;
  return (
    <>
      <PageHeader title={t('connect.title')}><Link to="/settings/channels" className="inline-flex h-[34px] items-center gap-2 rounded-9 px-3 text-13 text-ink-2 hover:bg-hover"><ArrowLeft size={16} aria-hidden className="mirror" />{t('channels.title')}</Link></PageHeader>
      <PageBody>
        <form onSubmit={submit} className="flex max-w-[726px] flex-col gap-4">
          <p className="text-13 text-ink-2">{t('connect.body')}</p>
          {connect.error && !field && <p role="alert" className="rounded-9 bg-bad-soft px-3 py-2 text-13 text-bad">{wordsFor(connect.error)}</p>}
          <Step n={1} title={t('connect.step_number')}>
            <Field label={t('connect.name')} name="name" required maxLength={60} autoFocus hint={t('connect.name_hint')} error={error('name')} />
            <Field label={t('connect.phone_number_id')} name="phone_number_id" required code {...digits} hint={t('connect.phone_number_id_hint')} error={error('phone_number_id')} />
            <Field label={t('connect.waba_id')} name="waba_id" required code {...digits} hint={t('connect.waba_id_hint')} error={error('waba_id')} />
          </Step>
          <Step n={2} title={t('connect.step_app')}>
            <Field label={t('connect.app_id')} name="app_id" required code {...digits} hint={t('connect.app_id_hint')} error={error('app_id')} />
            <Field label={t('connect.app_secret')} name="app_secret" type="password" autoComplete="off" required hint={t('connect.app_secret_hint')} error={error('app_secret')} />
            <Field
              label={t('connect.verify_token')} name="verify_token" required code autoComplete="off" value={verify} onChange={(event) => setVerify(event.target.value)} hint={t('connect.verify_token_hint')} error={error('verify_token')}
              aside={<button type="button" onClick={() => setVerify(newKey().replaceAll('-', ''))} className="flex items-center gap-1 rounded-5 text-12 font-semibold text-brand-ink hover:underline"><RefreshCw size={13} aria-hidden />{t('connect.generate')}</button>}
            />
          </Step>
          <Step n={3} title={t('connect.step_token')}><Field label={t('connect.token')} name="token" type="password" autoComplete="off" required hint={t('connect.token_hint')} error={error('token')} /></Step>
          <div><Button type="submit" tone="filled" size="large" busy={connect.isPending}>{t('connect.submit')}</Button></div>
        </form>
      </PageBody>
    </>
  );
}

function Step({ n, title, children }: { n: number; title: string; children: ReactNode }) {
  return (
    <Card title={<span className="flex items-center gap-3"><span className="grid size-7 place-items-center rounded-full bg-brand-soft text-13 text-brand-ink">{n}</span>{title}</span>}>
      <div className="flex flex-col gap-4">{children}</div>
    </Card>
  );
}
