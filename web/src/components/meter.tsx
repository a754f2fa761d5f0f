import { cx } from '@/lib/cx';

/** How much of a limit is used: amber from 80%, red when full. */
export function Meter({ value, most, label, className }: { value: number; most: number; label: string; className?: string }) {
  const share = most > 0 ? Math.min(1, value / most) : 1;
  return (
    <div role="meter" aria-label={label} aria-valuemin={0} aria-valuemax={most} aria-valuenow={Math.min(value, most)} className={cx('h-2 overflow-hidden rounded-full bg-grey-soft', className)}>
      <div className={cx('h-full rounded-full', share >= 1 ? 'bg-bad-solid' : share >= 0.8 ? 'bg-warn-solid' : 'bg-brand')} style={{ width: `${share * 100}%` }} />
    </div>
  );
}
