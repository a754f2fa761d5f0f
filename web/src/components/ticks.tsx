import { Check, CheckCheck, CircleAlert, CircleHelp, CircleSlash, Clock, Headphones, LoaderCircle } from 'lucide-react';
import type { Delivery } from '@/api/types';
import { t, useLocale } from '@/i18n';
import { cx } from '@/lib/cx';

const rank: Record<Delivery, number> = { queued: 0, sending: 1, cancelled: 1, refused: 2, unclear: 2, accepted: 3, sent: 4, failed: 5, delivered: 6, read: 7, played: 8 };

/** Ticks never go backwards: of two reports, the further one. */
export function furthest(a: Delivery | null, b: Delivery | null): Delivery | null {
  if (!a || !b) return b ?? a;
  return rank[a] > rank[b] && rank[a] >= 3 && rank[b] >= 3 ? a : b;
}

const icons = { queued: Clock, sending: LoaderCircle, unclear: CircleHelp, accepted: Check, sent: Check, failed: CircleAlert, refused: CircleAlert, delivered: CheckCheck, read: CheckCheck, played: Headphones, cancelled: CircleSlash } as const;

/** Not mirrored in Hebrew. */
export function Ticks({ delivery, size = 14 }: { delivery: Delivery; size?: number }) {
  useLocale();
  const Icon = icons[delivery];
  return (
    <span className="inline-flex shrink-0" data-tip={t(`delivery.${delivery}`)}>
      <Icon
        size={size} role="img" aria-label={t(`delivery.${delivery}`)} strokeWidth={delivery === 'read' || delivery === 'played' ? 2.4 : 1.75}
        className={cx(
          delivery === 'sending' && 'animate-spin', delivery === 'unclear' && 'text-warn',
          (delivery === 'failed' || delivery === 'refused') && 'text-bad',
          (delivery === 'read' || delivery === 'played') && 'text-brand',
          ['queued', 'sending', 'accepted', 'sent', 'delivered', 'cancelled'].includes(delivery) && 'text-ink-2',
        )}
      />
    </span>
  );
}
