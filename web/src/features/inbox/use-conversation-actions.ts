import { useQueryClient } from '@tanstack/react-query';
import { ApiProblem } from '@/api/client';
import { type ConversationChange, conversationQuery, countsQuery, updateConversation } from '@/api/conversations';
import { updateLead } from '@/api/leads';
import { useCan, useMe } from '@/api/session';
import type { Conversation, User } from '@/api/types';
import { usersQuery } from '@/api/users';
import { toast } from '@/components/toast';
import { t } from '@/i18n';
import { patchConversation, putConversation } from '@/live/cache';
import { nameOf } from './name';
import { report } from './problems';

/** Resolve, reopen, assign: the screen first, the server after, undo instead of "are you sure". */
export function useConversationActions(conversation: Conversation) {
  const client = useQueryClient();
  const me = useMe().user.id;
  const may = useCan('conversations.write');
  const { id } = conversation;

  const change = async (to: Omit<ConversationChange, 'version'>) => {
    const back = patchConversation(client, id, to, me);
    try {
      putConversation(client, await save(to), me);
    } catch (error) {
      back();
      report(id, error);
    }
    void client.invalidateQueries(countsQuery);
  };
  // Someone else's change in between is no reason to refuse ours: these two facts do not depend on it.
  const save = async (to: Omit<ConversationChange, 'version'>) => {
    const version = () => client.getQueryData(conversationQuery(id).queryKey)?.version ?? conversation.version;
    try {
      return await updateConversation(id, { ...to, version: version() });
    } catch (error) {
      if (!(error instanceof ApiProblem && error.code === 'changed_meanwhile')) throw error;
      return updateConversation(id, { ...to, version: (error.problem.current as Conversation | undefined)?.version ?? version() });
    }
  };

  const setState = (state: 'open' | 'resolved') => {
    void change({ state });
    const name = nameOf(conversation.contact);
    toast(state === 'resolved' ? t('thread.resolved_toast', { name }) : t('thread.reopened_toast', { name }), () => void change({ state: state === 'resolved' ? 'open' : 'resolved' }));
  };
  const assign = (to: string | null) => {
    const before = conversation.assignee_id;
    if (to === before) return;
    void change({ assignee_id: to });
    const lead = conversation.lead;
    if (lead && lead.assignee_id !== to) void updateLead(lead.id, { version: lead.version, assignee_id: to }).catch(() => {});
    const user = client.getQueryData<{ items: User[] }>(usersQuery.queryKey)?.items.find((item) => item.id === to);
    toast(to ? t('thread.assigned_toast', { name: user?.name ?? '' }) : t('thread.unassigned_toast'), () => void change({ assignee_id: before }));
  };
  return { may, assign, toggle: () => setState(conversation.state === 'open' ? 'resolved' : 'open'), resolve: () => conversation.state === 'open' && setState('resolved') };
}
