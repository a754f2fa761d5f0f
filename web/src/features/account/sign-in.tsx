import { useMutation } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { ShieldCheck } from 'lucide-react';
import { type FormEvent, useEffect, useRef, useState } from 'react';
import { ApiProblem, wordsFor } from '@/api/client';
import { signIn, signInByLink, useSignedIn } from '@/api/session';
import { Button } from '@/components/button';
import { Field } from '@/components/field';
import { Mark } from '@/components/mark';
import { changeLocale, t, useLocale } from '@/i18n';
import type { Me } from '@/api/types';
import { AccountPage, FormError } from './account-page';

/** After any way in: the person's language, then where they were going. */
export function useEnter() {
  const signedIn = useSignedIn();
  const navigate = useNavigate();
  const { next } = useSearch({ strict: false });
  return async (me: Me, to?: string) => {
    signedIn(me);
    await changeLocale(me.user.locale);
    // Only a path of our own: a link must not lead elsewhere.
    const safe = next && /^\/(?!\/)/.test(next) ? next : undefined;
    await navigate({ href: to ?? safe ?? '/inbox', replace: true });
  };
}

export function SignIn() {
  useLocale();
  const { link } = useSearch({ strict: false });
  const [used, setUsed] = useState(false);
  return <AccountPage>{link && !used ? <ByLink token={link} onFailed={() => setUsed(true)} /> : <ByPassword notice={used ? t('sign_in.link_used') : null} />}</AccountPage>;
}

function ByLink({ token, onFailed }: { token: string; onFailed: () => void }) {
  const enter = useEnter();
  const tried = useRef(false);
  useEffect(() => {
    // Works once: a second render must not spend it.
    if (tried.current) return;
    tried.current = true;
    signInByLink(token).then((me) => enter(me), onFailed);
  });
  return <div role="status" className="flex flex-col items-center gap-4 text-14 text-ink-2"><Mark size={44} connecting />{t('sign_in.link')}</div>;
}

function ByPassword({ notice }: { notice: string | null }) {
  const enter = useEnter();
  const [wait, setWait] = useState(0);
  const attempt = useMutation({
    mutationFn: (form: FormData) => signIn(String(form.get('email')), String(form.get('password'))),
    onSuccess: (me) => enter(me),
    onError: (error) => error instanceof ApiProblem && error.code === 'too_many_attempts' && setWait(error.retryAfter ?? 30),
  });
  useEffect(() => {
    if (wait <= 0) return;
    const timer = setTimeout(() => setWait(wait - 1), 1000);
    return () => clearTimeout(timer);
  }, [wait]);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    attempt.mutate(new FormData(event.currentTarget));
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-5">
      <div>
        <h1 className="text-26 font-semibold">{t('sign_in.title')}</h1>
        <p className="text-14 text-ink-2">{t('sign_in.body')}</p>
      </div>
      <FormError>{wait > 0 ? t('sign_in.wait', { n: wait }) : attempt.error ? wordsFor(attempt.error) : notice}</FormError>
      <Field label={t('sign_in.email')} name="email" type="email" autoComplete="username" required code size="large" autoFocus />
      <Field label={t('sign_in.password')} name="password" type="password" autoComplete="current-password" required size="large" />
      <Button type="submit" tone="filled" size="large" busy={attempt.isPending} disabled={wait > 0}>{t('sign_in.submit')}</Button>
      <div className="flex flex-col gap-1.5 text-12 text-ink-3">
        <p>{t('sign_in.forgot')}</p>
        <p className="flex items-center gap-1.5"><ShieldCheck size={14} strokeWidth={1.75} aria-hidden />{t('sign_in.note')}</p>
      </div>
    </form>
  );
}
