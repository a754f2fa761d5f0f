import { cx } from '@/lib/cx';

/** Two rings tied into one knot. It never spins; while connecting, the back ring breathes. */
export function Mark({ size = 28, onColour = false, connecting = false, className }: { size?: number; onColour?: boolean; connecting?: boolean; className?: string }) {
  return (
    <svg width={size} height={size} viewBox="-12 -12 24 24" fill="none" strokeWidth="2.9" aria-hidden className={cx('shrink-0', className)}>
      <g transform="rotate(45)">
        <path
          className={cx(onColour ? 'stroke-mark-back' : 'stroke-brand-2', connecting && 'animate-breathe')}
          d="M3.55 5.75V9A3.55 3.55 0 0 1 -3.55 9V-1.35M-3.55 -5.75V-9A3.55 3.55 0 0 1 3.55 -9V1.35"
        />
        <path
          className={onColour ? 'stroke-on-bad' : 'stroke-brand'}
          d="M5.75 -3.55H9A3.55 3.55 0 0 1 9 3.55H-1.35M-5.75 3.55H-9A3.55 3.55 0 0 1 -9 -3.55H1.35"
        />
      </g>
    </svg>
  );
}
