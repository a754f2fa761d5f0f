import { Check, type LucideIcon } from 'lucide-react';
import { type ComponentProps, lazy, type ReactNode, Suspense, useRef, useState } from 'react';

export interface MenuEntry {
  id: string; label: string; hint?: string; icon?: LucideIcon; lead?: ReactNode; selected?: boolean; danger?: boolean; disabled?: boolean; mirror?: boolean; onAction: () => void;
}
export interface MenuGroup { title?: string; entries: MenuEntry[] }

const load = () => import('./menu-popover');
const MenuPopover = lazy(load);
export const MenuCheck = Check;

interface Props extends Omit<ComponentProps<'button'>, 'children'> {
  label: string; groups: MenuGroup[]; children: ReactNode; placement?: 'bottom start' | 'bottom end' | 'top start' | 'top end' | 'end bottom'; onOpen?: () => void;
}

/** A button that opens a menu. The menu's code comes on the way to the button, not with the page. */
export function MenuButton({ label, groups, children, placement = 'bottom start', onOpen, ...rest }: Props) {
  const trigger = useRef<HTMLButtonElement>(null);
  const [open, setOpen] = useState(false);
  const change = (next: boolean) => {
    setOpen(next);
    if (next) onOpen?.();
  };
  return (
    <>
      <button
        type="button" ref={trigger} aria-label={label} aria-haspopup="menu" aria-expanded={open} onPointerEnter={() => void load()} {...rest}
        onClick={() => change(!open)}
        onKeyDown={(event) => {
          if (event.key === 'ArrowDown') {
            event.preventDefault();
            change(true);
          }
        }}
      >
        {children}
      </button>
      {open && (
        <Suspense fallback={null}>
          <MenuPopover label={label} groups={groups} trigger={trigger} placement={placement} onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </>
  );
}
