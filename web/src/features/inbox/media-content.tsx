import { CloudOff, Download, FileText, Hourglass, Image, Pause, Play } from 'lucide-react';
import { useRef, useState } from 'react';
import type { Content, Media, Message } from '@/api/types';
import { Ltr } from '@/components/bdi';
import { t, useLocale } from '@/i18n';
import { bytes, fileName, moment } from '@/lib/format';
import { kindName, kindOf } from './kinds';
import { RichText } from './rich-text';

interface Props { message: Message; content: Extract<Content, { kind: 'media' }>; onView: (id: string) => void }

export function MediaContent({ message, content, onView }: Props) {
  useLocale();
  const { media } = message;
  // Android exports say of a file that was left out only that it was one.
  const name = kindName(message.author.kind === 'import' && !media && content.media_kind === 'document' ? 'media' : kindOf(content));
  return (
    <>
      {!media || media.state !== 'stored' || !media.url ? <Missing media={media} name={name} filename={content.filename} exported={message.author.kind === 'import'} /> : <Stored media={media} url={media.url} content={content} name={name} onView={() => onView(message.id)} />}
      {content.caption && <RichText text={content.caption} className="mt-1" />}
    </>
  );
}

function Missing({ media, name, filename, exported }: { media: Media | null; name: string; filename: string | undefined; exported: boolean }) {
  const gone = exported || media?.state === 'unavailable';
  const Icon = gone ? CloudOff : Hourglass;
  return (
    <div className="flex min-h-16 min-w-40 items-center gap-3 rounded-10 border border-dashed border-control bg-sunken px-3 py-2">
      <Icon size={18} strokeWidth={1.75} aria-hidden className="shrink-0 text-ink-3" />
      <div className="text-13">
        <p className="font-medium"><bdi>{filename ?? media?.filename ?? name}</bdi> · {exported ? t('media.not_exported') : gone ? t('media.unavailable') : t('media.pending')}</p>
        {!gone && media?.next_try_at && <p className="text-12 text-ink-3">{t('media.pending_body', { time: moment(media.next_try_at) })}</p>}
      </div>
    </div>
  );
}

function Stored({ media, url, content, name, onView }: { media: Media; url: string; content: Props['content']; name: string; onView: () => void }) {
  if (media.media_kind === 'image') {
    return (
      <button type="button" onClick={onView} aria-label={t('media.open', { name })} className="-mx-2 -mt-0.5 block cursor-zoom-in overflow-hidden rounded-10 bg-sunken">
        <img src={url} alt={content.caption ?? name} loading="lazy" decoding="async" className="h-[180px] w-[272px] max-w-full object-cover" />
      </button>
    );
  }
  if (media.media_kind === 'sticker') return <img src={url} alt={name} loading="lazy" className="size-32 object-contain" />;
  if (media.media_kind === 'video') {
    return (
      <button type="button" onClick={onView} aria-label={t('media.open', { name })} className="relative -mx-2 -mt-0.5 block overflow-hidden rounded-10 bg-sunken">
        <video src={url} preload="metadata" muted className="h-[180px] w-[272px] max-w-full object-cover" />
        <span className="absolute inset-0 grid place-items-center"><span className="grid size-12 place-items-center rounded-full bg-scrim text-on-bad"><Play size={22} fill="currentColor" aria-hidden /></span></span>
      </button>
    );
  }
  if (media.media_kind === 'audio') return <Audio url={url} name={name} />;
  return <Document media={media} url={url} filename={content.filename ?? media.filename ?? name} />;
}

function Document({ media, url, filename }: { media: Media; url: string; filename: string }) {
  const Icon = media.mime_type?.startsWith('image/') ? Image : FileText;
  return (
    <a href={url} download={filename} className="flex max-w-full min-w-52 items-center gap-3 rounded-9">
      <span className="grid size-9 shrink-0 place-items-center rounded-9 bg-surface text-ink-2"><Icon size={18} strokeWidth={1.75} aria-hidden /></span>
      <span className="min-w-0 flex-1">
        <bdi className="block truncate text-13 font-semibold" title={filename}>{fileName(filename)}</bdi>
        {!!media.size_bytes && <Ltr className="text-11 text-ink-2">{bytes(media.size_bytes)}</Ltr>}
      </span>
      <Download size={16} strokeWidth={1.75} aria-hidden className="shrink-0 text-ink-3" />
      <span className="sr-only">{t('action.download')}</span>
    </a>
  );
}

/** Play and progress run left to right in every language, as on every player. */
function Audio({ url, name }: { url: string; name: string }) {
  const audio = useRef<HTMLAudioElement>(null);
  const [playing, setPlaying] = useState(false);
  const [at, setAt] = useState(0);
  const [length, setLength] = useState(0);
  const clock = (s: number) => `${Math.floor(s / 60)}:${String(Math.floor(s % 60)).padStart(2, '0')}`;
  return (
    <div dir="ltr" className="flex w-60 max-w-full items-center gap-3 py-1">
      <button type="button" aria-label={`${name}, ${t('media.play')}`} aria-pressed={playing} onClick={() => void (playing ? audio.current?.pause() : audio.current?.play().catch(() => {}))} className="grid size-9 shrink-0 place-items-center rounded-full bg-brand text-on-brand">
        {playing ? <Pause size={16} fill="currentColor" aria-hidden /> : <Play size={16} fill="currentColor" aria-hidden />}
      </button>
      <input type="range" aria-label={name} min={0} max={length || 1} step={0.1} value={at} onChange={(event) => { if (audio.current) audio.current.currentTime = Number(event.target.value); }} className="h-1 min-w-0 flex-1 accent-brand" />
      <span className="tabular text-11 text-ink-2">{clock(playing || at ? at : length)}</span>
      <audio
        ref={audio} src={url} preload="metadata" onPlay={() => setPlaying(true)} onPause={() => setPlaying(false)} onEnded={() => setAt(0)}
        onTimeUpdate={(event) => setAt(event.currentTarget.currentTime)} onLoadedMetadata={(event) => Number.isFinite(event.currentTarget.duration) && setLength(event.currentTarget.duration)}
      />
    </div>
  );
}
