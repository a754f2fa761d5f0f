import { type ComponentProps, lazy, type ReactNode, Suspense, useRef, useState } from 'react';

const load = () => import('./popover-window');
const PopoverWindow = lazy(load);

interface Props extends Omit<ComponentProps<'button'>, 'children' | 'content'> {
  label: string; content: (close: () => void) => ReactNode; children: ReactNode; placement?: 'bottom start' | 'bottom end' | 'top start' | 'top end' | 'top' | 'bottom';
}

/** A button that opens a small panel beside itself. */
export function PopoverButton({ label, content, children, placement = 'bottom start', ...rest }: Props) {
  const trigger = useRef<HTMLButtonElement>(null);
  const [open, setOpen] = useState(false);
  return (
    <>
      <button type="button" ref={trigger} aria-label={label} aria-haspopup="dialog" aria-expanded={open} onPointerEnter={() => void load()} onClick={() => setOpen(!open)} {...rest}>
        {children}
      </button>
      {open && (
        <Suspense fallback={null}>
          <PopoverWindow label={label} trigger={trigger} placement={placement} onClose={() => setOpen(false)}>{content(() => setOpen(false))}</PopoverWindow>
        </Suspense>
      )}
    </>
  );
}
