import { CircleCheck, CircleDot, CircleMinus, TriangleAlert } from 'lucide-react';
import type { Cell, CellTone } from '@/api/types';
import { cx } from '@/lib/cx';

const icons = { yes: CircleCheck, limited: CircleDot, no: CircleMinus };
const colours = { yes: 'text-ok', limited: 'text-warn', no: 'text-ink-3' };

interface Props { size?: number; label?: string; className?: string }

/** Yes, partly, no: told by shape and colour; the words beside it say the rest. Alone it needs a name. */
export function ToneIcon({ tone, size = 16, label, className }: Props & { tone: CellTone }) {
  const Icon = icons[tone];
  return <Icon size={size} strokeWidth={1.75} {...(label ? { role: 'img', 'aria-label': label } : { 'aria-hidden': true })} className={cx('shrink-0', colours[tone], className)} />;
}

/** A cell of the comparison table. A risk is not a thing that is missing: it has a sign of its own. */
export function CellIcon({ cell, size = 16, label, className }: Props & { cell: Cell }) {
  if (cell.row !== 'risk' || cell.tone === 'yes') return <ToneIcon tone={cell.tone} size={size} label={label} className={className} />;
  return <TriangleAlert size={size} strokeWidth={1.75} aria-hidden className={cx('shrink-0 text-warn', className)} />;
}
