import type { KeyboardEvent, ReactNode } from 'react';
import { cx } from '@/lib/cx';

interface Tab<Value extends string> { value: Value; label: string; aside?: ReactNode }
interface Props<Value extends string> { label: string; value: Value; onChange: (value: Value) => void; tabs: Tab<Value>[]; className?: string }

/** Arrow keys follow the eye: left is "next" in Hebrew. */
export function moveAmong(event: KeyboardEvent<HTMLElement>) {
  const rtl = document.documentElement.dir === 'rtl';
  const step = event.key === 'ArrowRight' ? (rtl ? -1 : 1) : event.key === 'ArrowLeft' ? (rtl ? 1 : -1) : 0;
  if (!step) return;
  const all = [...event.currentTarget.querySelectorAll<HTMLElement>('[role=radio],[role=tab]')];
  const next = all[(all.indexOf(document.activeElement as HTMLElement) + step + all.length) % all.length];
  next?.focus();
  next?.click();
  event.preventDefault();
}

export function Tabs<Value extends string>({ label, value, onChange, tabs, className }: Props<Value>) {
  return (
    <div role="tablist" aria-label={label} onKeyDown={moveAmong} className={cx('flex items-center gap-0.5', className)}>
      {tabs.map((tab) => {
        const on = tab.value === value;
        return (
          <button
            key={tab.value} type="button" role="tab" aria-selected={on} tabIndex={on ? 0 : -1} onClick={() => onChange(tab.value)}
            className={cx('inline-flex h-8 shrink-0 items-center gap-1.5 rounded-9 px-2.5 text-13 whitespace-nowrap transition-colors duration-90 max-small:h-11', on ? 'bg-brand-soft font-semibold text-brand-ink' : 'text-ink-2 hover:bg-hover')}
          >
            {tab.label}{tab.aside}
          </button>
        );
      })}
    </div>
  );
}

export function Segmented<Value extends string>({ label, value, onChange, tabs, className }: Props<Value>) {
  return (
    <div role="radiogroup" aria-label={label} onKeyDown={moveAmong} className={cx('inline-flex rounded-9 bg-grey-soft p-0.5', className)}>
      {tabs.map((tab) => {
        const on = tab.value === value;
        return (
          <button
            key={tab.value} type="button" role="radio" aria-checked={on} tabIndex={on ? 0 : -1} onClick={() => onChange(tab.value)}
            className={cx('inline-flex h-7 flex-1 items-center justify-center gap-1.5 rounded-7 px-3 text-13 whitespace-nowrap max-small:h-10', on ? 'bg-surface font-semibold text-ink shadow-e1' : 'text-ink-2 hover:text-ink')}
          >
            {tab.label}{tab.aside}
          </button>
        );
      })}
    </div>
  );
}
