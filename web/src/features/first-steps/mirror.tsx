import { Hourglass, type LucideIcon, MessageSquare, Send, UserPlus } from 'lucide-react';
import { useMe } from '@/api/session';
import type { Message } from '@/api/types';
import { Ltr } from '@/components/bdi';
import { Mark } from '@/components/mark';
import { Ticks } from '@/components/ticks';
import { t, useLocale } from '@/i18n';
import { cx } from '@/lib/cx';
import { time } from '@/lib/format';
import type { Progress } from './use-progress';

/** What the person sees on the phone, and beside it what it became here. */
export function Mirror({ progress }: { progress: Progress }) {
  useLocale();
  const me = useMe();
  const { conversation, messages } = progress;
  const first = messages.find((message) => message.direction === 'in');
  const answer = messages.find((message) => message.direction === 'out');
  const facts: [LucideIcon, string, string | undefined, string][] = [
    [MessageSquare, t('first.step_message'), first?.at, 'bg-brand-soft text-brand-ink'],
    [UserPlus, t('first.step_lead', { name: conversation?.contact.display_name ?? '' }), conversation?.lead ? conversation.lead.created_at : undefined, 'bg-info-soft text-info'],
    [Hourglass, t('first.step_window'), first?.at, 'bg-warn-soft text-warn'],
    [Send, t('first.step_answer'), answer?.at, 'bg-ok-soft text-ok'],
  ];
  const said = messages.filter((message) => message.direction !== 'note');
  const happened = facts.filter(([, , at]) => at);
  return (
    <div className="relative flex items-center gap-7">
      <figure aria-label={t('first.phone_alt')} className="flex h-[min(560px,74vh)] w-[280px] shrink-0 flex-col overflow-hidden rounded-[40px] border-8 border-panel-2 bg-thread shadow-e3">
        <figcaption className="flex items-center gap-3 border-b border-line bg-surface px-4 py-3"><span className="grid size-9 place-items-center rounded-9 bg-panel"><Mark size={24} onColour /></span><span className="text-13 font-semibold"><bdi>{me.workspace.name}</bdi></span></figcaption>
        <div className="flex min-h-0 flex-1 flex-col justify-end gap-1.5 overflow-hidden p-3">
          {!said.length && <p dir="auto" className="max-w-[85%] self-end rounded-14 rounded-ee-[4px] border border-dashed border-line-2 px-3 py-2 text-13 text-ink-3">{t('first.example')}</p>}
          {said.slice(-6).map((message) => <Line key={message.id} message={message} />)}
        </div>
        <div className="border-t border-line bg-surface p-3"><span className="block h-8 rounded-full border border-line-2" /></div>
      </figure>
      {!!happened.length && (
        <div className="flex w-56 flex-col gap-2.5 max-wide:hidden" aria-live="polite">
          <p className="text-12 font-semibold text-ink-2">{t('first.happened')}</p>
          {happened.map(([Icon, words, at, colour]) => (
            <div key={words} className="animate-rise flex items-center gap-3 rounded-12 bg-surface p-3 shadow-e1">
              <span className={cx('grid size-7 shrink-0 place-items-center rounded-full', colour)}><Icon size={14} strokeWidth={1.75} aria-hidden /></span>
              <span className="min-w-0"><span className="block text-13 font-medium">{words}</span><Ltr className="text-11 text-ink-3">{at ? time(at) : ''}</Ltr></span>
            </div>
          ))}
        </div>
      )}
    </div>
  );
}

/** On the phone the sides are turned: what is theirs here is own there. */
function Line({ message }: { message: Message }) {
  const own = message.direction === 'in';
  const { content } = message;
  const words = content.kind === 'text' ? content.text : content.kind === 'template' ? content.rendered?.body ?? content.name : content.kind === 'interactive' ? content.body : t('kind.media');
  return (
    <div className={cx('max-w-[85%] rounded-14 px-3 py-1.5 text-13 shadow-e1', own ? 'self-end rounded-ee-[4px] bg-own' : 'self-start rounded-es-[4px] border border-line bg-in')}>
      <p dir="auto" className="line-clamp-4 text-start">{words}</p>
      <p className="flex items-center justify-end gap-1 text-11 text-ink-3"><Ltr>{time(message.at)}</Ltr>{own && <Ticks delivery="read" size={13} />}</p>
    </div>
  );
}
