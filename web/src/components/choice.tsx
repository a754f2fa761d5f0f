import type { ReactNode } from 'react';
import { cx } from '@/lib/cx';

interface Props { type: 'radio' | 'checkbox'; name: string; checked: boolean; onChange: (checked: boolean) => void; title: ReactNode; body?: ReactNode; aside?: ReactNode; className?: string }

/** A radio or a box as large as what it says. */
export function Choice({ type, name, checked, onChange, title, body, aside, className }: Props) {
  return (
    <label className={cx('flex gap-3 rounded-10 border border-line-2 bg-surface px-3.5 py-2.5 hover:bg-hover has-checked:border-brand has-checked:bg-brand-soft has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-brand max-small:min-h-11', body ? 'items-start' : 'items-center', className)}>
      <input type={type} name={name} checked={checked} onChange={(event) => onChange(event.target.checked)} className={cx('size-4 shrink-0 accent-brand focus-visible:outline-none', !!body && 'mt-0.5')} />
      <span className="min-w-0 flex-1"><span className="block text-13 font-medium">{title}</span>{body && <span className="block text-12 text-ink-2">{body}</span>}</span>
      {aside}
    </label>
  );
}
