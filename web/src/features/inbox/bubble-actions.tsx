import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Copy, Ellipsis, FileJson, Info, Reply, SmilePlus, TimerOff } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { cancelMessage, react } from '@/api/messages';
import { useCan } from '@/api/session';
import { MenuButton } from '@/components/menu';
import { PopoverButton } from '@/components/popover';
import { toast } from '@/components/toast';
import { t } from '@/i18n';
import { cx } from '@/lib/cx';
import { putMessage } from '@/live/cache';
import type { BubbleProps } from './bubble';
import { lineOf } from './kinds';
import { report } from './problems';

const MessageDetails = lazy(() => import('./message-details'));
const quick = ['👍', '❤️', '🙏', '😂', '😮', '✅'];
const button = 'grid size-7 place-items-center rounded-7 text-ink-3 hover:bg-hover hover:text-ink max-small:size-9';

/** Beside the bubble, under the pointer or the focus. */
export function BubbleActions({ message, onReply }: BubbleProps) {
  const client = useQueryClient();
  const may = useCan('conversations.write');
  const [details, setDetails] = useState(false);
  // What no provider knows can be neither answered nor reacted to.
  const real = message.direction !== 'note' && message.author.kind !== 'import';
  const reaction = useMutation({
    mutationFn: (emoji: string | null) => react(message.id, emoji),
    onMutate: (emoji) => putMessage(client, { ...message, reactions: [...message.reactions.filter((item) => item.by === 'person'), ...(emoji ? [{ emoji, by: 'business' as const }] : [])] }),
    onError: (error) => { putMessage(client, message); report(message.conversation_id, error); },
  });
  const cancel = useMutation({ mutationFn: () => cancelMessage(message.id), onSuccess: (next) => { putMessage(client, next); toast(t('message.cancelled')); }, onError: (error) => report(message.conversation_id, error) });
  const entries = [
    { id: 'copy', label: t('message.copy_text'), icon: Copy, onAction: () => void navigator.clipboard?.writeText(lineOf(message.content)).then(() => toast(t('action.copied'))) },
    ...(message.direction === 'out' ? [{ id: 'details', label: t('message.details'), icon: Info, onAction: () => setDetails(true) }] : []),
    ...(message.content.kind === 'unknown' || message.content.kind === 'unsupported' ? [{ id: 'raw', label: t('message.raw'), icon: FileJson, onAction: () => setDetails(true) }] : []),
    ...(may && message.delivery === 'queued' ? [{ id: 'cancel', label: t('message.cancel'), icon: TimerOff, onAction: () => cancel.mutate() }] : []),
  ];
  return (
    <div className={cx('flex shrink-0 items-center opacity-0 transition-opacity duration-90 group-focus-within/message:opacity-100 group-hover/message:opacity-100 has-aria-expanded:opacity-100 max-small:hidden max-small:group-focus-within/message:flex')}>
      {may && real && <button type="button" tabIndex={-1} aria-label={t('message.reply')} data-tip={t('message.reply')} data-keys="Q" onClick={() => onReply(message)} className={button}><Reply size={16} strokeWidth={1.75} aria-hidden className="mirror" /></button>}
      {may && real && (
        <PopoverButton
          label={t('message.react')} tabIndex={-1} data-tip={t('message.react')} placement="top" className={button}
          content={(close) => (
            <div className="flex gap-1 p-1.5">
              {quick.map((emoji) => {
                const on = message.reactions.some((item) => item.by === 'business' && item.emoji === emoji);
                return <button key={emoji} type="button" aria-pressed={on} onClick={() => { reaction.mutate(on ? null : emoji); close(); }} className={cx('grid size-9 place-items-center rounded-9 text-20 hover:bg-hover', on && 'bg-brand-soft')}>{emoji}</button>;
              })}
            </div>
          )}
        >
          <SmilePlus size={16} strokeWidth={1.75} aria-hidden />
        </PopoverButton>
      )}
      <MenuButton label={t('message.actions')} tabIndex={-1} data-tip={t('action.more')} placement="bottom end" groups={[{ entries }]} className={button}><Ellipsis size={16} strokeWidth={1.75} aria-hidden /></MenuButton>
      {details && <Suspense fallback={null}><MessageDetails message={message} onClose={() => setDetails(false)} /></Suspense>}
    </div>
  );
}
