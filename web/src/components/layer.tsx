import { lazy, type ReactNode, Suspense } from 'react';

const Window = lazy(() => import('./layer-window'));

export interface LayerProps {
  title: string; onClose: () => void; children: ReactNode;
  /** `dialog` in the middle, `drawer` from the inline end (a full sheet on phones), `palette` near the top, `full` the whole screen. */
  kind?: 'dialog' | 'drawer' | 'palette' | 'full';
  wide?: boolean; bare?: boolean; footer?: ReactNode;
  /** Nothing in it takes the focus: the pane itself does, so that the keyboard can scroll it. */
  text?: boolean;
}

export function Layer(props: LayerProps) {
  return <Suspense fallback={null}><Window {...props} /></Suspense>;
}
