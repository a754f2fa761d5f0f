import { FileText, ImageOff, LoaderCircle, Mic, Pause, Play, X } from 'lucide-react';
import { useRef, useState } from 'react';
import { Ltr } from '@/components/bdi';
import { useLocale } from '@/i18n';
import { cx } from '@/lib/cx';
import { bytes, fileName } from '@/lib/format';
import { p, spoken } from '../i18n';
import type { Pending } from '../model/pending';
import type { Media, Place } from '../model/types';

/** A business may give its own link. The sandbox sends nothing out, and neither does its page. */
export function isLocal(url: string): boolean {
  if (/^(\/|blob:)/.test(url)) return true;
  try {
    return ['localhost', '127.0.0.1', '[::1]'].includes(new URL(url).hostname) || new URL(url).origin === location.origin;
  } catch {
    return false;
  }
}

function Missing({ media, className }: { media: Media; className?: string }) {
  const host = /^https?:\/\/([^/]+)/.exec(media.url)?.[1];
  return (
    <span className={cx('flex min-h-24 w-60 max-w-full flex-col items-center justify-center gap-1.5 rounded-10 bg-grey-soft p-3 text-center text-12 text-ink-2', className)}>
      <ImageOff size={20} strokeWidth={1.75} aria-hidden />
      {host && !isLocal(media.url) ? <>{p('media.outside')}<Ltr className="max-w-full truncate">{host}</Ltr></> : p('media.missing')}
    </span>
  );
}

export function Picture({ media, label, onOpen, className, sticker }: { media: Media; label: string; onOpen?: () => void; className?: string; sticker?: boolean }) {
  const [broken, setBroken] = useState(!isLocal(media.url));
  if (broken) return <Missing media={media} className={className} />;
  const image = <img src={media.url} alt={label} onError={() => setBroken(true)} className={cx(sticker ? 'size-32 object-contain' : 'block max-h-72 min-h-20 w-full object-cover', !sticker && 'rounded-10')} />;
  if (!onOpen) return <span className={cx('block', className)}>{image}</span>;
  return <button type="button" onClick={onOpen} className={cx('block w-full rounded-10', className)}>{image}</button>;
}

export function Film({ media, label, className }: { media: Media; label: string; className?: string }) {
  const [broken, setBroken] = useState(!isLocal(media.url));
  if (broken) return <Missing media={media} className={className} />;
  // oxlint-disable-next-line jsx-a11y/media-has-caption -- what people send has none
  return <video src={media.url} controls preload="metadata" aria-label={label} onError={() => setBroken(true)} className={cx('max-h-72 w-full rounded-10 bg-ink', className)} />;
}

export function Document({ media, filename, className }: { media: Media; filename?: string; className?: string }) {
  useLocale();
  const name = filename ?? p('kind.document');
  const local = isLocal(media.url);
  const inner = (
    <>
      <span className="grid size-10 shrink-0 place-items-center rounded-9 bg-surface text-ink-2"><FileText size={18} strokeWidth={1.75} aria-hidden /></span>
      <span className="min-w-0 flex-1">
        <span dir="auto" className="by-layout block truncate text-13 font-medium">{fileName(name, 24)}</span>
        <span className="block text-11 text-ink-2">
          <Ltr>{[(/\.(\w{2,5})$/.exec(name)?.[1] ?? media.mime_type?.split('/').at(-1)?.split(';')[0] ?? '').slice(0, 8).toUpperCase(), media.size_bytes ? bytes(media.size_bytes) : ''].filter(Boolean).join(' · ')}</Ltr>
          {!local && <> · {p('media.outside')}</>}
        </span>
      </span>
    </>
  );
  const shape = cx('flex w-60 max-w-full items-center gap-2.5 rounded-10 bg-ink/5 p-2', className);
  return local ? <a href={media.url} target="_blank" rel="noreferrer noopener" className={cx(shape, 'hover:bg-ink/8')}>{inner}</a> : <span className={shape}>{inner}</span>;
}

const bars = Array.from({ length: 28 }, (_, i) => 5 + Math.round(13 * Math.abs(Math.sin(i * 1.7) * Math.cos(i * 0.6))));
const seconds = (value: number) => `${Math.floor(value / 60)}:${String(Math.floor(value % 60)).padStart(2, '0')}`;

export function Voice({ media, onPlay }: { media: Media; onPlay?: () => void }) {
  useLocale();
  const audio = useRef<HTMLAudioElement>(null);
  const [playing, setPlaying] = useState(false);
  const [at, setAt] = useState(0);
  const [length, setLength] = useState(0);
  const toggle = () => {
    if (playing) return audio.current?.pause();
    onPlay?.();
    void audio.current?.play().catch(() => setPlaying(false));
  };
  const done = length ? at / length : 0;
  return (
    <span dir="ltr" className="flex w-60 max-w-full items-center gap-2.5 px-1 pt-1">
      <button type="button" aria-label={playing ? p('voice.pause') : p('voice.play')} onClick={toggle} className="grid size-9 shrink-0 place-items-center rounded-full bg-brand text-on-brand hover:bg-brand-hover">
        {playing ? <Pause size={16} aria-hidden fill="currentColor" /> : <Play size={16} aria-hidden fill="currentColor" className="ms-0.5" />}
      </button>
      <span aria-hidden className="flex h-7 min-w-0 flex-1 items-center gap-0.5">
        {bars.map((height, i) => <span key={i} style={{ height }} className={cx('w-[3px] rounded-full', i / bars.length < done ? 'bg-brand' : 'bg-control')} />)}
      </span>
      <span className="tabular flex items-center gap-1 text-11 text-ink-2"><Mic size={12} aria-hidden />{playing || length ? seconds(playing ? at : length) : ''}</span>
      {isLocal(media.url) && (
        // oxlint-disable-next-line jsx-a11y/media-has-caption -- what people send has none
        <audio
          ref={audio} src={media.url} preload="metadata" onPlay={() => setPlaying(true)} onPause={() => setPlaying(false)}
          onEnded={() => setAt(0)} onTimeUpdate={(event) => setAt(event.currentTarget.currentTime)}
          onLoadedMetadata={(event) => {
            // An Ogg file tells its length only at its end: look there once.
            if (!Number.isFinite(event.currentTarget.duration)) event.currentTarget.currentTime = 1e6;
          }}
          onDurationChange={(event) => {
            if (!Number.isFinite(event.currentTarget.duration)) return;
            setLength(event.currentTarget.duration);
            if (event.currentTarget.paused) event.currentTarget.currentTime = 0;
          }}
        />
      )}
    </span>
  );
}

/** A map of nowhere: streets, a park and a pin. No tiles are fetched. */
export function MapTile({ place, className }: { place: Place; className?: string }) {
  useLocale();
  const name = place.name ?? p('kind.location');
  const [latitude, longitude] = [Number(place.latitude), Number(place.longitude)];
  const turn = Math.round((latitude * 7 + longitude * 13) % 30) - 15 || 0;
  return (
    <span className={cx('block w-60 max-w-full', className)}>
      <svg viewBox="0 0 240 110" role="img" aria-label={spoken('location.map', { name })} className="block w-full rounded-10 bg-grey-soft">
        <g transform={`rotate(${turn} 120 55)`} fill="none" className="stroke-surface" strokeWidth="7">
          <path d="M-60 20H300M-60 66H300M-60 112H300M20-60V180M92-60V180M170-60V180" />
          <path d="M-40 150L280-40" strokeWidth="12" />
        </g>
        <path d="M176 8h50a6 6 0 0 1 6 6v30a6 6 0 0 1-6 6h-50z" className="fill-ok-soft" />
        <path d="M120 72c-12-14-18-22-18-30a18 18 0 0 1 36 0c0 8-6 16-18 30z" className="fill-bad-solid" />
        <circle cx="120" cy="42" r="7" className="fill-surface" />
      </svg>
      <span className="block px-1 pt-1.5">
        <span dir="auto" className="by-layout block text-13 font-medium">{name}</span>
        {place.address && <span dir="auto" className="by-layout block text-12 text-ink-2">{place.address}</span>}
        <Ltr className="text-11 text-ink-2">{`${latitude.toFixed(4)}, ${longitude.toFixed(4)}`}</Ltr>
      </span>
    </span>
  );
}

/** The ring over a file that is going up, and how much of it has gone. */
export function Progress({ pending }: { pending: Pending }) {
  useLocale();
  const { progress } = pending;
  const share = progress?.total ? progress.sent / progress.total : 0;
  const length = 2 * Math.PI * 17;
  return (
    <span className="absolute inset-0 grid place-items-center rounded-10 bg-scrim">
      <button type="button" aria-label={p('media.cancel')} onClick={pending.cancel} className="relative grid size-12 place-items-center rounded-full bg-ink/70 text-surface in-data-[theme=dark]:bg-surface/80 in-data-[theme=dark]:text-ink">
        <svg width="40" height="40" className="absolute" aria-hidden>
          <circle cx="20" cy="20" r="17" fill="none" stroke="currentColor" strokeOpacity="0.3" strokeWidth="3" />
          <circle cx="20" cy="20" r="17" fill="none" stroke="currentColor" strokeWidth="3" strokeLinecap="round" strokeDasharray={`${length * share} ${length}`} transform="rotate(-90 20 20)" />
        </svg>
        {progress ? <X size={16} aria-hidden /> : <LoaderCircle size={16} className="animate-spin" aria-hidden />}
      </button>
      {progress && <Ltr className="absolute end-2 bottom-1.5 rounded-5 bg-ink/70 px-1.5 text-11 font-semibold text-surface in-data-[theme=dark]:bg-surface/80 in-data-[theme=dark]:text-ink">{`${(progress.sent / 1e6).toFixed(1)} / ${(progress.total / 1e6).toFixed(1)} MB`}</Ltr>}
    </span>
  );
}
