import type { ReactNode } from 'react';
import type { StatusGroup } from '@/api/types';
import { cx } from '@/lib/cx';

export type PillTone = 'info' | 'grey' | 'brand' | 'warn' | 'bot' | 'ok' | 'plum' | 'bad';
export const pillTones: Record<PillTone, string> = {
  info: 'bg-info-soft text-info', grey: 'bg-grey-soft text-ink-2', brand: 'bg-brand-soft text-brand-ink', warn: 'bg-warn-soft text-warn',
  bot: 'bg-bot text-bot-ink', ok: 'bg-ok-soft text-ok', plum: 'bg-plum-soft text-plum', bad: 'bg-bad-soft text-bad',
};
export const groupTone: Record<StatusGroup, PillTone> = {
  new: 'info', active: 'grey', waiting: 'warn', meeting: 'brand', offer: 'brand', won: 'ok', lost: 'plum', invalid: 'bad',
};

export function Pill({ tone = 'grey', small, dot = !small, children, className }: { tone?: PillTone; small?: boolean; dot?: boolean; children: ReactNode; className?: string }) {
  return (
    <span className={cx('inline-flex min-w-0 items-center gap-1.5 rounded-full font-medium whitespace-nowrap', small ? 'h-[18px] px-2 text-11' : 'h-[22px] px-2.5 text-12', pillTones[tone], className)}>
      {dot && <span className="size-1.5 shrink-0 rounded-full bg-current" />}
      <span className="truncate">{children}</span>
    </span>
  );
}

export function Badge({ count, tone = 'quiet', className }: { count: number; tone?: 'quiet' | 'brand' | 'bad'; className?: string }) {
  const colour = tone === 'brand' ? 'bg-brand text-on-brand' : tone === 'bad' ? 'bg-bad-solid text-on-bad' : 'bg-grey-soft text-ink-2';
  return (
    <span className={cx('tabular inline-grid h-[18px] min-w-[18px] place-items-center rounded-full px-1 text-11 font-semibold', colour, className)}>
      {count > 99 ? '99+' : count}
    </span>
  );
}
