import { ChevronLeft, ChevronRight, Download, X } from 'lucide-react';
import { useEffect, useState } from 'react';
import type { Message } from '@/api/types';
import { IconButton } from '@/components/button';
import { Layer } from '@/components/layer';
import { t, useLocale } from '@/i18n';
import { dateTime } from '@/lib/format';
import { kindName } from './kinds';

/** Pictures and films of this conversation, one at a time. The arrows follow the eye: what is newer lies towards the line's end. */
export default function MediaViewer({ messages, start, onClose }: { messages: Message[]; start: string; onClose: () => void }) {
  const locale = useLocale();
  const all = messages.filter((message) => message.media?.url && !message.revoked_at && (message.media.media_kind === 'image' || message.media.media_kind === 'video'));
  const [id, setId] = useState(start);
  const i = Math.max(0, all.findIndex((message) => message.id === id));
  const go = (step: number) => {
    const next = all[i + step];
    if (next) setId(next.id);
  };
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const ahead = locale === 'he' ? 'ArrowLeft' : 'ArrowRight';
      if (event.key === 'ArrowLeft' || event.key === 'ArrowRight') go(event.key === ahead ? 1 : -1);
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  });
  const message = all[i];
  const media = message?.media;
  if (!media?.url) return null;
  const content = message?.content.kind === 'media' ? message.content : null;
  return (
    <Layer title={t('media.viewer')} kind="full" bare onClose={onClose}>
      <header className="flex items-center gap-3 border-b border-line px-4 py-2">
        <p className="min-w-0 flex-1 truncate text-13"><bdi>{content?.caption ?? kindName(media.media_kind)}</bdi> <bdi dir="ltr" className="text-12 text-ink-3">{message && dateTime(message.at)}</bdi></p>
        <span className="text-12 text-ink-3">{t('media.of', { i: i + 1, n: all.length })}</span>
        <a href={media.url} download={media.filename ?? ''} aria-label={t('action.download')} className="grid size-9 place-items-center rounded-9 text-ink-2 hover:bg-hover"><Download size={18} strokeWidth={1.75} aria-hidden /></a>
        <IconButton icon={X} label={t('action.close')} keys="Esc" onClick={onClose} />
      </header>
      <div className="flex min-h-0 flex-1 items-center gap-2 bg-thread p-3">
        <IconButton icon={ChevronLeft} mirror label={t('media.previous')} disabled={i === 0} onClick={() => go(-1)} />
        <div className="flex h-full min-h-0 min-w-0 flex-1 items-center justify-center">
          {media.media_kind === 'video' ? <video key={media.id} src={media.url} controls autoPlay className="max-h-full max-w-full rounded-10" /> : <img key={media.id} src={media.url} alt={content?.caption ?? kindName('image')} className="max-h-full max-w-full rounded-10 object-contain" />}
        </div>
        <IconButton icon={ChevronRight} mirror label={t('media.next')} disabled={i === all.length - 1} onClick={() => go(1)} />
      </div>
    </Layer>
  );
}
