import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { channelsQuery } from '@/api/channels';
import { conversationsQuery } from '@/api/conversations';
import { messagesQuery } from '@/api/messages';
import { useCan, useMe } from '@/api/session';
import type { Channel, Conversation, Message } from '@/api/types';
import { usersQuery } from '@/api/users';
import { now } from '@/lib/clock';

const SINCE = 'kesher.first_steps';

/** A demo is full of conversations: only what comes after the first look counts as the first. */
function since(demo: boolean): number {
  if (!demo) return 0;
  const saved = Number(localStorage.getItem(SINCE));
  if (saved) return saved;
  localStorage.setItem(SINCE, String(now()));
  return now();
}

export interface Progress { channel: Channel | undefined; conversation: Conversation | undefined; messages: Message[]; answered: boolean; team: boolean }

export function useProgress(): Progress {
  const me = useMe();
  const manages = useCan('channels.manage');
  const from = since(me.demo);
  const channels = useQuery({ ...channelsQuery, enabled: manages }).data?.items ?? [];
  const list = useInfiniteQuery(conversationsQuery({ view: 'all' })).data?.pages.flatMap((page) => page.items) ?? [];
  const conversation = list.find((item) => Date.parse(item.window.last_inbound_at ?? '') > from);
  const thread = useInfiniteQuery({ ...messagesQuery(conversation?.id ?? ''), enabled: !!conversation }).data;
  const messages = (thread?.pages.flatMap((page) => page.items) ?? []).filter((message) => Date.parse(message.at) > from - 60_000).toReversed();
  const users = useQuery(usersQuery).data?.items ?? [];
  return {
    channel: channels[0], conversation, messages, answered: messages.some((message) => message.direction === 'out' && message.author.kind === 'user'),
    team: users.length > 1,
  };
}
