import { notifyManager, QueryClient, useQuery } from '@tanstack/react-query';
import { setServerNow } from '@/lib/clock';
import { setTimeZone } from '@/lib/format';
import { api, SandboxError } from './api';
import type { Chat, ChatRow, Message, Person } from './types';

// What a person switched is shown before the next frame, not after a timer.
notifyManager.setScheduler(queueMicrotask);

/** The live stream keeps what is shown fresh; a query is asked again only after a gap in it. */
export const queryClient = new QueryClient({
  defaultOptions: {
    queries: { staleTime: Infinity, refetchOnWindowFocus: false, retry: (count, error) => count < 3 && !(error instanceof SandboxError && error.status >= 400 && error.status < 500) },
  },
});

export const keys = {
  persons: ['persons'] as const,
  businesses: ['businesses'] as const,
  clock: ['clock'] as const,
  presets: ['presets'] as const,
  world: ['world'] as const,
  activity: ['activity'] as const,
  chats: (person: string) => ['chats', person] as const,
  chat: (person: string, number: string) => ['chat', person, number] as const,
};

export const usePersons = () => useQuery({ queryKey: keys.persons, queryFn: api.persons });
export const useBusinesses = () => useQuery({ queryKey: keys.businesses, queryFn: api.businesses });
export const usePresets = () => useQuery({ queryKey: keys.presets, queryFn: api.presets });
export const useActivity = () => useQuery({ queryKey: keys.activity, queryFn: api.activity });
export const useChats = (person: string) => useQuery({ queryKey: keys.chats(person), queryFn: () => api.chats(person) });

export const useClock = () =>
  useQuery({
    queryKey: keys.clock,
    queryFn: async () => {
      const clock = await api.clock();
      setServerNow(clock.now);
      return clock;
    },
  });

export const useWorld = () =>
  useQuery({
    queryKey: keys.world,
    queryFn: async () => {
      const world = await api.world();
      const zone = world.wabas.find((waba) => waba.timezone)?.timezone;
      if (zone) setTimeZone(zone);
      return world;
    },
  });

/** How many messages of a chat are asked for; grows when a person scrolls back. */
const limits = new Map<string, number>();
export const PAGE = 200;
const limitOf = (person: string, number: string) => limits.get(`${person} ${number}`) ?? PAGE;

export const useChat = (person: string, number: string | undefined) =>
  useQuery({ queryKey: keys.chat(person, number ?? ''), queryFn: () => api.chat(person, number ?? '', limitOf(person, number ?? '')), enabled: number !== undefined });

export function loadOlder(person: string, number: string) {
  limits.set(`${person} ${number}`, limitOf(person, number) + PAGE);
  return queryClient.invalidateQueries({ queryKey: keys.chat(person, number) });
}

export const mayHaveOlder = (person: string, number: string, shown: number) => shown >= limitOf(person, number);

const rank = { sending: 0, delivered: 1, read: 2 };

/** A message that is new or has changed. Ticks never go back. */
export function putMessage(person: string, number: string, message: Message) {
  queryClient.setQueryData<Chat>(keys.chat(person, number), (chat) => {
    if (!chat) return chat;
    const at = chat.messages.findIndex((other) => other.id === message.id);
    const before = chat.messages[at];
    if (!before) {
      const messages = [...chat.messages, message].sort((a, b) => a.seq - b.seq);
      return { ...chat, messages };
    }
    const ticks = before.ticks && message.ticks && rank[before.ticks] > rank[message.ticks] ? before.ticks : message.ticks;
    return { ...chat, messages: chat.messages.with(at, { ...message, ticks }) };
  });
  queryClient.setQueryData<ChatRow[]>(keys.chats(person), (rows) => {
    const row = rows?.find((other) => other.number === number);
    if (!rows || (row?.last && row.last.seq > message.seq)) return rows;
    if (!row) return [...rows, { number, unread: 0, last: message }];
    return rows.map((other) => (other === row ? { ...row, last: message } : other));
  });
}

export function changeMessage(person: string, number: string, id: string, change: (message: Message) => Message) {
  queryClient.setQueryData<Chat>(keys.chat(person, number), (chat) => chat && { ...chat, messages: chat.messages.map((message) => (message.id === id ? change(message) : message)) });
}

export function changeChat(person: string, number: string, change: Partial<Chat>) {
  queryClient.setQueryData<Chat>(keys.chat(person, number), (chat) => chat && { ...chat, ...change });
}

export function putPerson(person: Person) {
  queryClient.setQueryData<Person[]>(keys.persons, (all) => {
    if (!all) return all;
    return all.some((other) => other.id === person.id) ? all.map((other) => (other.id === person.id ? person : other)) : person.listed ? [...all, person] : all;
  });
}

/** A person may be named by id, phone or user id. */
export function findPerson(persons: Person[] | undefined, name: string | null): Person | undefined {
  if (!name) return undefined;
  const digits = name.replace(/\D/g, '');
  return persons?.find((person) => person.id === name || (digits !== '' && person.phone === digits) || Object.values(person.user_ids).includes(name));
}
