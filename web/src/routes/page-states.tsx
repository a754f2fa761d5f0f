import { Link, useRouter } from '@tanstack/react-router';
import { RotateCw, Unplug } from 'lucide-react';
import { ApiProblem, wordsFor } from '@/api/client';
import { Button } from '@/components/button';
import { EmptyState } from '@/components/states';
import { Mark } from '@/components/mark';
import { t, useLocale } from '@/i18n';

export function LoadingPage() {
  useLocale();
  return <div role="status" aria-label={t('state.loading')} className="delayed grid flex-1 place-items-center p-12"><Mark size={40} connecting /></div>;
}

/** A whole-page error carries a number to quote. */
export function PageError({ error }: { error: unknown }) {
  useLocale();
  const router = useRouter();
  const number = error instanceof ApiProblem ? error.problem.request_id : undefined;
  return (
    <div className="grid h-full flex-1 place-items-center">
      <EmptyState icon={Unplug} title={t('error.page')} action={<Button tone="filled" icon={RotateCw} onClick={() => void router.invalidate()}>{t('error.reload')}</Button>}>
        {wordsFor(error)} {number && <bdi dir="ltr">{number}</bdi>}
      </EmptyState>
    </div>
  );
}

export function NotFound() {
  useLocale();
  return (
    <div className="grid h-full flex-1 place-items-center">
      <EmptyState title={t('error.not_found')} action={<Link to="/inbox/{-$conversationId}" params={{ conversationId: undefined }} className="inline-flex h-[34px] items-center rounded-9 bg-brand px-3 text-13 font-semibold text-on-brand">{t('nav.inbox')}</Link>}>
        {t('error.not_found_body')}
      </EmptyState>
    </div>
  );
}
