import { Link, useLocation } from '@tanstack/react-router';
import { useQuery } from '@tanstack/react-query';
import { type LucideIcon, Megaphone, MessagesSquare, RadioTower, Search, Settings, UsersRound } from 'lucide-react';
import { channelsQuery } from '@/api/channels';
import { countsQuery } from '@/api/conversations';
import { useCan, useMe } from '@/api/session';
import { Badge } from '@/components/pill';
import { Kbd } from '@/components/kbd';
import { Mark } from '@/components/mark';
import { type Key, t, useLocale } from '@/i18n';
import { cx } from '@/lib/cx';
import { UserMenu } from './user-menu';

interface Item { to: string; label: Key; icon: LucideIcon; count?: number; bad?: boolean; keys?: string }

function useItems(): { main: Item[]; end: Item[] } {
  const mine = useQuery(countsQuery).data?.mine ?? 0;
  const manages = useCan('channels.manage');
  const mails = useCan('campaigns.manage');
  const channels = useQuery({ ...channelsQuery, enabled: manages }).data?.items ?? [];
  const ill = channels.filter((channel) => channel.health.state === 'disconnected' || channel.health.state === 'warning').length;
  return {
    main: [
      { to: '/inbox', label: 'nav.inbox', icon: MessagesSquare, count: mine, keys: 'G I' },
      { to: '/leads', label: 'nav.leads', icon: UsersRound, keys: 'G L' },
      ...(mails ? [{ to: '/campaigns', label: 'nav.mailings' as const, icon: Megaphone, keys: 'G M' }] : []),
      ...(manages ? [{ to: '/settings/channels', label: 'nav.channels' as const, icon: RadioTower, count: ill, bad: true, keys: 'G C' }] : []),
    ],
    end: [{ to: '/settings/profile', label: 'nav.settings', icon: Settings }],
  };
}

function useIsHere() {
  const { pathname } = useLocation();
  return (to: string) => (to.startsWith('/settings/channels') ? pathname.startsWith(to) : to.startsWith('/settings') ? pathname.startsWith('/settings') && !pathname.startsWith('/settings/channels') : pathname.startsWith(to));
}

/** The rail everywhere; on wide screens the full column, except in the inbox, which needs the room. */
export function Nav({ onFind }: { onFind: () => void }) {
  useLocale();
  const me = useMe();
  const { main, end } = useItems();
  const { pathname } = useLocation();
  const full = !pathname.startsWith('/inbox');
  return (
    <nav aria-label={t('nav.label')} className={cx('flex w-15 shrink-0 flex-col items-center gap-1 border-e border-line bg-sunken py-3 max-small:hidden', full && 'wide:w-52 wide:items-stretch wide:px-2.5')}>
      <div className={cx('mb-2 grid h-9 place-items-center', full && 'wide:flex wide:items-center wide:gap-2.5 wide:px-2')}>
        <Mark size={30} />
        {full && (
          <span className="hidden min-w-0 wide:block">
            <span className="block truncate text-13 font-semibold">{me.workspace.name}</span>
            <span className="block text-12 text-ink-3">{t('app.name')}</span>
          </span>
        )}
      </div>
      {full && (
        <button type="button" onClick={onFind} className="mb-1 hidden h-9 items-center gap-2 rounded-9 border border-control bg-surface px-3 text-13 text-ink-3 hover:border-ink-3 wide:flex">
          <Search size={16} strokeWidth={1.75} aria-hidden /><span className="flex-1">{t('nav.search')}</span><Kbd>Ctrl K</Kbd>
        </button>
      )}
      {main.map((item) => <NavLink key={item.to} item={item} full={full} />)}
      <span className="flex-1" />
      <button type="button" onClick={onFind} aria-label={t('nav.search')} data-tip={t('nav.search')} data-keys="Ctrl K" className={cx('grid size-10 place-items-center rounded-10 text-ink-2 hover:bg-hover', full && 'wide:hidden')}>
        <Search size={20} strokeWidth={1.75} aria-hidden />
      </button>
      {end.map((item) => <NavLink key={item.to} item={item} full={full} />)}
      <UserMenu full={full} />
    </nav>
  );
}

function NavLink({ item, full }: { item: Item; full: boolean }) {
  const here = useIsHere()(item.to);
  const { icon: Icon } = item;
  return (
    <Link
      to={item.to} aria-current={here ? 'page' : undefined} data-tip={full ? undefined : t(item.label)} data-keys={item.keys}
      className={cx('relative grid size-10 shrink-0 place-items-center rounded-10', full && 'wide:flex wide:h-[34px] wide:w-auto wide:gap-3 wide:px-3', here ? 'bg-brand-soft text-brand-ink' : 'text-ink-2 hover:bg-hover hover:text-ink')}
    >
      <Icon size={20} strokeWidth={1.75} aria-hidden className={full ? 'wide:size-[18px]' : undefined} />
      <span className={cx('sr-only', full && 'wide:not-sr-only wide:flex-1 wide:text-13', here && 'font-semibold')}>{t(item.label)}</span>
      {!!item.count && <Badge count={item.count} tone={item.bad ? 'bad' : 'brand'} className={cx('absolute -end-1 -top-1 ring-2 ring-sunken', full && 'wide:static wide:ring-0')} />}
    </Link>
  );
}

/** On a phone: a bar below, hidden while one conversation fills the screen. */
export function BottomBar() {
  useLocale();
  const { main, end } = useItems();
  const isHere = useIsHere();
  return (
    <nav aria-label={t('nav.label')} className="grid h-[calc(3.5rem+env(safe-area-inset-bottom))] shrink-0 auto-cols-fr grid-flow-col border-t border-line bg-surface pb-[env(safe-area-inset-bottom)] small:hidden">
      {[...main, ...end].map((item) => {
        const here = isHere(item.to);
        return (
          <Link key={item.to} to={item.to} aria-current={here ? 'page' : undefined} className={cx('flex flex-col items-center justify-center gap-0.5 text-11 focus-inset', here ? 'font-semibold text-brand-ink' : 'text-ink-2')}>
            <span className={cx('relative grid h-7 w-12 place-items-center rounded-full', here && 'bg-brand-soft')}>
              <item.icon size={20} strokeWidth={1.75} aria-hidden />
              {!!item.count && <Badge count={item.count} tone={item.bad ? 'bad' : 'brand'} className="absolute -end-1 -top-1.5 ring-2 ring-surface" />}
            </span>
            {t(item.label)}
          </Link>
        );
      })}
    </nav>
  );
}
