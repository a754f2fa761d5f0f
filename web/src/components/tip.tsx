import { useEffect, useRef, useState } from 'react';
import { Kbd } from './kbd';

interface Tip { text: string; keys: string[]; x: number; y: number; below: boolean }

/** One tip for the page: whatever carries `data-tip` (and `data-keys`) gets it on hover and on keyboard focus. */
export function Tips() {
  const [tip, setTip] = useState<Tip | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => {
    const hide = () => {
      clearTimeout(timer.current);
      setTip(null);
    };
    const show = (event: Event, wait: number) => {
      const target = event.target instanceof Element ? event.target.closest<HTMLElement>('[data-tip]') : null;
      hide();
      if (!target?.dataset.tip || target.getAttribute('aria-expanded') === 'true') return;
      const { tip: text, keys } = target.dataset;
      timer.current = setTimeout(() => {
        if (!target.isConnected) return;
        const box = target.getBoundingClientRect();
        const below = box.top < 60;
        const x = Math.min(Math.max(box.left + box.width / 2, 70), innerWidth - 70);
        setTip({ text, keys: keys?.split(' ') ?? [], x, y: below ? box.bottom + 8 : box.top - 8, below });
      }, wait);
    };
    const over = (event: PointerEvent) => event.pointerType === 'mouse' && show(event, 450);
    const focus = (event: FocusEvent) => (event.target as Element).matches(':focus-visible') && show(event, 100);
    document.addEventListener('pointerover', over);
    document.addEventListener('focusin', focus);
    const ends = ['pointerdown', 'focusout', 'keydown', 'scroll'] as const;
    for (const name of ends) document.addEventListener(name, hide, true);
    return () => {
      document.removeEventListener('pointerover', over);
      document.removeEventListener('focusin', focus);
      for (const name of ends) document.removeEventListener(name, hide, true);
    };
  }, []);
  if (!tip) return null;
  return (
    <div
      role="tooltip" style={{ left: tip.x, top: tip.y }}
      className={`animate-appear pointer-events-none fixed z-60 flex -translate-x-1/2 items-center gap-1.5 rounded-7 bg-ink px-2 py-1 text-12 whitespace-nowrap text-surface shadow-e2 ${tip.below ? '' : '-translate-y-full'}`}
    >
      {tip.text}
      {tip.keys.map((key) => <Kbd key={key}>{key}</Kbd>)}
    </div>
  );
}
