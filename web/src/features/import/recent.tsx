import { useInfiniteQuery } from '@tanstack/react-query';
import { type Import, importsQuery, type ImportState } from '@/api/imports';
import { Ltr } from '@/components/bdi';
import { Button } from '@/components/button';
import { Card } from '@/components/page';
import { Pill, type PillTone } from '@/components/pill';
import { ErrorState, Skeleton } from '@/components/states';
import { t, useLocale } from '@/i18n';
import { date } from '@/lib/format';
import { Name } from './name';

const tones: Record<ImportState, PillTone> = { preview: 'warn', applying: 'info', applied: 'ok', undoing: 'info', undone: 'grey', failed: 'bad' };

/** What was brought before; from here it can be undone, or a preview taken up again. */
export function Recent({ onOpen }: { onOpen: (item: Import) => void }) {
  useLocale();
  const { data, error, isPending, refetch, hasNextPage, fetchNextPage } = useInfiniteQuery(importsQuery);
  const items = data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Card title={t('import.recent')}>
      {isPending && <Skeleton className="h-3 w-40" />}
      {error && !data && <ErrorState className="m-0" error={error} retry={() => void refetch()} />}
      {data && !items.length && <p className="text-13 text-ink-3">{t('import.none')}</p>}
      <ul className="-mx-2 flex flex-col">
        {items.map((item) => (
          <li key={item.id}>
            <button type="button" onClick={() => onOpen(item)} className="flex w-full items-center gap-3 rounded-9 px-2 py-2 text-start hover:bg-hover max-small:min-h-11">
              <span className="min-w-0 flex-1">
                <span className="block truncate text-13 font-medium"><Name of={item.contact?.name ?? item.file_name ?? t('import.title')} /></span>
                <span className="block truncate text-12 text-ink-3"><Ltr>{date(item.created_at)}</Ltr> · {t('import.count', { n: item.state === 'applied' ? item.added : item.messages })}</span>
              </span>
              <Pill small tone={tones[item.state]}>{t(`import.state_${item.state}`)}</Pill>
            </button>
          </li>
        ))}
      </ul>
      {hasNextPage && <Button size="small" tone="ghost" onClick={() => void fetchNextPage()}>{t('lead.more')}</Button>}
    </Card>
  );
}
