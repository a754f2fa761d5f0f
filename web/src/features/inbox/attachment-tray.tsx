import { CircleAlert, FileText, X } from 'lucide-react';
import { t } from '@/i18n';
import { cx } from '@/lib/cx';
import { bytes, fileName } from '@/lib/format';
import type { Attachment } from './attachments';

export function AttachmentTray({ items, onRemove }: { items: Attachment[]; onRemove: (key: number) => void }) {
  if (!items.length) return null;
  return (
    <ul className="flex flex-wrap gap-2 px-2.5 pt-2.5">
      {items.map((item) => (
        <li key={item.key} className={cx('relative flex max-w-full items-center gap-2.5 overflow-hidden rounded-10 border py-1.5 ps-1.5 pe-1', item.problem ? 'border-bad-solid bg-bad-soft' : 'border-line-2 bg-sunken')}>
          {item.preview ? <img src={item.preview} alt="" className="size-10 rounded-7 object-cover" /> : <span className="grid size-10 place-items-center rounded-7 bg-surface text-ink-2"><FileText size={18} strokeWidth={1.75} aria-hidden /></span>}
          <span className="min-w-0">
            <span className="block max-w-52 truncate text-12 font-medium"><bdi>{fileName(item.file.name)}</bdi></span>
            {item.problem ? (
              <span role="alert" className="flex max-w-72 items-start gap-1 text-11 text-bad"><CircleAlert size={12} aria-hidden className="mt-0.5 shrink-0" />{item.problem}</span>
            ) : (
              <bdi dir="ltr" className="text-11 text-ink-3">{item.mediaId ? bytes(item.file.size) : `${Math.round(item.share * 100)}%`}</bdi>
            )}
          </span>
          <button type="button" aria-label={t('composer.remove_file', { name: item.file.name })} onClick={() => onRemove(item.key)} className="grid size-7 shrink-0 place-items-center rounded-7 text-ink-2 hover:bg-hover"><X size={14} aria-hidden /></button>
          {!item.mediaId && !item.problem && <span role="progressbar" aria-label={t('composer.uploading', { percent: `${Math.round(item.share * 100)}%` })} aria-valuenow={Math.round(item.share * 100)} className="absolute inset-x-0 bottom-0 h-0.5 origin-right bg-brand ltr:origin-left" style={{ transform: `scaleX(${item.share})` }} />}
        </li>
      ))}
    </ul>
  );
}
