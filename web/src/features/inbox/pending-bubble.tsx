import { useQueryClient } from '@tanstack/react-query';
import { CircleAlert, CloudOff, LayoutTemplate, Pencil, RotateCw, Trash2 } from 'lucide-react';
import { Ltr } from '@/components/bdi';
import { Button, IconButton } from '@/components/button';
import { Ticks } from '@/components/ticks';
import { t, useLocale } from '@/i18n';
import { cx } from '@/lib/cx';
import { time } from '@/lib/format';
import { discard, type Pending, retryPending } from '@/live/outbox';
import { strip } from './failure';
import { RichText } from './rich-text';

/** On the screen at once; if the server refuses, the words stay and say why. */
export function PendingBubble({ item, onTemplate, onEdit }: { item: Pending; onTemplate: () => void; onEdit: (text: string) => void }) {
  useLocale();
  const client = useQueryClient();
  const needsTemplate = item.code === 'window_closed' || item.code === 'window_never_opened';
  const { content } = item.send;
  const edit = () => {
    if (content.kind === 'text') onEdit(content.text);
    discard(item.key);
  };
  return (
    <div className="mt-2 flex flex-col items-end">
      <div className={cx('animate-rise min-w-18 max-w-[min(560px,74%)] rounded-14 rounded-ee-[4px] px-3 py-1.5 shadow-e1 max-small:max-w-[86%]', item.send.note ? 'border border-dashed border-warn-solid bg-note' : 'bg-own')}>
        {item.preview && <img src={item.preview} alt="" className="mb-1 h-[180px] w-[260px] rounded-10 object-cover" />}
        <div className="opacity-80"><RichText text={item.text} /></div>
        <p className="mt-0.5 flex items-center justify-end gap-1.5 text-11 text-ink-2"><Ltr>{time(item.at)}</Ltr><Ticks delivery={item.state === 'failed' ? 'failed' : 'queued'} /></p>
      </div>
      {item.state === 'waiting' && <p className="mt-1 flex items-center gap-1.5 text-12 text-ink-3"><CloudOff size={14} aria-hidden />{t('fail.waiting')}</p>}
      {item.state === 'failed' && (
        <div role="alert" className={`${strip} bg-bad-soft`}>
          <CircleAlert size={16} strokeWidth={1.75} aria-hidden className="shrink-0 text-bad" />
          <p className="min-w-40 flex-1"><b className="font-semibold text-bad">{t('fail.not_sent')}</b> <bdi>{item.error}</bdi> {t('fail.kept')}</p>
          {needsTemplate ? <Button size="small" icon={LayoutTemplate} onClick={onTemplate}>{t('fail.template')}</Button> : <Button size="small" icon={RotateCw} onClick={() => retryPending(client, item.key)}>{t('fail.retry')}</Button>}
          {content.kind === 'text' && <IconButton size="small" iconSize={16} icon={Pencil} label={t('fail.edit')} onClick={edit} />}
          <IconButton size="small" iconSize={16} icon={Trash2} label={t('fail.discard')} onClick={() => discard(item.key)} />
        </div>
      )}
    </div>
  );
}
