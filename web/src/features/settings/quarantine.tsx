import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { RotateCw, ShieldCheck, X } from 'lucide-react';
import { wordsFor } from '@/api/client';
import { dismissQuarantined, quarantineQuery, retryQuarantined } from '@/api/channels';
import { useCan } from '@/api/session';
import type { Quarantined } from '@/api/types';
import { Ltr } from '@/components/bdi';
import { Button } from '@/components/button';
import { PageBody, PageHeader } from '@/components/page';
import { Pill } from '@/components/pill';
import { EmptyState, ErrorState, SkeletonRows } from '@/components/states';
import { toast } from '@/components/toast';
import { type Key, t, useLocale } from '@/i18n';
import { dateTime } from '@/lib/format';
import { Refused } from '@/components/refused';

const reasons = new Set(['number_unknown', 'not_json', 'unknown_object', 'too_deep', 'wrong_shape']);

export function Quarantine() {
  useLocale();
  const may = useCan('quarantine.view');
  const { data, error, isPending, refetch, hasNextPage, fetchNextPage } = useInfiniteQuery({ ...quarantineQuery, enabled: may });
  const items = data?.pages.flatMap((page) => page.items) ?? [];
  if (!may) return <Refused />;
  return (
    <>
      <PageHeader title={t('quarantine.title')} />
      <PageBody>
        <div className="flex max-w-[900px] flex-col gap-4">
          <p className="text-13 text-ink-2">{t('quarantine.body')}</p>
          {isPending && <SkeletonRows rows={3} face={false} />}
          {error && !data && <ErrorState error={error} retry={() => void refetch()} />}
          {data && !items.length && <EmptyState icon={ShieldCheck} title={t('quarantine.empty')}>{t('quarantine.empty_body')}</EmptyState>}
          {items.map((item) => <Item key={item.id} item={item} />)}
          {hasNextPage && <Button className="self-center" onClick={() => void fetchNextPage()}>{t('lead.more')}</Button>}
        </div>
      </PageBody>
    </>
  );
}

function Item({ item }: { item: Quarantined }) {
  const client = useQueryClient();
  const done = (words: string) => {
    toast(words);
    void client.invalidateQueries({ queryKey: quarantineQuery.queryKey });
  };
  const retry = useMutation({ mutationFn: () => retryQuarantined(item.id), onSuccess: () => done(t('quarantine.retried')) });
  const dismiss = useMutation({ mutationFn: () => dismissQuarantined(item.id), onSuccess: () => done(t('quarantine.dismissed')) });
  const error = retry.error ?? dismiss.error;
  return (
    <article className="overflow-hidden rounded-12 border border-line bg-surface shadow-e1">
      <header className="flex flex-wrap items-center gap-x-3 gap-y-2 px-4 py-3">
        <Pill tone="warn">{reasons.has(item.reason) ? t(`reason.${item.reason}` as Key) : item.reason}</Pill>
        <span className="flex min-w-40 flex-1 flex-wrap gap-x-3 text-12 text-ink-3">
          <Ltr>{dateTime(item.received_at)}</Ltr>
          {item.field && <span>{t('quarantine.field')} <Ltr>{item.field}</Ltr></span>}
          {item.phone_number_id && <span>{t('quarantine.number')} <Ltr>{item.phone_number_id}</Ltr></span>}
          {item.position !== null && <span>{t('quarantine.position', { n: item.position + 1 })}</span>}
        </span>
        <Button size="small" icon={RotateCw} busy={retry.isPending} onClick={() => retry.mutate()}>{t('quarantine.retry')}</Button>
        <Button size="small" tone="ghost" icon={X} busy={dismiss.isPending} onClick={() => dismiss.mutate()}>{t('quarantine.dismiss')}</Button>
      </header>
      {error && <p role="alert" className="px-4 pb-3 text-12 text-bad">{wordsFor(error)}</p>}
      <details className="border-t border-line bg-sunken">
        <summary className="px-4 py-2 text-12 font-medium text-brand-ink focus-inset">{t('message.raw')}</summary>
        <pre dir="ltr" className="max-h-80 overflow-auto px-4 pb-4 font-mono text-12 break-all whitespace-pre-wrap">{pretty(item.raw)}</pre>
      </details>
    </article>
  );
}

function pretty(raw: string): string {
  try {
    return JSON.stringify(JSON.parse(raw), null, 2);
  } catch {
    return raw;
  }
}
