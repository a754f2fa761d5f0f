import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Check, ChevronDown, CircleHelp, X } from 'lucide-react';
import { useState } from 'react';
import { wordsFor } from '@/api/client';
import { conversationQuery } from '@/api/conversations';
import { handoffsQuery } from '@/api/handoffs';
import type { Handoff } from '@/api/types';
import { IconButton } from '@/components/button';
import { t, useLocale } from '@/i18n';
import { useNow } from '@/lib/clock';
import { cx } from '@/lib/cx';
import { ago } from '@/lib/format';
import { nameOf } from '../name';
import { useSettleHandoff } from './use-handoffs';

/** What was opened in WhatsApp and never settled, asked about quietly above the list. The open conversation asks by itself. */
export default function Waiting({ except }: { except: string | undefined }) {
  useLocale();
  useNow();
  const [shown, setShown] = useState(false);
  const open = (useQuery(handoffsQuery).data ?? []).filter((one) => one.conversation_id !== except);
  if (!open.length) return null;
  return (
    <section aria-label={t('handoff.list')} className="shrink-0 border-b border-line bg-warn-soft text-12">
      <button type="button" aria-expanded={shown} onClick={() => setShown(!shown)} className="flex w-full items-center gap-2 px-4 py-2 text-start focus-inset max-small:min-h-11">
        <CircleHelp size={16} strokeWidth={1.75} aria-hidden className="shrink-0 text-warn" />
        <span className="min-w-0 flex-1 text-ink">{t('handoff.waiting', { n: open.length })}</span>
        <ChevronDown size={14} aria-label={shown ? t('handoff.hide') : t('handoff.show')} role="img" className={cx('shrink-0 text-ink-2', shown && 'rotate-180')} />
      </button>
      {shown && <ul className="max-h-64 overflow-auto pb-1">{open.map((handoff) => <Item key={handoff.id} handoff={handoff} />)}</ul>}
    </section>
  );
}

function Item({ handoff }: { handoff: Handoff }) {
  const { data: conversation } = useQuery(conversationQuery(handoff.conversation_id));
  const { confirm, drop, error } = useSettleHandoff(handoff);
  return (
    <li className="flex items-center gap-1 py-1 ps-4 pe-2">
      <div className="min-w-0 flex-1">
        <p className="flex gap-1.5"><Link to="/inbox/{-$conversationId}" params={{ conversationId: handoff.conversation_id }} search={(old) => old} className="truncate font-semibold hover:underline"><bdi>{conversation ? nameOf(conversation.contact) : '…'}</bdi></Link><span className="shrink-0 text-ink-2">· {ago(handoff.opened_at)}</span></p>
        <p dir="auto" className="truncate text-start text-ink-2">{handoff.text}</p>
        {error && <p role="alert" className="text-bad">{wordsFor(error)}</p>}
      </div>
      <IconButton icon={Check} label={t('handoff.sent')} disabled={confirm.isPending} onClick={() => confirm.mutate()} className="text-ok!" />
      <IconButton icon={X} label={t('handoff.not_sent')} disabled={drop.isPending} onClick={() => drop.mutate()} />
    </li>
  );
}
