import type { LucideIcon } from 'lucide-react';
import { type ReactNode, useId } from 'react';
import { cx } from '@/lib/cx';

export function Part({ icon: Icon, title, hint, aside, children, className }: { icon?: LucideIcon; title: string; hint?: ReactNode; aside?: ReactNode; children: ReactNode; className?: string }) {
  const id = useId();
  return (
    <section aria-labelledby={id} className={cx('flex flex-col gap-2 border-b border-line px-5 py-3', className)}>
      <div className="flex min-h-6 items-center gap-2">
        {Icon && <Icon size={16} strokeWidth={1.75} aria-hidden className="shrink-0 text-brand" />}
        <h3 id={id} className="shrink-0 text-14 font-semibold">{title}</h3>
        {hint && <p className="min-w-0 truncate text-12 text-ink-3">{hint}</p>}
        {aside && <span className="ms-auto shrink-0">{aside}</span>}
      </div>
      {children}
    </section>
  );
}
