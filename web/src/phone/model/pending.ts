import { useSyncExternalStore } from 'react';
import { now } from '@/lib/clock';
import { SandboxError } from './api';
import { keys, putMessage, queryClient } from './queries';
import type { Chat, Content, Message, Quoted, Referral } from './types';

/** What was sent here and has no answer yet: shown at once, replaced by the real message when it comes. */
export interface Pending {
  message: Message; progress: { sent: number; total: number } | null; error: SandboxError | null; retry: () => void; cancel: () => void;
}

const none: Pending[] = [];
const lists = new Map<string, Pending[]>();
const listeners = new Set<() => void>();
let counter = 0;
const keyOf = (person: string, number: string) => `${person} ${number}`;

function change(key: string, next: (list: Pending[]) => Pending[]) {
  lists.set(key, next(lists.get(key) ?? none));
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function usePending(person: string, number: string): Pending[] {
  return useSyncExternalStore(subscribe, () => lists.get(keyOf(person, number)) ?? none);
}

type Draft = Content & { quoted?: Quoted | null; referral?: Referral | null };
type Run = (onProgress: (sent: number, total: number) => void, signal: AbortSignal) => Promise<{ message: Message | null }>;

export function submit(person: string, number: string, draft: Draft, run: Run): Promise<boolean> {
  const key = keyOf(person, number);
  const id = `local-${++counter}`;
  const message = {
    id, seq: Number.MAX_SAFE_INTEGER, from: 'person', at: new Date(now()).toISOString(), ticks: null, quoted: null, reactions: [],
    edited: false, revoked: false, forwarded: false, referral: null, answered: null, ...draft,
  } as Message;
  const patch = (part: Partial<Pending>) => change(key, (list) => list.map((item) => (item.message.id === id ? { ...item, ...part } : item)));
  const drop = () => change(key, (list) => list.filter((item) => item.message.id !== id));
  let abort = new AbortController();
  const attempt = async () => {
    abort = new AbortController();
    try {
      const answer = await run((sent, total) => patch({ progress: { sent, total } }), abort.signal);
      if (answer.message) putMessage(person, number, answer.message);
      drop();
      return true;
    } catch (error) {
      if (error instanceof DOMException) drop();
      else patch({ progress: null, error: error instanceof SandboxError ? error : new SandboxError('unknown', String(error), 0) });
      return false;
    }
  };
  const retry = () => {
    patch({ error: null });
    void attempt();
  };
  const cancel = () => {
    abort.abort();
    drop();
  };
  change(key, (list) => [...list, { message, progress: null, error: null, retry, cancel }]);
  return attempt();
}

/** The stream is often faster than the answer: the first waiting message of the same kind is this one. */
export function settle(person: string, number: string, message: Message) {
  const key = keyOf(person, number);
  const list = lists.get(key);
  const known = queryClient.getQueryData<Chat>(keys.chat(person, number))?.messages.some((other) => other.id === message.id);
  if (message.from !== 'person' || known || !list?.length) return;
  const same = list.find((item) => !item.error && item.message.type === message.type && (message.type !== 'text' || (item.message.type === 'text' && item.message.content.body === message.content.body)));
  if (same) change(key, (items) => items.filter((item) => item !== same));
}
