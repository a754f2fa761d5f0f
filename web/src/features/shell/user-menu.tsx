import { useNavigate } from '@tanstack/react-router';
import { useQueryClient } from '@tanstack/react-query';
import { Keyboard, Languages, LogOut, Monitor, Moon, Sun, UserRound } from 'lucide-react';
import { signOut, updateMe, useMe } from '@/api/session';
import { Face } from '@/components/face';
import { MenuButton } from '@/components/menu';
import { changeLocale, locale, t, useLocale } from '@/i18n';
import { cx } from '@/lib/cx';
import { setPrefs, type Theme, usePrefs } from '@/lib/prefs';
import { openShell } from './open';

const themes: { id: Theme; icon: typeof Sun }[] = [{ id: 'system', icon: Monitor }, { id: 'light', icon: Sun }, { id: 'dark', icon: Moon }];

export function UserMenu({ full }: { full: boolean }) {
  useLocale();
  const me = useMe();
  const prefs = usePrefs();
  const navigate = useNavigate();
  const client = useQueryClient();
  const speak = (next: 'he' | 'en') => {
    void changeLocale(next);
    void updateMe({ locale: next }).catch(() => {});
  };
  const leave = async () => {
    await signOut().catch(() => {});
    client.clear();
    await navigate({ to: '/sign-in' });
  };
  const groups = [
    {
      title: t('user.language'),
      entries: [
        { id: 'he', label: 'עברית', icon: Languages, selected: locale() === 'he', onAction: () => speak('he') },
        { id: 'en', label: 'English', icon: Languages, selected: locale() === 'en', onAction: () => speak('en') },
      ],
    },
    { title: t('user.theme'), entries: themes.map(({ id, icon }) => ({ id, label: t(`user.theme_${id}`), icon, selected: prefs.theme === id, onAction: () => setPrefs({ theme: id }) })) },
    {
      entries: [
        { id: 'profile', label: t('user.profile'), icon: UserRound, onAction: () => void navigate({ to: '/settings/profile' }) },
        { id: 'keys', label: t('user.keys'), icon: Keyboard, onAction: () => openShell('keys') },
        { id: 'out', label: t('user.sign_out'), icon: LogOut, mirror: true, onAction: () => void leave() },
      ],
    },
  ];
  return (
    <MenuButton label={t('nav.user', { name: me.user.name })} groups={groups} placement="end bottom" className={cx('mt-1 grid place-items-center rounded-full p-1 hover:bg-hover', full && 'wide:flex wide:gap-2.5 wide:rounded-10 wide:px-2 wide:py-1.5')}>
      <Face id={me.user.id} name={me.user.name} size={32} />
      {full && <span className="hidden truncate text-13 font-semibold wide:block">{me.user.name}</span>}
    </MenuButton>
  );
}
