import { Link } from '@tanstack/react-router';
import { ArrowLeft } from 'lucide-react';
import type { ReactNode } from 'react';
import { buttonClass } from './button';
import { useTitle } from '@/lib/use-title';
import { cx } from '@/lib/cx';
import { DemoPill } from './demo-pill';

/** The header of a page that is not the inbox: title, a fact about it, the demo pill, what can be done. */
export function PageHeader({ title, fact, children }: { title: string; fact?: ReactNode; children?: ReactNode }) {
  useTitle(title);
  return (
    <header className="flex min-h-14 shrink-0 flex-wrap items-center gap-x-3 gap-y-2 border-b border-line bg-surface px-6 py-2.5 max-small:px-4">
      <h1 className="text-20 font-semibold">{title}</h1>
      {fact && <span className="text-13 text-ink-3">{fact}</span>}
      <DemoPill />
      <span className="flex-1" />
      {children}
    </header>
  );
}

/** The way back to the page above. */
export function BackLink({ to, children }: { to: '/settings/channels' | '/campaigns'; children: ReactNode }) {
  return <Link to={to} className={buttonClass('ghost')}><ArrowLeft size={16} aria-hidden className="mirror" />{children}</Link>;
}

export function PageBody({ children, className }: { children: ReactNode; className?: string }) {
  return <div className={cx('min-h-0 flex-1 overflow-auto p-6 max-small:p-4', className)}>{children}</div>;
}

export function Card({ title, aside, children, className }: { title?: ReactNode; aside?: ReactNode; children: ReactNode; className?: string }) {
  return (
    <section className={cx('rounded-12 border border-line bg-surface p-5 shadow-e1 max-small:p-4', className)}>
      {title && <div className="mb-4 flex items-center justify-between gap-3"><h2 className="text-16 font-semibold">{title}</h2>{aside}</div>}
      {children}
    </section>
  );
}
