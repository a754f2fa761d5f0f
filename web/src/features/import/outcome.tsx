import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { CircleCheck, MessagesSquare, TriangleAlert, Undo2 } from 'lucide-react';
import { useEffect } from 'react';
import { wordsFor } from '@/api/client';
import { type Import, importQuery, undoImport } from '@/api/imports';
import { Button, buttonClass } from '@/components/button';
import { Card } from '@/components/page';
import { formatNumber, t, useLocale } from '@/i18n';
import { Name } from './name';

/** What the job does, and what came of it, with the way back. */
export function Outcome({ item }: { item: Import }) {
  useLocale();
  const client = useQueryClient();
  const undo = useMutation({ mutationFn: () => undoImport(item.id), onSuccess: (next) => client.setQueryData(importQuery(item.id).queryKey, next) });
  const { state, progress } = item;
  const working = state === 'applying' || state === 'undoing';
  useEffect(() => {
    if (!working) for (const key of ['conversations', 'conversation', 'messages', 'leads', 'imports', 'counts']) void client.invalidateQueries({ queryKey: [key] });
  }, [client, working]);
  const words = { done: formatNumber(progress.done), total: formatNumber(progress.total) };
  return (
    <Card className="flex max-w-[660px] flex-col gap-4">
      <div role="status" className="flex flex-col gap-1">
        <h2 className="flex items-center gap-2.5 text-16 font-semibold">
          {state === 'applied' && <CircleCheck size={20} strokeWidth={1.75} aria-hidden className="text-ok" />}
          {state === 'failed' && <TriangleAlert size={20} strokeWidth={1.75} aria-hidden className="text-bad" />}
          {state === 'undone' && <Undo2 size={20} strokeWidth={1.75} aria-hidden className="mirror text-ink-2" />}
          {state === 'applying' && t('import.applying', words)}
          {state === 'undoing' && t('import.undoing', words)}
          {state === 'applied' && t('import.done', { n: item.added })}
          {state === 'failed' && t('import.failed')}
          {state === 'undone' && t('import.undone')}
        </h2>
        <p className="text-13 text-ink-2">
          {working && t('import.applying_body')}
          {state === 'applied' && t('import.done_body')}
          {state === 'failed' && t('import.failed_body', { n: item.added })}
          {state === 'undone' && t('import.undone_body')}
        </p>
        {item.contact && <p className="text-13"><Name of={item.contact.name} className="font-medium" />{item.file_name && <span className="text-ink-3"> · <bdi>{item.file_name}</bdi></span>}</p>}
      </div>
      {working && <progress max={Math.max(1, progress.total)} value={progress.done} aria-label={t(state === 'applying' ? 'import.applying' : 'import.undoing', words)} className="h-2 w-full accent-brand" />}
      <div className="flex flex-wrap gap-2">
        {item.conversation_id && state !== 'undone' && state !== 'undoing' && (
          <Link to="/inbox/{-$conversationId}" params={{ conversationId: item.conversation_id }} search={{ view: 'all' }} className={buttonClass('filled')}><MessagesSquare size={16} strokeWidth={1.75} aria-hidden />{t('import.open_thread')}</Link>
        )}
        {item.may_undo && <Button icon={Undo2} mirror tone={state === 'failed' ? 'danger' : 'plain'} busy={undo.isPending} onClick={() => undo.mutate()}>{t(state === 'applying' ? 'import.stop' : 'import.undo')}</Button>}
      </div>
      {undo.error && <p role="alert" className="text-13 text-bad">{wordsFor(undo.error)}</p>}
    </Card>
  );
}
