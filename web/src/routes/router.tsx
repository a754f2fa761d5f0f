import { createRootRoute, createRoute, createRouter, lazyRouteComponent, Outlet, redirect } from '@tanstack/react-router';
import { queryClient, isSignedOut } from '@/api/query-client';
import { sessionQuery } from '@/api/session';
import type { Level, Link, View } from '@/api/types';
import { Tips } from '@/components/tip';
import { Toasts } from '@/components/toast';
import { setServerNow } from '@/lib/clock';
import { hasSavedPrefs } from '@/lib/prefs';
import { setTimeZone } from '@/lib/format';
import { changeLocale, type Words, withWords } from '@/i18n';
import { LoadingPage, NotFound, PageError } from './page-states';
import { Shell } from '@/features/shell/shell';

const text = (value: unknown) => (typeof value === 'string' && value ? value : undefined);

/** These pages name things of a lead and of a message, too. */
const more: Words[] = ['more', 'thread'];

const root = createRootRoute({
  component: () => <><Outlet /><Toasts /><Tips /></>,
  errorComponent: PageError,
  notFoundComponent: NotFound,
});

const token = (search: Record<string, unknown>): { token?: string; link?: string; next?: string } => ({ token: text(search.token), link: text(search.link), next: text(search.next) });
const account = (path: '/sign-in' | '/setup' | '/join', load: Parameters<typeof lazyRouteComponent>[0]) =>
  createRoute({ getParentRoute: () => root, path, validateSearch: token, component: lazyRouteComponent(load) });
const signIn = account('/sign-in', () => withWords(more, () => import('./sign-in')));
const setup = account('/setup', () => withWords(more, () => import('./setup')));
const join = account('/join', () => withWords(more, () => import('./join')));

const app = createRoute({
  getParentRoute: () => root,
  id: 'app',
  component: Shell,
  pendingComponent: LoadingPage,
  beforeLoad: async ({ location }) => {
    try {
      const me = await queryClient.ensureQueryData(sessionQuery);
      setServerNow(me.now);
      setTimeZone(me.workspace.time_zone);
      if (!hasSavedPrefs()) await changeLocale(me.user.locale);
    } catch (error) {
      if (isSignedOut(error)) throw redirect({ to: '/sign-in', search: { next: location.href === '/' || location.href.startsWith('/inbox') ? undefined : location.href } });
      throw error;
    }
  },
});

const home = createRoute({ getParentRoute: () => app, path: '/', beforeLoad: () => { throw redirect({ to: '/inbox/{-$conversationId}', params: { conversationId: undefined } }); } });
const views: View[] = ['mine', 'unassigned', 'waiting', 'all', 'resolved'];
const inbox = createRoute({
  getParentRoute: () => app,
  path: '/inbox/{-$conversationId}',
  validateSearch: (search: Record<string, unknown>): { view?: View; channel?: string; q?: string } => ({
    view: views.find((view) => view === search.view), channel: text(search.channel), q: text(search.q),
  }),
  component: lazyRouteComponent(() => import('./inbox')),
});
const firstSteps = createRoute({ getParentRoute: () => app, path: '/first-steps', component: lazyRouteComponent(() => withWords([...more, 'channels'], () => import('./first-steps'))) });
const leads = createRoute({
  getParentRoute: () => app,
  path: '/leads',
  validateSearch: (search: Record<string, unknown>): { q?: string; status?: string; agent?: string } => ({ q: text(search.q), status: text(search.status), agent: text(search.agent) }),
  component: lazyRouteComponent(() => withWords(more, () => import('./leads'))),
});
const inMailing = [...more, 'handoff', 'mailing'] satisfies Words[];
const campaigns = createRoute({ getParentRoute: () => app, path: '/campaigns', component: lazyRouteComponent(() => withWords(inMailing, () => import('./campaigns'))) });
const newCampaign = createRoute({ getParentRoute: () => app, path: '/campaigns/new', validateSearch: (search: Record<string, unknown>): { from?: string } => ({ from: text(search.from) }), component: lazyRouteComponent(() => withWords(inMailing, () => import('./campaign-new'))) });
const campaign = createRoute({ getParentRoute: () => app, path: '/campaigns/$campaignId', component: lazyRouteComponent(() => withWords(inMailing, () => import('./campaign'))) });
const bringChat = createRoute({
  getParentRoute: () => app,
  path: '/import',
  validateSearch: (search: Record<string, unknown>): { id?: string; channel?: string; lead?: string; contact?: string } => ({ id: text(search.id), channel: text(search.channel), lead: text(search.lead), contact: text(search.contact) }),
  component: lazyRouteComponent(() => withWords([...more, 'import'], () => import('./import'))),
});
const settings = createRoute({ getParentRoute: () => app, path: '/settings', component: lazyRouteComponent(() => withWords(more, () => import('./settings'))) });
const profile = createRoute({ getParentRoute: () => settings, path: '/profile', component: lazyRouteComponent(() => withWords(more, () => import('./settings-profile'))) });
const levels: Level[] = ['personal_app', 'business_app', 'business_api'];
const links: Link[] = ['none', 'gateway_one_way', 'gateway_two_way', 'coexistence', 'api'];
const inChannels = [...more, 'channels'] satisfies Words[];
const channels = createRoute({ getParentRoute: () => settings, path: '/channels', validateSearch: (search: Record<string, unknown>): { check?: string } => ({ check: text(search.check) }), component: lazyRouteComponent(() => withWords(inChannels, () => import('./settings-channels'))) });
const connect = createRoute({
  getParentRoute: () => settings,
  path: '/channels/connect',
  validateSearch: (search: Record<string, unknown>): { level?: Level; link?: Link; provider?: string; channel?: string; want?: string; step?: 'check'; move?: string } => ({
    level: levels.find((level) => level === search.level), link: links.find((link) => link === search.link), provider: text(search.provider), channel: text(search.channel), want: text(search.want), step: search.step === 'check' ? 'check' : undefined, move: text(search.move),
  }),
  component: lazyRouteComponent(() => withWords(inChannels, () => import('./settings-connect'))),
});
const capabilities = createRoute({ getParentRoute: () => settings, path: '/channels/capabilities', validateSearch: (search: Record<string, unknown>): { channel?: string } => ({ channel: text(search.channel) }), component: lazyRouteComponent(() => withWords(inChannels, () => import('./settings-capabilities'))) });
const channel = createRoute({ getParentRoute: () => settings, path: '/channels/$channelId', component: lazyRouteComponent(() => withWords(inChannels, () => import('./settings-channel'))) });
const users = createRoute({ getParentRoute: () => settings, path: '/users', component: lazyRouteComponent(() => withWords(more, () => import('./settings-users'))) });
const apiKeys = createRoute({ getParentRoute: () => settings, path: '/api-keys', component: lazyRouteComponent(() => withWords(more, () => import('./settings-api-keys'))) });
const quarantine = createRoute({ getParentRoute: () => settings, path: '/quarantine', component: lazyRouteComponent(() => withWords(more, () => import('./settings-quarantine'))) });
const settingsHome = createRoute({ getParentRoute: () => settings, path: '/', beforeLoad: () => { throw redirect({ to: '/settings/profile' }); } });

export const router = createRouter({
  routeTree: root.addChildren([
    signIn, setup, join,
    app.addChildren([home, inbox, firstSteps, leads, campaigns, newCampaign, campaign, bringChat, settings.addChildren([settingsHome, profile, channels, connect, capabilities, channel, users, apiKeys, quarantine])]),
  ]),
  defaultPreload: 'intent',
  defaultPendingMs: 150,
  defaultPendingComponent: LoadingPage,
  defaultErrorComponent: PageError,
  defaultNotFoundComponent: NotFound,
});

declare module '@tanstack/react-router' {
  interface Register { router: typeof router }
}
