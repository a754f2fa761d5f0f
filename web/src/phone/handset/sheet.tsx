import { X } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { t, useLocale } from '@/i18n';
import { cx } from '@/lib/cx';
import { IconButton } from '@/components/button';
import type { SheetContent } from './context';

const focusable = 'button:not([disabled]),a[href],input:not([disabled]),select,textarea,[tabindex="0"]';

/** A sheet over one phone only: the page beside it stays alive, the screen under it is inert. */
export function Sheet({ content, onClose }: { content: SheetContent; onClose: () => void }) {
  useLocale();
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const before = document.activeElement as HTMLElement | null;
    const first = box.current?.querySelector<HTMLElement>('[data-autofocus]') ?? box.current?.querySelector<HTMLElement>('input:checked,input:not([type=file]),textarea') ?? box.current;
    first?.focus({ preventScroll: true });
    return () => {
      // The screen under the sheet is inert until React has drawn it again.
      requestAnimationFrame(() => {
        if (document.activeElement === document.body) before?.focus({ preventScroll: true });
      });
    };
  }, [content.title]);
  useEffect(() => {
    const element = box.current;
    const keep = (event: KeyboardEvent) => {
      if (!element) return;
      if (event.key === 'Escape') {
        event.stopPropagation();
        onClose();
      }
      if (event.key !== 'Tab') return;
      const all = [...element.querySelectorAll<HTMLElement>(focusable)];
      const [first, last] = [all[0], all.at(-1)];
      const at = document.activeElement;
      if (event.shiftKey ? at === first || at === element : at === last) {
        event.preventDefault();
        (event.shiftKey ? last : first)?.focus();
      }
    };
    element?.addEventListener('keydown', keep);
    return () => element?.removeEventListener('keydown', keep);
  }, [onClose]);
  return (
    <div className="absolute inset-0 z-20 flex flex-col justify-end">
      <div aria-hidden onClick={onClose} className="animate-appear absolute inset-0 bg-scrim" />
      <div
        ref={box} role="dialog" aria-modal="true" aria-label={content.title} tabIndex={-1}
        className={cx('animate-sheet relative flex min-h-0 flex-col bg-surface shadow-e3 outline-none', content.full ? 'h-full' : 'max-h-[78%] rounded-t-[18px]')}
      >
        {!content.full && <span aria-hidden className="mx-auto mt-2.5 h-1 w-9 shrink-0 rounded-full bg-line-2" />}
        <header className={cx('flex shrink-0 items-center justify-between gap-2 ps-4 pe-2', content.full ? 'handset-top pb-1' : 'pt-1')}>
          <h2 dir="auto" className="min-w-0 truncate text-16 font-semibold">{content.title}</h2>
          <IconButton icon={X} label={t('action.close')} onClick={onClose} />
        </header>
        <div className="min-h-0 flex-1 overflow-y-auto px-4 pb-3">{content.body}</div>
        {content.footer && <footer className="shrink-0 px-4 pt-1 pb-5">{content.footer}</footer>}
      </div>
    </div>
  );
}
