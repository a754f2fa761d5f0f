import type { ReactNode, RefObject } from 'react';
import { Dialog } from 'react-aria-components/Dialog';
import { Popover } from 'react-aria-components/Popover';
import { Aria } from './aria';

type Placement = 'bottom start' | 'bottom end' | 'top start' | 'top end' | 'top' | 'bottom';
interface Props { label: string; trigger: RefObject<HTMLElement | null>; placement: Placement; onClose: () => void; children: ReactNode }

export default function PopoverWindow({ label, trigger, placement, onClose, children }: Props) {
  return (
    <Aria>
      <Popover isOpen triggerRef={trigger} placement={placement} offset={6} onOpenChange={(open) => !open && onClose()} className="animate-pop max-w-[min(22rem,92vw)] rounded-12 border border-line-2 bg-raised shadow-e2">
        <Dialog aria-label={label} className="outline-none">{children}</Dialog>
      </Popover>
    </Aria>
  );
}
