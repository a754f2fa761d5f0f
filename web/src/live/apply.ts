import type { QueryClient } from '@tanstack/react-query';
import { conversationQuery } from '@/api/conversations';
import { getMessage } from '@/api/messages';
import type { LiveEvent, LiveNotice, Me } from '@/api/types';
import { api } from '@/api/client';
import type { Conversation } from '@/api/types';
import { setServerNow } from '@/lib/clock';
import { putConversation, putMessage } from './cache';
import type { Frame } from './stream';
import { typed } from './typing';

const GATHER = 50;
const MOST = 12;
const COUNTS_EVERY = 1000;

/**
 * Turns events into the fewest fetches: gathered for 50 ms, one fetch a thing, and beyond a dozen things
 * the lists themselves are asked again.
 */
export class Applier {
  private readonly conversations = new Set<string>();
  private readonly messages = new Set<string>();
  private readonly stale = new Set<string>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private countsTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly client: QueryClient) {}

  readonly take = (frame: Frame) => {
    const data = frame.data;
    if (typeof data !== 'object' || data === null) return;
    if (frame.event === 'clock' && 'now' in data) {
      setServerNow(String(data.now));
      void this.client.invalidateQueries({ queryKey: ['decision'] });
    } else if (frame.event === 'reset') this.everything();
    else if (frame.event === 'notice') this.notice(data as LiveNotice);
    else if (frame.event === 'event') this.event(data as LiveEvent);
  };

  everything() {
    void this.client.invalidateQueries({ predicate: (query) => query.queryKey[0] !== 'session' && query.queryKey[0] !== 'setup' });
  }

  private notice(notice: LiveNotice) {
    if (notice.kind === 'typing' && notice.conversation_id) typed(notice.conversation_id);
    if (notice.kind === 'receipt' && notice.message_id) this.want(this.messages, notice.message_id);
  }

  private event({ kind, ids }: LiveEvent) {
    const [subject] = kind.split('.');
    if (kind === 'message.received' && ids.conversation_id) typed(ids.conversation_id, false);
    if (subject === 'message') {
      if (ids.message_id && this.isOpen(ids.conversation_id)) this.want(this.messages, ids.message_id);
      if (ids.conversation_id) this.want(this.conversations, ids.conversation_id);
    }
    if (subject === 'conversation' && ids.conversation_id) this.want(this.conversations, ids.conversation_id);
    if (subject === 'lead' || subject === 'contact' || subject === 'marketing') {
      for (const id of this.conversationsOf(ids)) this.want(this.conversations, id);
      if (ids.lead_id) this.mark(['timeline', ids.lead_id]);
      if (ids.contact_id) this.mark(['contact', ids.contact_id]);
      this.mark(['leads']);
    }
    if (ids.lead_id && subject === 'message') this.mark(['timeline', ids.lead_id]);
    if (subject === 'channel') {
      this.mark(['channels']);
      this.mark(['decision']);
    }
    if (subject === 'template') this.mark(['templates']);
    if (subject === 'user') this.mark(['users']);
    if (subject === 'api_key') this.mark(['api-keys']);
    if (subject === 'marketing') this.mark(['decision']);
    if (subject === 'quarantine') this.mark(['quarantine']);
    if (subject === 'handoff') this.mark(['handoffs']);
    if (subject === 'wording') this.mark(['wordings']);
    if (subject === 'campaign') this.mark(['campaigns']);
    if (subject === 'attention') this.mark(['attention']);
    // All of a chat at once: its messages have no events of their own.
    if (subject === 'import') for (const key of ['conversations', 'conversation', 'messages', 'counts', 'leads', 'imports', 'timeline']) this.mark([key]);
  }

  private isOpen(conversationId: string | undefined): boolean {
    return !!conversationId && !!this.client.getQueryState(['messages', conversationId]);
  }

  private conversationsOf(ids: LiveEvent['ids']): string[] {
    if (ids.conversation_id) return [ids.conversation_id];
    return this.known().filter((c) => c.contact.id === ids.contact_id || (ids.lead_id && c.lead?.id === ids.lead_id)).map((c) => c.id);
  }

  private known(): Conversation[] {
    const one = this.client.getQueriesData<Conversation>({ queryKey: ['conversation'] }).flatMap(([, value]) => (value ? [value] : []));
    const lists = this.client
      .getQueriesData<{ pages: { items: Conversation[] }[] }>({ queryKey: ['conversations'] })
      .flatMap(([, value]) => value?.pages ?? [])
      .flatMap((page) => page.items);
    return [...new Map([...lists, ...one].map((c) => [c.id, c])).values()];
  }

  private mark(key: string[]) {
    this.want(this.stale, JSON.stringify(key));
  }

  private want(set: Set<string>, id: string) {
    set.add(id);
    this.timer ??= setTimeout(() => void this.flush(), GATHER);
  }

  private async flush() {
    this.timer = undefined;
    const [conversations, messages, stale] = [[...this.conversations], [...this.messages], [...this.stale]];
    this.conversations.clear();
    this.messages.clear();
    this.stale.clear();
    for (const key of stale) void this.client.invalidateQueries({ queryKey: JSON.parse(key) as string[] });
    if (conversations.length) this.countsSoon();
    if (conversations.length > MOST) void this.client.invalidateQueries({ queryKey: ['conversations'] });
    if (messages.length > MOST) void this.client.invalidateQueries({ queryKey: ['messages'] });
    const me = this.client.getQueryData<Me>(['session'])?.user.id ?? '';
    await Promise.allSettled([
      ...(messages.length > MOST ? [] : messages.map(async (id) => putMessage(this.client, await getMessage(id)))),
      ...(conversations.length > MOST
        ? []
        : conversations.map(async (id) => {
            const next = await api.get<Conversation>(`/conversations/${id}`);
            const old = this.client.getQueryData(conversationQuery(id).queryKey);
            if (!old || next.version >= old.version || next.last_at !== old.last_at) putConversation(this.client, next, me);
          })),
    ]);
  }

  private countsSoon() {
    this.countsTimer ??= setTimeout(() => {
      this.countsTimer = undefined;
      void this.client.invalidateQueries({ queryKey: ['counts'] });
    }, COUNTS_EVERY);
  }
}
