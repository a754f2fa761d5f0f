import { useMutation } from '@tanstack/react-query';
import { useSearch } from '@tanstack/react-router';
import type { FormEvent } from 'react';
import { wordsFor } from '@/api/client';
import { join } from '@/api/session';
import { Button } from '@/components/button';
import { Field } from '@/components/field';
import { t, useLocale } from '@/i18n';
import { AccountPage, FormError } from './account-page';
import { useEnter } from './sign-in';

export function Join() {
  useLocale();
  const { token = '' } = useSearch({ strict: false });
  const enter = useEnter();
  const attempt = useMutation({ mutationFn: (password: string) => join(token, password), onSuccess: (me) => enter(me) });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    attempt.mutate(String(new FormData(event.currentTarget).get('password')));
  };
  return (
    <AccountPage>
      <form onSubmit={submit} className="flex flex-col gap-5">
        <div>
          <h1 className="text-26 font-semibold">{t('join.title')}</h1>
          <p className="text-14 text-ink-2">{t('join.body')}</p>
        </div>
        <FormError>{attempt.error ? wordsFor(attempt.error) : null}</FormError>
        <Field label={t('setup.password')} name="password" type="password" autoComplete="new-password" required minLength={12} hint={t('setup.password_hint')} size="large" autoFocus />
        <Button type="submit" tone="filled" size="large" busy={attempt.isPending}>{t('join.submit')}</Button>
      </form>
    </AccountPage>
  );
}
