import { useMutation, useQuery } from '@tanstack/react-query';
import { useSearch } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { ApiProblem, wordsFor } from '@/api/client';
import { setUp, setupQuery } from '@/api/session';
import { Button } from '@/components/button';
import { Field } from '@/components/field';
import { EmptyState } from '@/components/states';
import { Segmented } from '@/components/tabs';
import { changeLocale, locale, t, useLocale } from '@/i18n';
import { AccountPage, FormError } from './account-page';
import { useEnter } from './sign-in';

export function Setup() {
  useLocale();
  const { token } = useSearch({ strict: false });
  const setup = useQuery({ ...setupQuery(token ?? ''), enabled: !!token });
  const bad = !token || setup.isError || setup.data?.usable === false;
  return (
    <AccountPage>
      {bad ? <EmptyState title={t('setup.unusable')}>{setup.isError ? wordsFor(setup.error) : t('setup.unusable_body')}</EmptyState> : setup.data && <SetupForm token={token} />}
    </AccountPage>
  );
}

function SetupForm({ token }: { token: string }) {
  const enter = useEnter();
  const [language, setLanguage] = useState(locale());
  const attempt = useMutation({
    mutationFn: (form: FormData) => {
      const of = (name: string) => String(form.get(name) ?? '');
      return setUp({ token, workspace_name: of('workspace_name'), name: of('name'), email: of('email'), password: of('password'), locale: language });
    },
    onSuccess: (me) => enter(me, '/first-steps'),
  });
  const field = attempt.error instanceof ApiProblem ? attempt.error.problem.field : null;
  const error = (name: string) => (field === name ? wordsFor(attempt.error) : null);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    attempt.mutate(new FormData(event.currentTarget));
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-5">
      <div>
        <h1 className="text-26 font-semibold">{t('setup.title')}</h1>
        <p className="text-14 text-ink-2">{t('setup.body')}</p>
      </div>
      <FormError>{attempt.error && !field ? wordsFor(attempt.error) : null}</FormError>
      <Field label={t('setup.workspace')} name="workspace_name" required maxLength={80} autoFocus error={error('workspace_name')} />
      <Field label={t('setup.name')} name="name" autoComplete="name" required maxLength={80} error={error('name')} />
      <Field label={t('sign_in.email')} name="email" type="email" autoComplete="username" required code error={error('email')} />
      <Field label={t('setup.password')} name="password" type="password" autoComplete="new-password" required minLength={12} hint={t('setup.password_hint')} error={error('password')} />
      <div className="flex items-center justify-between">
        <span className="text-13 font-medium">{t('setup.language')}</span>
        <Segmented label={t('setup.language')} value={language} onChange={(next) => { setLanguage(next); void changeLocale(next); }} tabs={[{ value: 'he', label: 'עברית' }, { value: 'en', label: 'English' }]} />
      </div>
      <Button type="submit" tone="filled" size="large" busy={attempt.isPending}>{t('setup.submit')}</Button>
    </form>
  );
}
