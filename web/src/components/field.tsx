import { CircleAlert, Eye, EyeOff, Lock, Search, X } from 'lucide-react';
import { type ComponentProps, type ReactNode, type Ref, useId, useState } from 'react';
import { t, useLocale } from '@/i18n';
import { cx } from '@/lib/cx';
import { Kbd } from './kbd';

export const inputClass =
  'w-full rounded-9 border border-control bg-surface px-3 text-13 text-ink transition-shadow duration-90 hover:border-ink-3 focus:border-brand focus:shadow-[0_0_0_1px_var(--brand)] focus-visible:outline-none aria-invalid:border-bad-solid aria-invalid:focus:shadow-[0_0_0_1px_var(--bad-solid)] disabled:border-line-2 disabled:bg-grey-soft disabled:text-ink-3';

interface FieldProps extends Omit<ComponentProps<'input'>, 'size'> {
  label: ReactNode; hint?: ReactNode; error?: string | null; locked?: boolean; aside?: ReactNode; size?: 'medium' | 'large'; code?: boolean;
}

/** A labelled input. Phones, e-mails and codes are `code`: left to right, at the line's end in Hebrew. */
export function Field({ label, hint, error, locked, aside, size = 'medium', code, className, type = 'text', ...rest }: FieldProps) {
  useLocale();
  const id = useId();
  const [shown, setShown] = useState(false);
  const password = type === 'password';
  return (
    <div className={cx('flex flex-col gap-1.5', className)}>
      <div className="flex items-baseline justify-between gap-3">
        <label htmlFor={id} className={cx('text-13 font-medium', locked ? 'text-ink-3' : 'text-ink')}>{label}</label>
        {aside}
      </div>
      <div className="relative">
        <input
          id={id} type={password && shown ? 'text' : type} dir={code || password ? 'ltr' : 'auto'} aria-invalid={!!error || undefined}
          aria-describedby={error || hint ? `${id}-d` : undefined} placeholder=" " {...rest} disabled={locked || rest.disabled}
          className={cx(inputClass, size === 'large' ? 'h-11 text-14' : 'h-9 max-small:h-11', (code || password) && 'rtl-end', (error || locked || password) && 'pad-end')}
        />
        {password && !locked && (
          <button
            type="button" onClick={() => setShown(!shown)} aria-label={shown ? t('field.hide') : t('field.show')} aria-pressed={shown}
            className="absolute inset-y-0 end-0 grid w-10 place-items-center rounded-9 text-ink-2 hover:text-ink"
          >
            {shown ? <EyeOff size={16} strokeWidth={1.75} aria-hidden /> : <Eye size={16} strokeWidth={1.75} aria-hidden />}
          </button>
        )}
        {error && !password && <CircleAlert size={16} strokeWidth={1.75} aria-hidden className="absolute end-3 top-1/2 -translate-y-1/2 text-bad" />}
        {locked && <Lock size={16} strokeWidth={1.75} aria-hidden className="absolute end-3 top-1/2 -translate-y-1/2 text-ink-3" />}
      </div>
      {(error || hint) && (
        <p id={`${id}-d`} role={error ? 'alert' : undefined} className={cx('text-12', error ? 'text-bad' : 'text-ink-3')}>{error ?? hint}</p>
      )}
    </div>
  );
}

interface AreaProps extends Omit<ComponentProps<'textarea'>, 'onChange'> { label: ReactNode; value: string; onChange: (value: string) => void; hint?: ReactNode; error?: string | null; aside?: ReactNode }

/** A labelled text of several lines; each paragraph keeps its own direction. */
export function AreaField({ label, value, onChange, hint, error, aside, className, rows = 4, ...rest }: AreaProps) {
  const id = useId();
  return (
    <div className={cx('flex flex-col gap-1.5', className)}>
      <div className="flex items-baseline justify-between gap-3"><label htmlFor={id} className="text-13 font-medium">{label}</label>{aside}</div>
      <textarea
        id={id} rows={rows} dir="auto" value={value} onChange={(event) => onChange(event.target.value)} aria-invalid={!!error || undefined} aria-describedby={error || hint ? `${id}-d` : undefined} {...rest}
        className={cx(inputClass, 'resize-y py-2 text-start')}
      />
      {(error || hint) && <p id={`${id}-d`} role={error ? 'alert' : undefined} className={cx('text-12', error ? 'text-bad' : 'text-ink-3')}>{error ?? hint}</p>}
    </div>
  );
}

interface SearchProps { value: string; onChange: (value: string) => void; label: string; keys?: string; className?: string; ref?: Ref<HTMLInputElement>; onKeyDown?: ComponentProps<'input'>['onKeyDown']; autoFocus?: boolean }

export function SearchField({ value, onChange, label, keys, className, ref, ...rest }: SearchProps) {
  useLocale();
  return (
    <div className={cx('relative', className)}>
      <Search size={16} strokeWidth={1.75} aria-hidden className="pointer-events-none absolute start-3 top-1/2 -translate-y-1/2 text-ink-2" />
      <input
        ref={ref} type="search" dir="auto" value={value} onChange={(event) => onChange(event.target.value)} aria-label={label} placeholder={label} {...rest}
        className={cx(inputClass, 'h-[34px] px-9 text-start max-small:h-11')}
      />
      <span className="absolute end-2 top-1/2 grid -translate-y-1/2">
        {value ? (
          <button type="button" aria-label={t('search.clear')} onClick={() => onChange('')} className="grid size-6 place-items-center rounded-5 text-ink-2 hover:bg-hover">
            <X size={14} aria-hidden />
          </button>
        ) : keys && <span className="max-medium:hidden"><Kbd>{keys}</Kbd></span>}
      </span>
    </div>
  );
}

interface SelectFieldProps<Value extends string> { label: string; value: Value; onChange: (value: Value) => void; options: { value: Value; label: string }[]; hint?: string; className?: string; disabled?: boolean }

/** The browser's own select: the phone's wheel and the screen reader come with it. */
export function SelectField<Value extends string>({ label, value, onChange, options, hint, className, disabled }: SelectFieldProps<Value>) {
  const id = useId();
  return (
    <div className={cx('flex flex-col gap-1.5', className)}>
      <label htmlFor={id} className="text-13 font-medium">{label}</label>
      <select id={id} value={value} disabled={disabled} onChange={(event) => onChange(event.target.value as Value)} className={cx(inputClass, 'h-9 max-small:h-11')}>
        {options.map((option) => <option key={option.value} value={option.value}>{option.label}</option>)}
      </select>
      {hint && <p className="text-12 text-ink-3">{hint}</p>}
    </div>
  );
}

export function Switch({ label, hint, checked, onChange }: { label: string; hint?: string; checked: boolean; onChange: (checked: boolean) => void }) {
  return (
    <label className="relative flex items-center justify-between gap-4 py-1">
      <span>
        <span className="block text-13 font-medium">{label}</span>
        {hint && <span className="block text-12 text-ink-3">{hint}</span>}
      </span>
      <input type="checkbox" role="switch" aria-checked={checked} checked={checked} onChange={(event) => onChange(event.target.checked)} className="peer sr-only" />
      <span aria-hidden className="relative h-5 w-9 shrink-0 rounded-full bg-control transition-colors duration-160 peer-checked:bg-brand peer-focus-visible:outline-2 peer-focus-visible:outline-offset-2 peer-focus-visible:outline-brand after:absolute after:start-0.5 after:top-0.5 after:size-4 after:rounded-full after:bg-surface after:transition-all peer-checked:after:start-[18px]" />
    </label>
  );
}
