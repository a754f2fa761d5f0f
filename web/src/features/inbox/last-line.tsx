import { Bot, CircleAlert, StickyNote } from 'lucide-react';
import type { Conversation } from '@/api/types';
import { Ticks } from '@/components/ticks';
import { t, useLocale } from '@/i18n';
import { cx } from '@/lib/cx';
import { useDraft } from '@/lib/drafts';
import { useTyping } from '@/live/typing';
import { kindIcon, kindName } from './kinds';

/** State icon and the last words, in the words' own direction. */
export function LastLine({ conversation }: { conversation: Conversation }) {
  useLocale();
  const draft = useDraft(conversation.id);
  const typing = useTyping(conversation.id);
  const last = conversation.last_message;
  const box = cx('flex min-w-0 flex-1 items-center gap-1.5 text-13', conversation.unread_count ? 'font-medium text-ink' : 'text-ink-2');
  if (typing) return <span className={cx(box, 'text-brand-ink!')}>{t('row.typing')}</span>;
  if (draft) return <span className={box}><span className="shrink-0 font-medium text-warn">{t('row.draft')}</span><Words text={draft} /></span>;
  if (!last) return <span className={box} />;
  const failed = last.delivery === 'failed' || last.delivery === 'refused';
  const automatic = last.direction === 'out' && (last.author_kind === 'flow' || last.author_kind === 'automation');
  const Icon = kindIcon(last.kind);
  return (
    <span className={box}>
      {failed ? <CircleAlert size={15} strokeWidth={1.75} aria-hidden className="shrink-0 text-bad" /> : last.direction === 'out' && last.delivery && <Ticks delivery={last.delivery} size={15} />}
      {last.direction === 'note' && <StickyNote size={14} strokeWidth={1.75} aria-hidden className="shrink-0 text-warn" />}
      {automatic && <Bot size={15} strokeWidth={1.75} aria-hidden className="shrink-0 text-bot-ink" />}
      {!failed && Icon && last.kind !== 'template' && <Icon size={15} strokeWidth={1.75} aria-hidden className="shrink-0" />}
      <Words text={`${failed ? `${t('row.not_sent')} ` : last.direction === 'note' ? `${t('row.note')} ` : automatic ? `${t('row.automatic')} ` : ''}${last.text || kindName(last.kind)}`} />
    </span>
  );
}

function Words({ text }: { text: string }) {
  return <span dir="auto" className="min-w-0 flex-1 truncate text-start">{text.slice(0, 160)}</span>;
}
