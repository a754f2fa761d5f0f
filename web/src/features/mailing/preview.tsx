import { Fragment } from 'react';
import { fieldName } from '@/components/wordings';
import { directionOf } from '@/lib/direction';

/** The text as a bubble, its fields by their names. */
export function TextPreview({ text }: { text: string }) {
  const parts = text.split(/(\{\{\s*[\w.]+\s*\}\})/);
  return (
    <p dir={directionOf(text)} className="w-fit max-w-full rounded-14 rounded-ee-[4px] bg-own px-3.5 py-2.5 text-start text-14 wrap-break-word whitespace-pre-wrap">
      {parts.map((part, i) => {
        const field = /^\{\{\s*([\w.]+)\s*\}\}$/.exec(part)?.[1];
        return field ? <bdi key={i} className="rounded-5 bg-surface px-1.5 py-px text-12 text-brand-ink">{fieldName(field)}</bdi> : <Fragment key={i}>{part}</Fragment>;
      })}
    </p>
  );
}
