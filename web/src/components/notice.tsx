import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import { cx } from '@/lib/cx';

const tones = { bad: ['bg-bad-soft', 'text-bad'], warn: ['bg-warn-soft', 'text-warn'], info: ['bg-info-soft', 'text-info'], calm: ['bg-brand-soft', 'text-brand-ink'] } as const;

/** What is the matter, in the place where it matters, with the one thing that mends it. */
export function Notice({ icon: Icon, tone, title, children, action, className }: { icon: LucideIcon; tone: keyof typeof tones; title?: ReactNode; children?: ReactNode; action?: ReactNode; className?: string }) {
  const [soft, strong] = tones[tone];
  return (
    <div className={cx('flex flex-wrap items-center gap-3 rounded-10 p-3.5', soft, className)}>
      <Icon size={18} strokeWidth={1.75} aria-hidden className={cx('shrink-0', strong)} />
      <div className="min-w-40 flex-1">
        {title && <p className={cx('text-13 font-semibold', strong)}>{title}</p>}
        {children && <div className="text-12 text-ink-2">{children}</div>}
      </div>
      {action}
    </div>
  );
}
