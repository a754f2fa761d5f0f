import { X } from 'lucide-react';
import { Dialog } from 'react-aria-components/Dialog';
import { Heading } from 'react-aria-components/Heading';
import { Modal, ModalOverlay } from 'react-aria-components/Modal';
import { t, useLocale } from '@/i18n';
import { cx } from '@/lib/cx';
import { Aria } from './aria';
import { IconButton } from './button';
import type { LayerProps } from './layer';

const places = {
  dialog: 'items-center justify-center p-4',
  drawer: 'items-stretch justify-end',
  palette: 'items-start justify-center px-4 pt-[12vh]',
  full: 'items-stretch justify-stretch',
};
const shapes = {
  dialog: 'animate-pop max-h-[min(46rem,92vh)] w-full rounded-16 border border-line-2',
  drawer: 'animate-drawer max-small:animate-sheet h-full w-[min(26rem,100vw)] border-s border-line-2 max-small:w-full',
  palette: 'animate-pop max-h-[70vh] w-full max-w-[640px] rounded-16 border border-line-2',
  full: 'h-full w-full',
};

export default function LayerWindow({ title, onClose, children, kind = 'dialog', wide, bare, text, footer }: LayerProps) {
  useLocale();
  return (
    <Aria>
      <ModalOverlay isOpen isDismissable onOpenChange={(open) => !open && onClose()} className={cx('animate-appear fixed inset-0 z-40 flex', kind !== 'full' && 'bg-scrim', places[kind])}>
        <Modal className={cx('flex flex-col overflow-hidden bg-surface shadow-e3', shapes[kind], kind === 'dialog' && (wide ? 'max-w-3xl' : 'max-w-lg'))}>
          <Dialog aria-label={bare ? title : undefined} className="flex min-h-0 flex-1 flex-col outline-none">
            {!bare && (
              <header className="flex items-center justify-between gap-3 border-b border-line py-3 ps-5 pe-3">
                <Heading slot="title" className="text-16 font-semibold">{title}</Heading>
                <IconButton icon={X} label={t('action.close')} keys="Esc" onClick={onClose} />
              </header>
            )}
            <div tabIndex={text ? 0 : undefined} className={cx('min-h-0 flex-1', text && 'focus-inset', bare ? 'flex flex-col' : 'overflow-auto')}>{children}</div>
            {footer && <footer className="flex flex-wrap items-center justify-end gap-2 border-t border-line bg-sunken px-5 py-3">{footer}</footer>}
          </Dialog>
        </Modal>
      </ModalOverlay>
    </Aria>
  );
}
