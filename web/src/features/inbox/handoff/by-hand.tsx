import { useQuery } from '@tanstack/react-query';
import type { Ref } from 'react';
import { handoffsQuery } from '@/api/handoffs';
import type { Conversation } from '@/api/types';
import { useLocale } from '@/i18n';
import { Asked } from './asked';
import Writer from './writer';

interface Props { box: Ref<HTMLTextAreaElement>; conversation: Conversation; text: string; onText: (text: string) => void; onNote: () => void }

/** The composer of a number without a link. */
export default function ByHand({ box, conversation, text, onText, onNote }: Props) {
  useLocale();
  const open = (useQuery(handoffsQuery).data ?? []).filter((one) => one.conversation_id === conversation.id);
  // One question at a time, the newest first.
  const newest = open.at(-1);
  return (
    <>
      {newest && <Asked key={newest.id} handoff={newest} more={open.length - 1} onDropped={(dropped) => !text.trim() && onText(dropped)} />}
      <Writer box={box} value={text} onChange={onText} about={{ conversation_id: conversation.id, lead_id: conversation.lead?.id }} conversation={async () => conversation.id} hasPhone={!!conversation.contact.phone} onOpened={() => {}} onNote={onNote} />
    </>
  );
}
