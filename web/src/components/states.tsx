import { type LucideIcon, RotateCw, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import { ApiProblem, wordsFor } from '@/api/client';
import { t, useLocale } from '@/i18n';
import { cx } from '@/lib/cx';
import { Button } from './button';
import { Mark } from './mark';

/** One sentence of what will be here, one button. */
export function EmptyState({ icon: Icon, title, children, action, className }: { icon?: LucideIcon; title: string; children?: ReactNode; action?: ReactNode; className?: string }) {
  return (
    <div className={cx('flex flex-col items-center justify-center gap-2 p-8 text-center', className)}>
      <span className="mb-1 grid size-12 place-items-center rounded-12 bg-brand-soft text-brand-ink">
        {Icon ? <Icon size={22} strokeWidth={1.75} aria-hidden /> : <Mark size={26} />}
      </span>
      <h2 className="text-16 font-semibold">{title}</h2>
      {children && <p className="max-w-sm text-13 text-balance text-ink-2">{children}</p>}
      {action && <div className="mt-2 flex flex-wrap justify-center gap-2">{action}</div>}
    </div>
  );
}

/** In place: what failed, and one button. */
export function ErrorState({ error, retry, title, className }: { error: unknown; retry?: () => void; title?: string; className?: string }) {
  useLocale();
  const number = error instanceof ApiProblem ? error.problem.request_id : undefined;
  return (
    <div role="alert" className={cx('m-4 flex flex-wrap items-center gap-3 rounded-12 bg-bad-soft p-4', className)}>
      <TriangleAlert size={18} strokeWidth={1.75} aria-hidden className="shrink-0 text-bad" />
      <div className="min-w-40 flex-1">
        <p className="text-13 font-semibold text-bad">{title ?? t('error.not_loaded')}</p>
        <p className="text-12 text-ink-2">{wordsFor(error)}{number && <> <bdi dir="ltr" className="text-ink-3">{number}</bdi></>}</p>
      </div>
      {retry && <Button size="small" icon={RotateCw} onClick={retry}>{t('action.retry')}</Button>}
    </div>
  );
}

export function Skeleton({ className }: { className?: string }) {
  return <span aria-hidden className={cx('skeleton block rounded-full', className)} />;
}

/** The shape of the real list, only after 150 ms, never over what is already shown. */
export function SkeletonRows({ rows = 8, face = true }: { rows?: number; face?: boolean }) {
  useLocale();
  return (
    <div role="status" aria-label={t('state.loading')} className="delayed">
      {Array.from({ length: rows }, (_, i) => (
        <div key={i} className="flex h-(--row) items-center gap-3 border-b border-line px-4">
          {face && <Skeleton className="size-11 shrink-0" />}
          <div className="flex flex-1 flex-col gap-2.5">
            <Skeleton className={cx('h-2.5', i % 3 === 0 ? 'w-2/5' : i % 3 === 1 ? 'w-1/3' : 'w-1/2')} />
            <Skeleton className={cx('h-2.5', i % 2 ? 'w-4/5' : 'w-3/5')} />
          </div>
        </div>
      ))}
    </div>
  );
}
