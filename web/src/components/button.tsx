import { LoaderCircle, type LucideIcon } from 'lucide-react';
import type { ComponentProps, ReactNode } from 'react';
import { cx } from '@/lib/cx';

export type Tone = 'filled' | 'soft' | 'plain' | 'ghost' | 'danger';

const tones: Record<Tone, string> = {
  filled: 'bg-brand text-on-brand hover:bg-brand-hover',
  soft: 'bg-brand-soft text-brand-ink hover:brightness-97 dark:hover:brightness-110',
  plain: 'bg-surface text-ink border border-line-2 hover:bg-hover',
  ghost: 'text-ink-2 hover:bg-hover hover:text-ink',
  danger: 'bg-surface text-bad border border-bad-solid hover:bg-bad-soft',
};
const sizes = { small: 'h-[30px] px-2.5 text-12 rounded-7 gap-1.5', medium: 'h-[34px] px-3 text-13 rounded-9 gap-2', large: 'h-11 px-4 text-14 rounded-10 gap-2.5' };

/** The look of a button, for a link that stands where a button would. */
export const buttonClass = (tone: Tone = 'plain', size: keyof typeof sizes = 'medium') =>
  cx(
    'inline-flex shrink-0 items-center justify-center font-semibold whitespace-nowrap transition-[background-color,filter] duration-90 select-none',
    'disabled:border-line disabled:bg-transparent disabled:text-ink-3 max-small:min-h-11',
    sizes[size], tones[tone], tone === 'ghost' || tone === 'plain' ? 'font-medium' : '',
  );

interface ButtonProps extends ComponentProps<'button'> {
  tone?: Tone; size?: keyof typeof sizes; icon?: LucideIcon; busy?: boolean; mirror?: boolean; children?: ReactNode;
}

/** One filled button a region at most. A button that cannot be pressed says why beside it. */
export function Button({ tone = 'plain', size = 'medium', icon: Icon, busy, mirror, className, children, disabled, ...rest }: ButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      disabled={disabled}
      aria-busy={busy || undefined}
      onClick={busy ? (event) => event.preventDefault() : rest.onClick}
      className={cx(buttonClass(tone, size), className)}
    >
      {busy ? <LoaderCircle size={16} strokeWidth={1.75} className="animate-spin" aria-hidden /> : Icon && <Icon size={16} strokeWidth={1.75} aria-hidden className={mirror ? 'mirror' : undefined} />}
      {children}
    </button>
  );
}

interface IconButtonProps extends Omit<ComponentProps<'button'>, 'children'> {
  icon: LucideIcon; label: string; keys?: string; pressed?: boolean; mirror?: boolean; size?: 'small' | 'medium'; iconSize?: number;
}

/** An icon alone always has a name for screen readers and a tip with its key. */
export function IconButton({ icon: Icon, label, keys, pressed, mirror, size = 'medium', iconSize = 18, className, ...rest }: IconButtonProps) {
  return (
    <button
      type="button"
      aria-label={label}
      aria-pressed={pressed}
      data-tip={label}
      data-keys={keys}
      {...rest}
      className={cx(
        'inline-grid shrink-0 place-items-center text-ink-2 transition-colors duration-90 hover:bg-hover hover:text-ink disabled:text-ink-3 disabled:opacity-60 max-small:min-h-11 max-small:min-w-11',
        size === 'small' ? 'size-7 rounded-7' : 'size-[34px] rounded-9',
        pressed && 'bg-brand-soft text-brand-ink hover:bg-brand-soft hover:text-brand-ink', className,
      )}
    >
      <Icon size={iconSize} strokeWidth={1.75} aria-hidden className={mirror ? 'mirror' : undefined} />
    </button>
  );
}
