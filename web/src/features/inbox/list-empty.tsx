import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { CircleCheck, SearchX } from 'lucide-react';
import { type ConversationFilter, countsQuery } from '@/api/conversations';
import { Button } from '@/components/button';
import { EmptyState } from '@/components/states';
import { t, useLocale } from '@/i18n';
import { useFilter } from './use-filter';

const link = 'inline-flex h-[34px] items-center rounded-9 bg-brand-soft px-3 text-13 font-semibold text-brand-ink hover:brightness-97';

/** Says what will be here and gives the next step; a filter that hides everything says so. */
export function ListEmpty({ filter }: { filter: ConversationFilter }) {
  useLocale();
  const { change } = useFilter();
  const counts = useQuery(countsQuery).data;
  if (filter.search) {
    return (
      <EmptyState icon={SearchX} title={t('inbox.empty_search', { search: filter.search })} action={filter.view !== 'all' && <Button tone="soft" onClick={() => change({ view: 'all' })}>{t('inbox.search_all')}</Button>}>
        {t('inbox.empty_search_body', { view: t(`view.${filter.view}`) })}
      </EmptyState>
    );
  }
  if (filter.channel_id) return <EmptyState title={t('inbox.filter_hides')} action={<Button tone="soft" onClick={() => change({ channel: undefined })}>{t('inbox.clear_filter')}</Button>} />;
  if (counts?.all === 0 && filter.view !== 'resolved') {
    return <EmptyState title={t('inbox.empty_all')} action={<Link to="/first-steps" className={link}>{t('inbox.first_steps')}</Link>}>{t('inbox.empty_all_body')}</EmptyState>;
  }
  const unassigned = counts?.unassigned ?? 0;
  const action = filter.view === 'mine' && unassigned > 0
    ? <Button tone="soft" onClick={() => change({ view: 'unassigned' })}>{t('inbox.see_unassigned')}</Button>
    : filter.view !== 'all' && filter.view !== 'resolved' && <Button tone="soft" onClick={() => change({ view: 'all' })}>{t('inbox.see_all')}</Button>;
  return <EmptyState icon={CircleCheck} title={t(`inbox.empty_${filter.view}`)} action={action}>{t(`inbox.empty_${filter.view}_body`, { n: unassigned })}</EmptyState>;
}
