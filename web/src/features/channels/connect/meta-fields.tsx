import { RefreshCw } from 'lucide-react';
import { useState } from 'react';
import { newKey } from '@/api/client';
import type { Level, Link, NewChannel } from '@/api/types';
import { Field } from '@/components/field';
import { t } from '@/i18n';
import { Part } from './parts';

export function metaChannel(form: FormData, pair: { level: Level; link: Link }): NewChannel {
  const of = (name: string) => String(form.get(name) ?? '').trim();
  return {
    name: of('name'), provider: 'meta', ...pair, waba_id: of('waba_id'), phone_number_id: of('phone_number_id'), token: of('token'),
    app: { app_id: of('app_id'), app_secret: of('app_secret'), verify_token: of('verify_token') },
  };
}

/** Five values, and beside each where it is found. */
export function MetaFields({ name, error }: { name: string | undefined; error: (name: string) => string | null }) {
  const [verify, setVerify] = useState('');
  const digits = { inputMode: 'numeric', pattern: '[0-9]+', title: t('connect.digits') } as const;
  return (
    <>
      <p className="text-13 text-ink-2">{t('wizard.meta_body')}</p>
      <Part n={1} title={t('connect.step_number')}>
        <Field label={t('connect.name')} name="name" required maxLength={60} autoFocus defaultValue={name} hint={t('connect.name_hint')} error={error('name')} />
        <Field label={t('connect.phone_number_id')} name="phone_number_id" required code {...digits} hint={t('connect.phone_number_id_hint')} error={error('phone_number_id')} />
        <Field label={t('connect.waba_id')} name="waba_id" required code {...digits} hint={t('connect.waba_id_hint')} error={error('waba_id')} />
      </Part>
      <Part n={2} title={t('connect.step_app')}>
        <Field label={t('connect.app_id')} name="app_id" required code {...digits} hint={t('connect.app_id_hint')} error={error('app_id')} />
        <Field label={t('connect.app_secret')} name="app_secret" type="password" autoComplete="off" required hint={t('connect.app_secret_hint')} error={error('app_secret')} />
        <Field
          label={t('connect.verify_token')} name="verify_token" required code autoComplete="off" value={verify} onChange={(event) => setVerify(event.target.value)} hint={t('connect.verify_token_hint')} error={error('verify_token')}
          aside={<button type="button" onClick={() => setVerify(newKey().replaceAll('-', ''))} className="flex items-center gap-1 rounded-5 text-12 font-semibold text-brand-ink hover:underline"><RefreshCw size={13} aria-hidden />{t('connect.generate')}</button>}
        />
      </Part>
      <Part n={3} title={t('connect.step_token')}><Field label={t('connect.token')} name="token" type="password" autoComplete="off" required hint={t('connect.token_hint')} error={error('token')} /></Part>
    </>
  );
}
