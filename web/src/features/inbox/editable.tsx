import { type KeyboardEvent, type ReactNode, useRef, useState } from 'react';
import { ApiProblem, wordsFor } from '@/api/client';
import { inputClass } from '@/components/field';
import { t } from '@/i18n';
import { cx } from '@/lib/cx';

interface Props {
  name: string; value: string; kind?: 'text' | 'number' | 'date' | 'choice' | 'tel' | 'email'; options?: string[]; disabled?: boolean;
  onSave: (value: string) => Promise<void>; children?: ReactNode;
}

/** A value that becomes a field where it stands. Enter and leaving save, Esc does not. */
export function Editable({ name, value, kind = 'text', options, disabled, onSave, children }: Props) {
  const [editing, setEditing] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const [conflict, setConflict] = useState(false);
  const [kept, setKept] = useState<string | null>(null);
  const button = useRef<HTMLButtonElement>(null);
  const done = useRef(false);
  const close = (focus: boolean) => {
    setEditing(false);
    if (focus) setTimeout(() => button.current?.focus(), 0);
  };
  const save = async (next: string, focus: boolean) => {
    if (done.current) return;
    done.current = true;
    close(focus);
    setError(null);
    setKept(null);
    if (next.trim() === value) return;
    try {
      await onSave(next.trim());
    } catch (problem) {
      // What was typed is still there to be mended.
      setConflict(problem instanceof ApiProblem && problem.code === 'changed_meanwhile');
      setError(wordsFor(problem));
      setKept(next);
      done.current = false;
      setEditing(true);
    }
  };
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement | HTMLSelectElement>) => {
    if (event.key === 'Enter') void save(event.currentTarget.value, true);
    else if (event.key === 'Escape') {
      done.current = true;
      setError(null);
      setKept(null);
      close(true);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };
  if (!editing) {
    const shown = children || (value ? <bdi>{value}</bdi> : <span className="text-ink-3">{disabled ? '–' : t('lead.empty_value')}</span>);
    if (disabled) return <span className="block truncate py-1">{shown}</span>;
    return (
      <button
        ref={button} type="button" onClick={() => { done.current = false; setEditing(true); }}
        className="-mx-2 block w-[calc(100%+1rem)] truncate rounded-7 px-2 py-1 text-start hover:bg-hover"
      >
        <span className="sr-only">{t('lead.edit_field', { name })}: </span>{shown}
      </button>
    );
  }
  const field = { 'aria-label': name, 'aria-invalid': !!error || undefined, autoFocus: true, defaultValue: kept ?? value, onKeyDown, className: cx(inputClass, 'h-8 px-2 max-small:h-11', kind !== 'text' && kind !== 'choice' && 'rtl-end') };
  return (
    <div>
      {kind === 'choice' ? (
        <select {...field} onChange={(event) => void save(event.target.value, true)} onBlur={(event) => void save(event.target.value, false)}>
          <option value="" />
          {options?.map((option) => <option key={option}>{option}</option>)}
        </select>
      ) : (
        <input {...field} dir={kind === 'text' ? 'auto' : 'ltr'} type={kind === 'date' ? 'date' : kind === 'tel' ? 'tel' : kind === 'email' ? 'email' : 'text'} inputMode={kind === 'number' ? 'decimal' : undefined} onBlur={(event) => void save(event.target.value, false)} />
      )}
      {error && <p role="alert" className="pt-1 text-12 text-bad">{conflict ? t('error.changed_to', { value: value || '–' }) : error}</p>}
    </div>
  );
}
