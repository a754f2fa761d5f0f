import { CircleCheck, X } from 'lucide-react';
import { useEffect, useRef, useState, useSyncExternalStore } from 'react';
import { t, useLocale } from '@/i18n';

interface Toast { id: number; text: string; undo?: () => void }
const LIFE = 6000;
let toasts: Toast[] = [];
let counter = 0;
const listeners = new Set<() => void>();

function set(next: Toast[]) {
  toasts = next.slice(-3);
  for (const listener of listeners) listener();
}

/** Says what was done, with a way back. Never carries an error. */
export function toast(text: string, undo?: () => void) {
  set([...toasts, { id: ++counter, text, undo }]);
}

/** `Z`: takes back the last thing that can be taken back. */
export function undoLast(): boolean {
  const last = toasts.findLast((item) => item.undo);
  if (!last) return false;
  last.undo?.();
  set(toasts.filter((item) => item !== last));
  return true;
}

function subscribe(listener: () => void) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function Toasts() {
  useLocale();
  const shown = useSyncExternalStore(subscribe, () => toasts);
  return (
    <div aria-live="polite" className="pointer-events-none fixed start-4 bottom-4 z-50 flex w-[min(26rem,calc(100vw-2rem))] flex-col gap-2 max-small:bottom-20">
      {shown.map((item) => <ToastCard key={item.id} item={item} />)}
    </div>
  );
}

function ToastCard({ item }: { item: Toast }) {
  const [held, setHeld] = useState(false);
  const left = useRef(LIFE);
  const close = () => set(toasts.filter((other) => other.id !== item.id));
  useEffect(() => {
    if (held) return;
    const from = performance.now();
    const timer = setTimeout(close, left.current);
    return () => {
      clearTimeout(timer);
      left.current -= performance.now() - from;
    };
  });
  return (
    <div
      onPointerEnter={() => setHeld(true)} onPointerLeave={() => setHeld(false)}
      className="animate-rise pointer-events-auto relative flex items-center gap-3 overflow-hidden rounded-12 bg-ink py-2.5 ps-4 pe-2 text-13 text-surface shadow-e3"
    >
      <CircleCheck size={16} strokeWidth={1.75} aria-hidden className="shrink-0" />
      <span className="flex-1">{item.text}</span>
      {item.undo ? (
        <button type="button" onClick={() => { item.undo?.(); close(); }} className="rounded-7 px-2 py-1 font-semibold text-mark-back hover:underline dark:text-brand-ink in-data-[theme=dark]:text-[color:var(--panel)]">
          {t('action.undo')} <kbd className="ms-1 font-sans font-normal opacity-70">Z</kbd>
        </button>
      ) : (
        <button type="button" aria-label={t('action.close')} onClick={close} className="grid size-7 place-items-center rounded-7 opacity-80 hover:opacity-100"><X size={14} aria-hidden /></button>
      )}
      <span aria-hidden className="animate-drain absolute inset-x-0 bottom-0 h-0.5 origin-right bg-brand-2 ltr:origin-left" style={{ animation: `drain ${LIFE}ms linear forwards`, animationPlayState: held ? 'paused' : 'running' }} />
    </div>
  );
}
