import { Link, Outlet, useLocation } from '@tanstack/react-router';
import { KeyRound, type LucideIcon, RadioTower, ShieldAlert, UserRound, UsersRound } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { useMe } from '@/api/session';
import { type Key, t, useLocale } from '@/i18n';
import { cx } from '@/lib/cx';

interface Item { to: '/settings/profile' | '/settings/channels' | '/settings/users' | '/settings/api-keys' | '/settings/quarantine'; label: Key; icon: LucideIcon; right?: string }
const groups: { title: Key; items: Item[] }[] = [
  { title: 'settings.account', items: [{ to: '/settings/profile', label: 'settings.profile', icon: UserRound }] },
  {
    title: 'settings.workspace',
    items: [
      { to: '/settings/channels', label: 'settings.channels', icon: RadioTower, right: 'channels.manage' },
      { to: '/settings/users', label: 'settings.users', icon: UsersRound, right: 'users.manage' },
      { to: '/settings/api-keys', label: 'settings.api_keys', icon: KeyRound, right: 'api_keys.manage' },
      { to: '/settings/quarantine', label: 'settings.quarantine', icon: ShieldAlert, right: 'quarantine.view' },
    ],
  },
];

export function SettingsLayout() {
  useLocale();
  const { permissions } = useMe();
  const { pathname } = useLocation();
  const nav = useRef<HTMLElement>(null);
  useEffect(() => {
    // Not given back: newer browsers answer a scroll with a promise.
    nav.current?.querySelector('[aria-current=page]')?.scrollIntoView({ inline: 'center', block: 'nearest' });
  }, [pathname]);
  return (
    <div className="flex min-h-0 flex-1 max-medium:flex-col">
      <nav ref={nav} data-sideways aria-label={t('settings.title')} className="w-52 shrink-0 overflow-auto border-e border-line bg-surface p-3 max-medium:flex max-medium:w-full max-medium:gap-1 max-medium:border-e-0 max-medium:border-b max-medium:py-2">
        <p className="px-3 pt-1 pb-3 text-16 font-semibold max-medium:hidden">{t('settings.title')}</p>
        {groups.map((group) => {
          const items = group.items.filter((item) => !item.right || permissions.includes(item.right));
          return !!items.length && (
            <div key={group.title} className="contents">
              <p className="px-3 pt-3 pb-1 text-12 text-ink-3 max-medium:hidden">{t(group.title)}</p>
              {items.map((item) => {
                const here = pathname.startsWith(item.to);
                return (
                  <Link key={item.to} to={item.to} aria-current={here ? 'page' : undefined} className={cx('flex h-[34px] shrink-0 items-center gap-2.5 rounded-9 px-3 text-13 max-small:h-11', here ? 'bg-brand-soft font-semibold text-brand-ink' : 'text-ink-2 hover:bg-hover')}>
                    <item.icon size={16} strokeWidth={1.75} aria-hidden />{t(item.label)}
                  </Link>
                );
              })}
            </div>
          );
        })}
      </nav>
      <div className="flex min-h-0 min-w-0 flex-1 flex-col"><Outlet /></div>
    </div>
  );
}
