import { CircleSlash, FileText, MapPin, Pencil, Phone as PhoneIcon } from 'lucide-react';
import { Fragment } from 'react';
import type { Import, ImportLine } from '@/api/imports';
import { Ltr } from '@/components/bdi';
import { Card } from '@/components/page';
import { type Key, t, useLocale } from '@/i18n';
import { cx } from '@/lib/cx';
import { date, time } from '@/lib/format';

/** How many of the last entries a preview holds beside the first. */
const TAIL = 6;

/** A piece of the real thread, with the sides as they are chosen now. */
export function Excerpt({ item }: { item: Import }) {
  useLocale();
  const { sample } = item;
  const cut = item.messages > sample.length ? sample.length - TAIL : -1;
  const names = item.group || !item.participants.some((one) => one.us);
  return (
    <Card title={t('import.excerpt')} className="overflow-hidden">
      <ol tabIndex={0} aria-label={t('import.excerpt')} className="-mx-5 -mb-5 flex max-h-[min(60vh,640px)] flex-col overflow-auto bg-thread px-4 py-3 focus-inset max-small:-mx-4 max-small:-mb-4">
        {sample.map((line, i) => {
          const before = sample[i - 1];
          return (
            <Fragment key={i}>
              {i === cut && <li className="my-3 text-center text-12 text-ink-3">· · · {t('import.cut')} · · ·</li>}
              {(!before || date(before.at) !== date(line.at)) && <li className="my-2 text-center"><Ltr className="rounded-full bg-surface px-2.5 py-0.5 text-11 text-ink-2 shadow-e1">{date(line.at)}</Ltr></li>}
              <Entry line={line} named={names && before?.sender !== line.sender} />
            </Fragment>
          );
        })}
      </ol>
    </Card>
  );
}

function Entry({ line, named }: { line: ImportLine; named: boolean }) {
  if (line.kind === 'system') return <li className="my-1.5 px-6 text-center text-12 text-balance text-ink-3" dir="auto">{line.text}</li>;
  return (
    <li className={cx('mt-1 flex', line.us && 'justify-end')}>
      <div className={cx('min-w-18 max-w-[86%] rounded-14 px-3 py-1.5 shadow-e1', line.us ? 'bg-own' : 'border border-line bg-in')}>
        {named && line.sender && <p className="text-11 font-semibold text-brand-ink"><bdi>{line.sender}</bdi></p>}
        <What line={line} />
        {line.text && line.kind !== 'call' && line.kind !== 'location' && <p dir="auto" className="text-14 break-words whitespace-pre-wrap">{line.text}</p>}
        <p className={cx('mt-0.5 flex items-center justify-end gap-1.5 text-11', line.us ? 'text-ink-2' : 'text-ink-3')}>
          {line.edited && <Pencil size={11} aria-label={t('message.edited')} />}<Ltr className="tabular">{time(line.at)}</Ltr>
        </p>
      </div>
    </li>
  );
}

function What({ line }: { line: ImportLine }) {
  const row = (Icon: typeof FileText, words: React.ReactNode) => <p className="flex items-center gap-2 text-13 text-ink-2"><Icon size={15} strokeWidth={1.75} aria-hidden className="shrink-0" />{words}</p>;
  if (line.media) return row(FileText, <>{t(`import.kind_${line.media.kind}` as Key)}{line.media.omitted && <span> · {t('import.omitted')}</span>}</>);
  if (line.kind === 'deleted') return row(CircleSlash, t('import.deleted'));
  if (line.kind === 'unsupported') return row(CircleSlash, t('import.unsupported'));
  if (line.kind === 'call') return row(PhoneIcon, <bdi>{line.text}</bdi>);
  if (line.kind === 'location') return row(MapPin, <Ltr>{line.text ?? ''}</Ltr>);
  return null;
}
