import { UserRoundX } from 'lucide-react';
import type { ReactNode } from 'react';
import { useMe } from '@/api/session';
import type { Conversation } from '@/api/types';
import { useAgents } from '@/api/users';
import { Face } from '@/components/face';
import { MenuButton } from '@/components/menu';
import { t } from '@/i18n';
import { useConversationActions } from './use-conversation-actions';

interface Props { conversation: Conversation; label: string; id?: string; className?: string; children: ReactNode }

export function AssigneeMenu({ conversation, label, id, className, children }: Props) {
  const me = useMe();
  const agents = useAgents();
  const act = useConversationActions(conversation);
  const one = (user: { id: string; name: string }, name = user.name) => ({ id: user.id, label: name, lead: <Face id={user.id} name={user.name} size={24} />, selected: conversation.assignee_id === user.id, onAction: () => act.assign(user.id) });
  const groups = [
    { entries: [one(me.user, t('thread.assign_me'))] },
    { title: t('thread.agents'), entries: agents.filter((user) => user.id !== me.user.id).map((user) => one(user)) },
    { entries: conversation.assignee_id ? [{ id: 'none', label: t('thread.nobody'), icon: UserRoundX, onAction: () => act.assign(null) }] : [] },
  ];
  return <MenuButton id={id} label={label} groups={groups} placement="bottom end" disabled={!act.may} className={className}>{children}</MenuButton>;
}
