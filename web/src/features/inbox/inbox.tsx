import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { lazy, Suspense, useEffect, useState } from 'react';
import { countsQuery } from '@/api/conversations';
import { Layer } from '@/components/layer';
import { EmptyState, Skeleton } from '@/components/states';
import { t, useLocale, withWords } from '@/i18n';
import { cx } from '@/lib/cx';
import { useTitle } from '@/lib/use-title';
import { useWide } from '@/lib/use-media';
import { ConversationList } from './conversation-list';

const loadThread = () => withWords(['thread'], () => import('./thread'));
const Thread = lazy(loadThread);
const loadPanel = () => withWords(['thread'], () => import('./lead-panel'));
const LeadPanel = lazy(loadPanel);
const SHOWN = 'kesher.panel';

/** Three panes on a wide screen; the lead a drawer on a smaller one; one at a time on a phone. */
export function Inbox() {
  useLocale();
  const { conversationId } = useParams({ strict: false });
  const wide = useWide();
  const waiting = useQuery(countsQuery).data?.waiting;
  useTitle(t('inbox.title'), waiting);
  const [pane, setPane] = useState(() => localStorage.getItem(SHOWN) !== 'no');
  const [drawer, setDrawer] = useState(false);
  const toggle = () => {
    if (!wide) return setDrawer(!drawer);
    localStorage.setItem(SHOWN, pane ? 'no' : 'yes');
    setPane(!pane);
  };
  useEffect(() => {
    // The list first; what the first click will need comes while the eye is on it.
    const timer = setTimeout(() => void Promise.all([loadThread(), wide && pane && loadPanel()]), conversationId ? 0 : 600);
    return () => clearTimeout(timer);
  }, []);
  const panel = conversationId && <Suspense fallback={<PanelSkeleton />}><LeadPanel key={conversationId} conversationId={conversationId} /></Suspense>;
  return (
    <div className="flex min-h-0 flex-1">
      <div className={cx('flex w-[348px] shrink-0 flex-col border-e border-line bg-surface max-medium:w-[300px] max-small:w-full', conversationId && 'max-small:hidden')}>
        <ConversationList selected={conversationId} />
      </div>
      <div className={cx('flex min-w-0 flex-1 flex-col bg-thread', !conversationId && 'max-small:hidden')}>
        {conversationId ? (
          <Suspense fallback={null}><Thread key={conversationId} id={conversationId} panelShown={wide ? pane : drawer} onPanel={toggle} /></Suspense>
        ) : (
          <EmptyState className="flex-1" title={t('inbox.choose')}>{t('inbox.choose_body')}</EmptyState>
        )}
      </div>
      {wide && pane && conversationId && <aside aria-label={t('thread.panel')} className="w-[324px] shrink-0 overflow-auto border-s border-line bg-surface">{panel}</aside>}
      {!wide && drawer && conversationId && <Layer kind="drawer" title={t('thread.panel')} onClose={() => setDrawer(false)}>{panel}</Layer>}
    </div>
  );
}

function PanelSkeleton() {
  return (
    <div className="delayed flex flex-col gap-4 p-4">
      <div className="flex items-center gap-3"><Skeleton className="size-11" /><Skeleton className="h-3 w-32" /></div>
      {Array.from({ length: 6 }, (_, i) => <Skeleton key={i} className="h-3 w-full" />)}
    </div>
  );
}
