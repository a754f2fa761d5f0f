import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { SearchX, UsersRound } from 'lucide-react';
import { useEffect, useState } from 'react';
import { leadsQuery, pipelinesQuery } from '@/api/leads';
import { useAgents } from '@/api/users';
import { Button } from '@/components/button';
import { inputClass, SearchField } from '@/components/field';
import { PageHeader } from '@/components/page';
import { EmptyState, ErrorState, SkeletonRows } from '@/components/states';
import { localised, t, useLocale } from '@/i18n';
import { useDebounced } from '@/lib/use-debounced';
import { LeadRow } from './lead-row';

export function Leads() {
  useLocale();
  const { q, status, agent } = useSearch({ strict: false });
  const navigate = useNavigate();
  const change = (to: { q?: string; status?: string; agent?: string }) => void navigate({ to: '/leads', search: (old) => ({ q: old.q, status: old.status, agent: old.agent, ...to }), replace: true });
  const { data, error, isPending, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = useInfiniteQuery({ ...leadsQuery({ search: q, status_id: status, assignee_id: agent }), placeholderData: (old) => old });
  const statuses = useQuery(pipelinesQuery).data?.items.flatMap((pipeline) => pipeline.statuses) ?? [];
  const agents = useAgents();
  const [text, setText] = useState(q ?? '');
  const settled = useDebounced(text.trim(), 250);
  useEffect(() => {
    if (settled !== (q ?? '')) change({ q: settled || undefined });
  }, [settled]);
  const items = data?.pages.flatMap((page) => page.items) ?? [];
  const filtered = !!(q || status || agent);
  const select = `${inputClass} h-[34px] w-40! max-small:h-11 max-small:w-[calc(50%-0.375rem)]!`;
  return (
    <>
      <PageHeader title={t('leads.title')}>
        <SearchField value={text} onChange={setText} label={t('leads.search')} className="w-64 max-small:w-full" />
        <select aria-label={t('lead.status')} value={status ?? ''} onChange={(event) => change({ status: event.target.value || undefined })} className={select}>
          <option value="">{t('leads.all_statuses')}</option>
          {statuses.map((item) => <option key={item.id} value={item.id}>{localised(item.name)}</option>)}
        </select>
        <select aria-label={t('lead.agent')} value={agent ?? ''} onChange={(event) => change({ agent: event.target.value || undefined })} className={select}>
          <option value="">{t('leads.all_agents')}</option>
          {agents.map((user) => <option key={user.id} value={user.id}>{user.name}</option>)}
        </select>
      </PageHeader>
      <div className="min-h-0 flex-1 overflow-auto bg-surface">
        {isPending && <SkeletonRows />}
        {error && !data && <ErrorState error={error} retry={() => void refetch()} />}
        {data && !items.length && (filtered
          ? <EmptyState icon={SearchX} className="h-full" title={t('leads.none_found')} action={<Button tone="soft" onClick={() => { setText(''); change({ q: undefined, status: undefined, agent: undefined }); }}>{t('inbox.clear_filter')}</Button>} />
          : <EmptyState icon={UsersRound} className="h-full" title={t('leads.empty')}>{t('leads.empty_body')}</EmptyState>)}
        {!!items.length && (
          <table className="w-full border-collapse text-13">
            <thead className="sticky top-0 z-1 bg-sunken text-12 text-ink-3">
              <tr className="h-9 [&>th]:border-b [&>th]:border-line [&>th]:px-4 [&>th]:text-start [&>th]:font-medium">
                <th scope="col">{t('leads.contact')}</th><th scope="col" className="max-small:hidden">{t('lead.phone')}</th><th scope="col">{t('lead.status')}</th>
                <th scope="col" className="max-medium:hidden">{t('lead.source')}</th><th scope="col" className="max-medium:hidden">{t('lead.amount')}</th><th scope="col" className="max-small:hidden">{t('lead.agent')}</th><th scope="col" className="max-small:hidden">{t('leads.created')}</th>
              </tr>
            </thead>
            <tbody>{items.map((lead) => <LeadRow key={lead.id} lead={lead} />)}</tbody>
          </table>
        )}
        {hasNextPage && <div className="grid place-items-center p-4"><Button busy={isFetchingNextPage} onClick={() => void fetchNextPage()}>{t('leads.load_more')}</Button></div>}
      </div>
    </>
  );
}
