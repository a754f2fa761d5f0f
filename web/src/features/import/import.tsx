import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { FileQuestion, Plus } from 'lucide-react';
import { ApiProblem } from '@/api/client';
import { type Import, importQuery } from '@/api/imports';
import { useCan } from '@/api/session';
import { Button } from '@/components/button';
import { PageBody, PageHeader } from '@/components/page';
import { Refused } from '@/components/refused';
import { EmptyState, ErrorState, Skeleton } from '@/components/states';
import { t, useLocale } from '@/i18n';
import { Bring } from './bring';
import { Outcome } from './outcome';
import { Preview } from './preview';
import { Recent } from './recent';

/** An exported chat on its way: the file, the look at it, the work, what came of it. */
export function ImportPage() {
  useLocale();
  const may = useCan('conversations.write');
  const { id, channel, lead, contact } = useSearch({ strict: false });
  const navigate = useNavigate();
  const client = useQueryClient();
  const show = (item: Import) => {
    client.setQueryData(importQuery(item.id).queryKey, item);
    void navigate({ to: '/import', search: { id: item.id } });
  };
  const begin = () => void navigate({ to: '/import', search: {} });
  if (!may) return <Refused title={t('import.title')} />;
  return (
    <>
      <PageHeader title={t('import.title')} fact={<span className="max-small:hidden">{t('import.fact')}</span>}>
        {id && <Button icon={Plus} onClick={begin}>{t('import.another')}</Button>}
      </PageHeader>
      <PageBody>
        {id ? <One key={id} id={id} onBegin={begin} /> : (
          <div className="grid max-w-[1080px] grid-cols-[minmax(0,1fr)] items-start gap-4 wide:grid-cols-[minmax(0,660px)_minmax(0,400px)]">
            <Bring of={{ channel, lead, contact }} onPreview={show} />
            <Recent onOpen={show} />
          </div>
        )}
      </PageBody>
    </>
  );
}

function One({ id, onBegin }: { id: string; onBegin: () => void }) {
  const { data, error, isPending, refetch } = useQuery({ ...importQuery(id), retry: (count, problem) => !(problem instanceof ApiProblem && problem.status === 404) && count < 2 });
  if (isPending) return <Skeleton className="h-96 max-w-[1080px] rounded-12!" />;
  if (error instanceof ApiProblem && error.status === 404) {
    return <EmptyState icon={FileQuestion} title={t('import.not_found')} action={<Button tone="filled" onClick={onBegin}>{t('import.another')}</Button>}>{t('import.not_found_body')}</EmptyState>;
  }
  if (!data) return <ErrorState className="m-0" error={error} retry={() => void refetch()} />;
  return data.state === 'preview' ? <Preview item={data} onDropped={onBegin} /> : <Outcome item={data} />;
}
