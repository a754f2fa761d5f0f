import { useSyncExternalStore } from 'react';

/**
 * Business time. The server says what time it is with every answer (`Kesher-Now`); between answers
 * we add what the monotonic clock has counted. The browser's own clock is never read.
 */
let base = Number.NaN;
let minute = 0;
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

export function setServerNow(instant: string | null | undefined) {
  const at = instant ? Date.parse(instant) : Number.NaN;
  if (Number.isNaN(at)) return;
  const next = at - performance.now();
  const jumped = Number.isNaN(base) || Math.abs(next - base) > 1500;
  if (jumped) {
    base = next;
    tick();
  }
}

export function now(): number {
  return Number.isNaN(base) ? 0 : base + performance.now();
}

/** Rounded to half a minute, so that a screen is drawn again only when something it shows changes. */
function tick() {
  const next = Math.floor(now() / 30_000) * 30_000;
  if (next === minute) return;
  minute = next;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void) {
  listeners.add(listener);
  timer ??= setInterval(tick, 1000);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
  };
}

/** Business time in ms, refreshed every half minute by the page's one timer. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => minute);
}
