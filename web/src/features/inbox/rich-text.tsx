import { Fragment, memo, type ReactNode } from 'react';
import { cx } from '@/lib/cx';
import { directionOf } from '@/lib/direction';

const token = /(https?:\/\/[^\s<>"']+[^\s<>"'.,;:!?)\]])|(?<![\p{L}\d*])\*([^*\n]+)\*(?![\p{L}\d*])|(?<![\p{L}\d~])~([^~\n]+)~(?![\p{L}\d~])|```([^`]+)```|`([^`\n]+)`/gu;

function inline(text: string): ReactNode[] {
  const out: ReactNode[] = [];
  let at = 0;
  for (const match of text.matchAll(token)) {
    out.push(text.slice(at, match.index));
    const [all, link, bold, struck, block, code] = match;
    out.push(
      link ? <a key={match.index} href={link} target="_blank" rel="noreferrer noopener" dir="ltr" className="text-brand-ink underline underline-offset-2 break-all">{link}</a>
      : bold ? <b key={match.index} className="font-semibold">{bold}</b>
      : struck ? <s key={match.index}>{struck}</s>
      : <code key={match.index} className="rounded-5 bg-grey-soft px-1 font-mono text-13">{block ?? code}</code>,
    );
    at = match.index + all.length;
  }
  out.push(text.slice(at));
  return out;
}

const onlyEmoji = /^(?:\p{Extended_Pictographic}|\p{Emoji_Modifier}|\p{Regional_Indicator}|\u200d|\ufe0f|\s){1,12}$/u;

/** Each paragraph has its own direction; what WhatsApp writes as bold, struck or code is shown so. */
export const RichText = memo(function RichText({ text, className }: { text: string; className?: string }) {
  const big = onlyEmoji.test(text) && /\p{Extended_Pictographic}/u.test(text);
  return (
    <div className={cx('break-words whitespace-pre-wrap', big && 'text-26', className)}>
      {text.split('\n').map((line, i) => <p key={i} dir={directionOf(line)} className="min-h-[1lh] text-start">{inline(line).map((part, j) => <Fragment key={j}>{part}</Fragment>)}</p>)}
    </div>
  );
});
