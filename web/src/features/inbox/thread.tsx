import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { CircleCheck, PanelRight, Tag, UserPlus, UserRound, X } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { ApiProblem } from '@/api/client';
import { conversationQuery } from '@/api/conversations';
import { useMe } from '@/api/session';
import type { Conversation, List, Message } from '@/api/types';
import { IconButton } from '@/components/button';
import { EmptyState, ErrorState } from '@/components/states';
import { t, useLocale } from '@/i18n';
import { useActions } from '@/lib/actions';
import { useTyping } from '@/live/typing';
import { Composer, type ComposerHandle } from './composer';
import { MessageList } from './message-list';
import { forget, useProblem } from './problems';
import { ThreadHeader } from './thread-header';
import { useConversationActions } from './use-conversation-actions';

export default function Thread({ id, panelShown, onPanel }: { id: string; panelShown: boolean; onPanel: () => void }) {
  useLocale();
  const client = useQueryClient();
  const { data, error, refetch } = useQuery({
    ...conversationQuery(id),
    // Switching shows at once what the list already knows.
    placeholderData: () => client.getQueriesData<{ pages: List<Conversation>[] }>({ queryKey: ['conversations'] }).flatMap(([, lists]) => lists?.pages ?? []).flatMap((page) => page.items).find((item) => item.id === id),
  });
  if (error && !data) {
    return error instanceof ApiProblem && error.status === 404
      ? <EmptyState className="flex-1" title={t('thread.not_found')}>{t('thread.not_found_body')}</EmptyState>
      : <ErrorState error={error} retry={() => void refetch()} />;
  }
  return data ? <Open conversation={data} panelShown={panelShown} onPanel={onPanel} /> : null;
}

function Open({ conversation, panelShown, onPanel }: { conversation: Conversation; panelShown: boolean; onPanel: () => void }) {
  const me = useMe();
  const navigate = useNavigate();
  const act = useConversationActions(conversation);
  const composer = useRef<ComposerHandle>(null);
  const [replyTo, setReplyTo] = useState<Message | null>(null);
  // Where the lead is out of sight, its drawer is the way to the status.
  const open = (name: 'status' | 'assign') => {
    const button = document.getElementById(`${name}-menu`);
    if (button) button.click();
    else onPanel();
  };
  const here = { group: 'here' as const };
  useActions([
    { ...here, id: 'resolve', label: conversation.state === 'open' ? t('thread.resolve') : t('thread.reopen'), icon: CircleCheck, code: 'KeyE', keys: 'E', run: act.toggle },
    { ...here, id: 'me', label: t('thread.assign_me'), icon: UserPlus, code: 'Shift+KeyA', keys: 'Shift A', run: () => act.assign(me.user.id) },
    { ...here, id: 'assign', label: t('keys.assign'), icon: UserRound, code: 'KeyA', keys: 'A', run: () => open('assign') },
    { ...here, id: 'status', label: t('lead.status'), icon: Tag, code: 'KeyS', keys: 'S', run: () => open('status') },
    { ...here, id: 'panel', label: t('keys.panel'), icon: PanelRight, code: 'BracketRight', keys: ']', run: onPanel },
    { ...here, id: 'leave', hidden: true, label: t('action.back'), icon: X, code: 'Escape', run: () => void navigate({ to: '/inbox/{-$conversationId}', params: { conversationId: undefined }, search: (old) => old }) },
  ]);
  const reply = (message: Message) => {
    setReplyTo(message);
    composer.current?.focus();
  };
  return (
    <>
      <ThreadHeader conversation={conversation} panelShown={panelShown} onPanel={onPanel} />
      <Problem id={conversation.id} />
      <MessageList conversation={conversation} onReply={reply} onTemplate={() => composer.current?.template()} onEdit={(text) => composer.current?.fill(text)} />
      <Typing id={conversation.id} />
      <Composer ref={composer} conversation={conversation} replyTo={replyTo} onReplyDone={() => setReplyTo(null)} onSent={(resolve) => resolve && act.resolve()} />
    </>
  );
}

function Problem({ id }: { id: string }) {
  const words = useProblem(id);
  useEffect(() => () => forget(id), [id]);
  if (!words) return null;
  return (
    <div role="alert" className="animate-appear flex items-center gap-2 bg-bad-soft py-1 ps-4 pe-2 text-13 text-bad">
      <span className="flex-1">{words}</span>
      <IconButton icon={X} size="small" iconSize={16} label={t('action.close')} onClick={() => forget(id)} />
    </div>
  );
}

function Typing({ id }: { id: string }) {
  useLocale();
  return useTyping(id) ? <p role="status" className="animate-appear px-6 pb-1 text-12 text-brand-ink">{t('row.typing')}</p> : null;
}
