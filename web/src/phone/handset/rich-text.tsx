import { Fragment, memo, type ReactNode } from 'react';
import { cx } from '@/lib/cx';
import { directionOf } from '@/lib/direction';
import { blocks, type Inline } from './markup';

const safe = (href: string) => /^https?:\/\//i.test(href);

function draw(parts: Inline[]): ReactNode[] {
  return parts.map((part, i) => {
    switch (part.kind) {
      case 'text': return <Fragment key={i}>{part.text}</Fragment>;
      case 'bold': return <strong key={i} className="font-semibold">{draw(part.parts)}</strong>;
      case 'italic': return <em key={i}>{draw(part.parts)}</em>;
      case 'strike': return <s key={i}>{draw(part.parts)}</s>;
      case 'link': return safe(part.text) ? <a key={i} href={part.text} target="_blank" rel="noreferrer noopener" className="text-brand-ink underline underline-offset-2"><bdi dir="ltr">{part.text}</bdi></a> : part.text;
      default: return <code key={i} className="rounded-5 bg-hover px-1 font-mono text-12" dir="auto">{part.text}</code>;
    }
  });
}

/** Each paragraph in its own direction. */
export const RichText = memo(function RichText({ text, className }: { text: string; className?: string }) {
  return (
    <div className={cx('wrap-anywhere whitespace-pre-wrap', className)}>
      {blocks(text).map((block, i) => {
        if (block.kind === 'block') return <pre key={i} dir="ltr" className="my-1 overflow-x-auto rounded-7 bg-hover px-2 py-1 font-mono text-12 whitespace-pre-wrap">{block.text}</pre>;
        const dir = directionOf(block.text);
        if (block.kind === 'line') return <p key={i} dir={dir} className="min-h-[1.5em] text-start">{draw(block.parts)}</p>;
        if (block.kind !== 'item') return <blockquote key={i} dir={dir} className="border-s-3 border-line-2 ps-2 text-start text-ink-2">{draw(block.parts)}</blockquote>;
        // An item of a list, with its bullet or number.
        return (
          <p key={i} dir={dir} className="flex gap-1.5 text-start">
            <span className="shrink-0">{block.sign}</span><span className="min-w-0">{draw(block.parts)}</span>
          </p>
        );
      })}
    </div>
  );
});
