import { ArrowLeft } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button } from '@/components/button';
import { Card } from '@/components/page';
import { t } from '@/i18n';

/** What was chosen so far, and the way to choose otherwise. */
export function BackRow({ words, onBack }: { words: string; onBack: () => void }) {
  return <p className="flex flex-wrap items-center gap-2 text-13 text-ink-2"><Button tone="ghost" size="small" icon={ArrowLeft} mirror onClick={onBack}>{t('action.back')}</Button>{words}</p>;
}

export function Part({ n, title, children }: { n?: number; title: string; children: ReactNode }) {
  return (
    <Card title={<span className="flex items-center gap-3">{n && <span className="grid size-7 place-items-center rounded-full bg-brand-soft text-13 text-brand-ink">{n}</span>}{title}</span>}>
      <div className="flex flex-col gap-4">{children}</div>
    </Card>
  );
}
