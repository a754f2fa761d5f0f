import type { InfiniteData, QueryClient } from '@tanstack/react-query';
import type { ConversationFilter } from '@/api/conversations';
import type { Conversation, List, Message } from '@/api/types';
import { furthest } from '@/components/ticks';

type Pages<Item> = InfiniteData<List<Item>, string | null>;

/** Of two copies of a message the one that knows more: a delivery never goes back. */
export function mergeMessage(old: Message | undefined, next: Message): Message {
  return old ? { ...next, delivery: furthest(old.delivery, next.delivery) } : next;
}

/** Puts a message into its thread, where its time puts it. Threads that were never opened stay unopened. */
export function putMessage(client: QueryClient, message: Message) {
  client.setQueryData<Pages<Message>>(['messages', message.conversation_id], (pages) => {
    const first = pages?.pages[0];
    if (!pages || !first) return pages;
    let known = false;
    const next = pages.pages.map((page) => ({
      ...page,
      items: page.items.map((item) => {
        if (item.id !== message.id) return item;
        known = true;
        return mergeMessage(item, message);
      }),
    }));
    if (!known) {
      const oldest = pages.pages.at(-1)?.items.at(-1);
      // Older than all we hold, and more to come: it will be there when its page is.
      if (oldest && pages.pages.at(-1)?.next && message.at < oldest.at) return pages;
      const at = next.findIndex((page) => page.items.some((item) => newer(message, item)));
      const page = next[at < 0 ? next.length - 1 : at]!;
      const index = page.items.findIndex((item) => newer(message, item));
      page.items.splice(index < 0 ? page.items.length : index, 0, message);
    }
    return { ...pages, pages: next };
  });
}

const newer = (a: Message, b: Message) => a.at > b.at || (a.at === b.at && a.id > b.id);

function belongs(conversation: Conversation, filter: ConversationFilter, me: string): boolean | 'unknown' {
  if (filter.channel_id && filter.channel_id !== conversation.channel.id) return false;
  if (filter.search) return 'unknown';
  if (filter.view === 'resolved') return conversation.state === 'resolved';
  if (conversation.state !== 'open') return false;
  if (filter.view === 'mine') return conversation.assignee_id === me;
  if (filter.view === 'unassigned') return !conversation.assignee_id;
  if (filter.view === 'waiting') return conversation.last_message?.direction === 'in';
  return true;
}

/** Puts a conversation into every list it belongs to, at its time, and takes it out of the others. */
export function putConversation(client: QueryClient, conversation: Conversation, me: string) {
  client.setQueryData(['conversation', conversation.id], conversation);
  for (const query of client.getQueryCache().findAll({ queryKey: ['conversations'] })) {
    const filter = query.queryKey[1] as ConversationFilter;
    client.setQueryData<Pages<Conversation>>(query.queryKey, (pages) => {
      if (!pages?.pages[0]) return pages;
      const place = belongs(conversation, filter, me);
      const old = pages.pages.flatMap((page) => page.items).find((item) => item.id === conversation.id);
      if (place === 'unknown' || (place && old?.last_at === conversation.last_at)) {
        if (!old) return pages;
        return { ...pages, pages: pages.pages.map((page) => ({ ...page, items: page.items.map((item) => (item.id === conversation.id ? conversation : item)) })) };
      }
      const next = pages.pages.map((page) => ({ ...page, items: page.items.filter((item) => item.id !== conversation.id) }));
      if (place) {
        const index = next.findIndex((page, i) => i === next.length - 1 || page.items.some((item) => item.last_at <= conversation.last_at));
        const page = next[index]!;
        const at = page.items.findIndex((item) => item.last_at <= conversation.last_at);
        if (at >= 0) page.items.splice(at, 0, conversation);
        else if (!page.next) page.items.push(conversation);
      }
      return { ...pages, pages: next };
    });
  }
}

/** Changes every copy of a conversation at once, before the server has answered. Gives the way back. */
export function patchConversation(client: QueryClient, id: string, change: Partial<Conversation>, me: string): () => void {
  const before = client.getQueriesData<Pages<Conversation>>({ queryKey: ['conversations'] });
  const one = client.getQueryData<Conversation>(['conversation', id]) ?? before.flatMap(([, pages]) => pages?.pages ?? []).flatMap((page) => page.items).find((item) => item.id === id);
  if (!one) return () => {};
  putConversation(client, { ...one, ...change }, me);
  return () => {
    for (const [key, pages] of before) client.setQueryData(key, pages);
    client.setQueryData(['conversation', id], one);
  };
}
