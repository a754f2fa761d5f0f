import { cx } from '@/lib/cx';
import { phone } from '@/lib/format';

/** Numbers, times, sums and addresses keep their own direction inside any sentence. */
export function Ltr({ children, className }: { children: string | number; className?: string }) {
  return <bdi dir="ltr" className={className}>{children}</bdi>;
}

export function Phone({ value, className }: { value: string | null | undefined; className?: string }) {
  return value ? <bdi dir="ltr" className={cx('whitespace-nowrap', className)}>{phone(value)}</bdi> : null;
}
