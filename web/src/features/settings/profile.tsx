import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { ApiProblem, wordsFor } from '@/api/client';
import { sessionQuery, updateMe, useMe } from '@/api/session';
import type { Me } from '@/api/types';
import { Button } from '@/components/button';
import { Field, Switch } from '@/components/field';
import { Card, PageBody, PageHeader } from '@/components/page';
import { Segmented } from '@/components/tabs';
import { toast } from '@/components/toast';
import { changeLocale, locale, t, useLocale } from '@/i18n';
import { setPrefs, usePrefs } from '@/lib/prefs';

export function Profile() {
  useLocale();
  return (
    <>
      <PageHeader title={t('settings.profile')} />
      <PageBody>
        <div className="flex max-w-[726px] flex-col gap-4"><Details /><Appearance /><Password /></div>
      </PageBody>
    </>
  );
}

function Details() {
  const me = useMe();
  const client = useQueryClient();
  const [name, setName] = useState(me.user.name);
  const save = useMutation({ mutationFn: () => updateMe({ name: name.trim() }), onSuccess: (next: Me) => { client.setQueryData(sessionQuery.queryKey, next); toast(t('profile.saved')); } });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <Card title={t('profile.details')}>
      <form onSubmit={submit} className="grid items-start gap-4 small:grid-cols-2">
        <Field label={t('profile.name')} value={name} onChange={(event) => setName(event.target.value)} required error={save.error ? wordsFor(save.error) : null} />
        <Field label={t('sign_in.email')} value={me.user.email} code locked readOnly />
        <div className="small:col-span-2"><Button type="submit" tone="soft" busy={save.isPending} disabled={!name.trim() || name.trim() === me.user.name}>{t('action.save')}</Button></div>
      </form>
    </Card>
  );
}

function Appearance() {
  const prefs = usePrefs();
  const row = 'flex flex-wrap items-center justify-between gap-3 py-1';
  return (
    <Card title={t('profile.appearance')}>
      <div className="flex flex-col gap-2.5">
        <div className={row}><span className="text-13 font-medium">{t('user.language')}</span><Segmented label={t('user.language')} value={locale()} onChange={(next) => { void changeLocale(next); void updateMe({ locale: next }).catch(() => {}); }} tabs={[{ value: 'he', label: 'עברית' }, { value: 'en', label: 'English' }]} /></div>
        <div className={row}><span className="text-13 font-medium">{t('user.theme')}</span><Segmented label={t('user.theme')} value={prefs.theme} onChange={(theme) => setPrefs({ theme })} tabs={(['system', 'light', 'dark'] as const).map((value) => ({ value, label: t(`user.theme_${value}`) }))} /></div>
        <div className={row}><span className="text-13 font-medium">{t('profile.density')}</span><Segmented label={t('profile.density')} value={prefs.density} onChange={(density) => setPrefs({ density })} tabs={(['comfortable', 'compact'] as const).map((value) => ({ value, label: t(`profile.${value}`) }))} /></div>
        <Switch label={t('profile.letters')} hint={t('profile.letters_hint')} checked={prefs.letters} onChange={(letters) => setPrefs({ letters })} />
      </div>
    </Card>
  );
}

function Password() {
  const save = useMutation({ mutationFn: (form: FormData) => updateMe({ password: { current: String(form.get('current')), new: String(form.get('new')) } }) });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    save.mutate(new FormData(form), { onSuccess: () => { form.reset(); toast(t('profile.password_saved')); } });
  };
  const field = save.error instanceof ApiProblem ? save.error.problem.field : null;
  const atNew = !!field && /new/.test(field);
  const words = save.error ? wordsFor(save.error) : null;
  return (
    <Card title={t('profile.password')}>
      <form onSubmit={submit} className="grid items-start gap-4 small:grid-cols-2">
        <Field label={t('profile.current')} name="current" type="password" autoComplete="current-password" required error={atNew ? null : words} />
        <Field label={t('profile.new')} name="new" type="password" autoComplete="new-password" required minLength={12} hint={t('setup.password_hint')} error={atNew ? words : null} />
        <div className="small:col-span-2"><Button type="submit" tone="soft" busy={save.isPending}>{t('profile.change_password')}</Button></div>
      </form>
    </Card>
  );
}
