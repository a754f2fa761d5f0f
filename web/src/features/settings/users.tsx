import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { ChevronDown, Ellipsis, Link2, Plus, UserRoundCheck, UserRoundX } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { ApiProblem, wordsFor } from '@/api/client';
import { useCan, useMe } from '@/api/session';
import type { Locale, Role, User } from '@/api/types';
import { invite, inviteAgain, updateUser, usersQuery } from '@/api/users';
import { Button } from '@/components/button';
import { CopyField } from '@/components/copy-field';
import { Face } from '@/components/face';
import { Field } from '@/components/field';
import { Layer } from '@/components/layer';
import { MenuButton } from '@/components/menu';
import { PageBody, PageHeader } from '@/components/page';
import { Pill } from '@/components/pill';
import { ErrorState, SkeletonRows } from '@/components/states';
import { Segmented } from '@/components/tabs';
import { toast } from '@/components/toast';
import { locale, t, useLocale } from '@/i18n';
import { cx } from '@/lib/cx';
import { Refused } from '@/components/refused';

const roles = ['admin', 'manager', 'agent', 'viewer'] as const;

export function Users() {
  useLocale();
  const may = useCan('users.manage');
  const me = useMe();
  const client = useQueryClient();
  const { data, error, isPending, refetch } = useQuery(usersQuery);
  const [inviting, setInviting] = useState(false);
  const [link, setLink] = useState<string | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const again = () => void client.invalidateQueries(usersQuery);
  const change = async (user: User, to: { role?: Role; disabled?: boolean }) => {
    try {
      await updateUser(user.id, to);
      setProblem(null);
      if (to.role) toast(t('users.role_toast', { role: t(`users.role_${to.role}`) }), () => void change(user, { role: user.role }));
      else toast(to.disabled ? t('users.disabled_toast', { name: user.name }) : t('users.enabled_toast', { name: user.name }), () => void change(user, { disabled: !to.disabled }));
    } catch (failure) {
      setProblem(wordsFor(failure));
    }
    again();
  };
  const newLink = (user: User) => void inviteAgain(user.id).then(({ invite_url }) => setLink(invite_url), (failure: unknown) => setProblem(wordsFor(failure)));
  if (!may) return <Refused />;
  return (
    <>
      <PageHeader title={t('users.title')}><Button tone="filled" icon={Plus} onClick={() => setInviting(true)}>{t('users.invite')}</Button></PageHeader>
      <PageBody>
        {problem && <p role="alert" className="mb-3 rounded-9 bg-bad-soft px-3 py-2 text-13 text-bad">{problem}</p>}
        <div className="overflow-hidden rounded-12 border border-line bg-surface shadow-e1">
          {isPending && <SkeletonRows rows={4} />}
          {error && !data && <ErrorState error={error} retry={() => void refetch()} />}
          <ul className="divide-y divide-line">
            {data?.items.map((user) => (
              <li key={user.id} className="flex min-h-16 items-center gap-3 px-4 py-2.5">
                <Face id={user.id} name={user.name} size={36} className={cx(user.disabled_at && 'opacity-50')} />
                <div className="min-w-0 flex-1">
                  <p className="flex items-center gap-2 text-14 font-medium"><bdi className="truncate">{user.name}</bdi>{user.id === me.user.id && <span className="shrink-0 text-12 font-normal text-ink-3 max-small:hidden">{t('users.you')}</span>}</p>
                  <p dir="ltr" className="rtl-end truncate text-12 text-ink-3">{user.email}</p>
                </div>
                <span className="max-small:hidden">{user.disabled_at ? <Pill tone="bad">{t('users.disabled')}</Pill> : user.invited ? <Pill tone="warn">{t('users.invited')}</Pill> : <Pill tone="ok">{t('users.active')}</Pill>}</span>
                <MenuButton
                  label={`${t('users.role')}: ${t(`users.role_${user.role}`)}`} disabled={user.role === 'owner' || user.id === me.user.id} placement="bottom end" className="flex h-[34px] w-32 shrink-0 items-center justify-between gap-1 rounded-9 px-3 text-13 enabled:border enabled:border-control enabled:hover:border-ink-3 max-small:w-28"
                  groups={[{ entries: roles.map((role) => ({ id: role, label: t(`users.role_${role}`), hint: t(`users.role_${role}_hint`), selected: user.role === role, onAction: () => void change(user, { role }) })) }]}
                >
                  {t(`users.role_${user.role}`)}{user.role !== 'owner' && user.id !== me.user.id && <ChevronDown size={14} aria-hidden className="text-ink-3" />}
                </MenuButton>
                <MenuButton
                  label={t('action.more')} disabled={user.role === 'owner' || user.id === me.user.id} placement="bottom end" className="grid size-[34px] place-items-center rounded-9 text-ink-2 enabled:hover:bg-hover disabled:invisible max-small:size-11 max-small:disabled:hidden"
                  groups={[{ entries: [
                    { id: 'link', label: t('users.new_link'), icon: Link2, onAction: () => newLink(user) },
                    user.disabled_at ? { id: 'on', label: t('users.enable'), icon: UserRoundCheck, onAction: () => void change(user, { disabled: false }) } : { id: 'off', label: t('users.disable'), icon: UserRoundX, danger: true, onAction: () => void change(user, { disabled: true }) },
                  ] }]}
                >
                  <Ellipsis size={18} aria-hidden />
                </MenuButton>
              </li>
            ))}
          </ul>
        </div>
      </PageBody>
      {inviting && <Invite onClose={() => setInviting(false)} onMade={(made) => { setInviting(false); setLink(made); again(); }} />}
      {link && (
        <Layer title={t('users.link_title')} onClose={() => setLink(null)} footer={<Button tone="filled" onClick={() => setLink(null)}>{t('action.done')}</Button>}>
          <div className="p-5"><CopyField label={t('users.link_body')} value={link} autoFocus /></div>
        </Layer>
      )}
    </>
  );
}

function Invite({ onClose, onMade }: { onClose: () => void; onMade: (url: string) => void }) {
  const [role, setRole] = useState<Role>('agent');
  const [language, setLanguage] = useState<Locale>(locale());
  const make = useMutation({
    mutationFn: (form: FormData) => invite({ name: String(form.get('name')).trim(), email: String(form.get('email')).trim(), role, locale: language }),
    onSuccess: ({ invite_url }) => onMade(invite_url),
  });
  const field = make.error instanceof ApiProblem ? make.error.problem.field : null;
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    make.mutate(new FormData(event.currentTarget));
  };
  return (
    <Layer title={t('users.invite_title')} onClose={onClose}>
      <form onSubmit={submit} className="flex flex-col gap-4 p-5">
        {make.error && !field && <p role="alert" className="rounded-9 bg-bad-soft px-3 py-2 text-13 text-bad">{wordsFor(make.error)}</p>}
        <Field label={t('setup.name')} name="name" required autoFocus error={field === 'name' ? wordsFor(make.error) : null} />
        <Field label={t('sign_in.email')} name="email" type="email" required code error={field === 'email' ? wordsFor(make.error) : null} />
        <fieldset className="flex flex-col gap-2">
          <legend className="mb-1.5 text-13 font-medium">{t('users.role')}</legend>
          {roles.map((value) => (
            <label key={value} className={cx('flex items-center gap-3 rounded-10 border px-3 py-2', role === value ? 'border-brand bg-brand-soft' : 'border-line-2 hover:bg-hover')}>
              <input type="radio" name="role" checked={role === value} onChange={() => setRole(value)} className="size-4 accent-brand" />
              <span><span className="block text-13 font-semibold">{t(`users.role_${value}`)}</span><span className="block text-12 text-ink-2">{t(`users.role_${value}_hint`)}</span></span>
            </label>
          ))}
        </fieldset>
        <div className="flex items-center justify-between"><span className="text-13 font-medium">{t('user.language')}</span><Segmented label={t('user.language')} value={language} onChange={setLanguage} tabs={[{ value: 'he', label: 'עברית' }, { value: 'en', label: 'English' }]} /></div>
        <div className="flex justify-end gap-2"><Button tone="ghost" onClick={onClose}>{t('action.cancel')}</Button><Button type="submit" tone="filled" busy={make.isPending}>{t('users.make_invite')}</Button></div>
      </form>
    </Layer>
  );
}
