import type { ReactNode } from 'react';
import { t, useLocale } from '@/i18n';
import { cx } from '@/lib/cx';
import { useNow } from '@/lib/clock';
import { windowOf, type WindowLike } from '@/lib/window';

const pairs = [
  'bg-plum-soft text-plum', 'bg-info-soft text-info', 'bg-ok-soft text-ok', 'bg-warn-soft text-warn',
  'bg-bot text-bot-ink', 'bg-brand-soft text-brand-ink', 'bg-rose-soft text-rose', 'bg-bad-soft text-bad',
];

function hash(id: string): number {
  let h = 2166136261;
  for (let i = 0; i < id.length; i++) h = Math.imul(h ^ id.charCodeAt(i), 16777619);
  return h >>> 0;
}

/** The letter of a person, on one of eight soft pairs chosen by the id. A number without a name has `#`. */
export function Face({ id, name, size = 36, className }: { id: string; name: string | null | undefined; size?: number; className?: string }) {
  const first = name?.match(/\p{L}/u)?.[0];
  const known = !!first && !/^\+?\d/.test(name ?? '');
  const colour = known ? pairs[hash(id) % pairs.length] : 'bg-grey-soft text-ink-2';
  return (
    <span aria-hidden style={{ width: size, height: size, fontSize: Math.round(size * 0.38) }} className={cx('inline-grid shrink-0 place-items-center rounded-full leading-none font-semibold uppercase before:content-[attr(data-letter)]', colour, className)} data-letter={known ? first : '#'} />
  );
}

/** The ring around a face is the 24 hours: clockwise from twelve in both directions of writing. */
export function WindowRing({ window, size = 44, children }: { window: WindowLike; size?: number; children?: ReactNode }) {
  useLocale();
  const state = windowOf(window, useNow());
  const stroke = size < 24 ? 3 : 2.5;
  const r = (size - stroke) / 2;
  const length = 2 * Math.PI * r;
  const middle = size / 2;
  return (
    <span role="img" aria-label={ringName(state)} className="relative inline-grid shrink-0 place-items-center" style={{ width: size, height: size }}>
      {state.kind !== 'none' && (
        <svg width={size} height={size} className="absolute inset-0" aria-hidden>
          {state.kind === 'closed' ? (
            <circle cx={middle} cy={middle} r={r} fill="none" className="stroke-control" strokeWidth={1.5} strokeDasharray={size < 24 ? '2 2' : '3 3'} />
          ) : (
            <>
              <circle cx={middle} cy={middle} r={r} fill="none" className="stroke-line" strokeWidth={stroke} />
              <circle
                cx={middle} cy={middle} r={r} fill="none" strokeWidth={stroke} strokeLinecap="round"
                className={state.closing ? 'stroke-warn-solid' : 'stroke-brand-2'}
                strokeDasharray={`${length * state.share} ${length}`} transform={`rotate(-90 ${middle} ${middle})`}
              />
            </>
          )}
        </svg>
      )}
      {children}
    </span>
  );
}

export function ringName(state: ReturnType<typeof windowOf>): string {
  if (state.kind === 'none') return t('window.none');
  if (state.kind === 'closed') return t('window.closed');
  const minutes = Math.floor(state.left / 60_000);
  return minutes < 60 ? t('window.open_minutes', { minutes }) : t('window.open_for', { hours: Math.floor(minutes / 60), minutes: minutes % 60 });
}

export function RingedFace({ id, name, window, size = 44 }: { id: string; name: string; window: WindowLike; size?: number }) {
  return (
    <WindowRing window={window} size={size}>
      <Face id={id} name={name} size={size - 8} />
    </WindowRing>
  );
}
