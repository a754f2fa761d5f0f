import type { Link } from '@/api/types';
import { cx } from '@/lib/cx';

const colours = ['border-brand-2 bg-brand-2', 'border-bot-solid bg-bot-solid', 'border-info bg-info', 'border-plum bg-plum', 'border-ok bg-ok'];

/** An official channel is a filled dot, a gateway a hollow one. The colour tells numbers apart, the name beside it says which. */
export function ChannelDot({ link, id, className }: { link: Link; id: string; className?: string }) {
  let sum = 0;
  for (const letter of id) sum = (sum * 31 + letter.charCodeAt(0)) % 997;
  const hollow = link !== 'api' && link !== 'coexistence';
  return <span aria-hidden className={cx('size-2 shrink-0 rounded-full border-2', colours[sum % colours.length], hollow && 'bg-transparent!', className)} />;
}
