import { Outlet, useNavigate, useParams } from '@tanstack/react-router';
import { Keyboard, Languages, Megaphone, MessagesSquare, RadioTower, Search, Settings, SunMoon, Undo2, UsersRound } from 'lucide-react';
import { lazy, Suspense } from 'react';
import { useCan } from '@/api/session';
import { undoLast } from '@/components/toast';
import { changeLocale, locale, t, useLocale, withWords } from '@/i18n';
import { type Action, useActions, useKeyboard } from '@/lib/actions';
import { setPrefs } from '@/lib/prefs';
import { useLive } from '@/live/use-live';
import { BottomBar, Nav } from './nav';
import { OfflineNotice } from './offline';
import { openShell, useShellLayer } from './open';

const Palette = lazy(() => import('./palette'));
const KeysHelp = lazy(() => withWords(['more', 'thread'], () => import('./keys-help')));

export function Shell() {
  useLocale();
  useLive();
  useKeyboard();
  useShellActions();
  const layer = useShellLayer();
  const { conversationId } = useParams({ strict: false });
  return (
    <div className="flex h-full max-small:flex-col">
      <a href="#main" className="sr-only z-50 rounded-9 bg-brand px-3 py-2 text-on-brand focus:not-sr-only focus:fixed focus:start-3 focus:top-3">{t('nav.skip')}</a>
      <Nav onFind={() => openShell('palette')} />
      <div className="flex min-h-0 min-w-0 flex-1 flex-col">
        <OfflineNotice />
        <main id="main" tabIndex={-1} className="flex min-h-0 flex-1 flex-col focus-visible:outline-none"><Outlet /></main>
      </div>
      {!conversationId && <BottomBar />}
      <Suspense fallback={null}>
        {layer === 'palette' && <Palette onClose={() => openShell(null)} />}
        {layer === 'keys' && <KeysHelp onClose={() => openShell(null)} />}
      </Suspense>
    </div>
  );
}

function useShellActions() {
  const navigate = useNavigate();
  const manages = useCan('channels.manage');
  const mails = useCan('campaigns.manage');
  const dark = document.documentElement.dataset.theme === 'dark';
  const actions: Action[] = [
    { id: 'find', group: 'do', hidden: true, label: t('palette.title'), icon: Search, code: 'Mod+KeyK', run: () => openShell('palette') },
    { id: 'help', group: 'do', label: t('keys.title'), icon: Keyboard, code: 'Shift+Slash', keys: '?', run: () => openShell('keys') },
    { id: 'undo', group: 'do', hidden: true, label: t('keys.undo'), icon: Undo2, code: 'KeyZ', run: () => void undoLast() },
    { id: 'go-inbox', group: 'go', label: t('nav.inbox'), icon: MessagesSquare, code: 'KeyG KeyI', keys: 'G I', run: () => void navigate({ to: '/inbox/{-$conversationId}', params: { conversationId: undefined } }) },
    { id: 'go-leads', group: 'go', label: t('nav.leads'), icon: UsersRound, code: 'KeyG KeyL', keys: 'G L', run: () => void navigate({ to: '/leads' }) },
    ...(mails ? [{ id: 'go-mailings', group: 'go' as const, label: t('nav.mailings'), icon: Megaphone, code: 'KeyG KeyM', keys: 'G M', run: () => void navigate({ to: '/campaigns' }) }] : []),
    ...(manages ? [{ id: 'go-channels', group: 'go' as const, label: t('nav.channels'), icon: RadioTower, code: 'KeyG KeyC', keys: 'G C', run: () => void navigate({ to: '/settings/channels' }) }] : []),
    { id: 'go-settings', group: 'go', label: t('nav.settings'), icon: Settings, run: () => void navigate({ to: '/settings/profile' }) },
    { id: 'language', group: 'do', label: t('palette.language'), icon: Languages, run: () => void changeLocale(locale() === 'he' ? 'en' : 'he') },
    { id: 'theme', group: 'do', label: t('palette.theme'), icon: SunMoon, run: () => setPrefs({ theme: dark ? 'light' : 'dark' }) },
  ];
  useActions(actions);
}
