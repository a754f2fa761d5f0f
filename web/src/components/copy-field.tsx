import { Check, Copy } from 'lucide-react';
import { useRef, useState } from 'react';
import { t, useLocale } from '@/i18n';
import { Button } from './button';
import { inputClass } from './field';

/** A value to take elsewhere (a code, or `words`): one press copies it; where the browser forbids that, it is selected. */
export function CopyField({ label, value, hint, autoFocus, words }: { label: string; value: string; hint?: string; autoFocus?: boolean; words?: boolean }) {
  useLocale();
  const input = useRef<HTMLInputElement>(null);
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    input.current?.select();
    try {
      await navigator.clipboard.writeText(value);
    } catch {
      document.execCommand('copy');
    }
    setCopied(true);
    setTimeout(() => setCopied(false), 2000);
  };
  return (
    <div className="flex flex-col gap-1.5">
      <span className="text-12 font-medium text-ink-2">{label}</span>
      <div className="flex gap-2">
        <input ref={input} readOnly dir={words ? 'auto' : 'ltr'} value={value} aria-label={label} autoFocus={autoFocus} onFocus={(event) => event.target.select()} className={`${inputClass} h-9 min-w-0 flex-1 max-small:h-11 ${words ? '' : 'font-mono text-12!'}`} />
        <Button icon={copied ? Check : Copy} onClick={() => void copy()} className="h-9 max-small:h-11"><span aria-live="polite">{copied ? t('action.copied') : t('action.copy')}</span></Button>
      </div>
      {hint && <p className="text-12 text-ink-3">{hint}</p>}
    </div>
  );
}
