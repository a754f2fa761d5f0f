import type { QueryClient } from '@tanstack/react-query';
import { useSyncExternalStore } from 'react';
import { ApiProblem, NoConnection, newKey, wordsFor } from '@/api/client';
import { type Send, sendMessage } from '@/api/messages';
import { now } from '@/lib/clock';
import { putMessage } from './cache';

/** What the person has written and the server has not yet taken. Kept across a reload, so that no word is lost. */
export interface Pending {
  key: string; conversationId: string; send: Send; text: string; preview: string | null; at: number;
  state: 'sending' | 'waiting' | 'failed'; error: string | null; code: string | null;
}

const STORE = 'kesher.outbox';
const listeners = new Set<() => void>();
let pending: Pending[] = load();

function load(): Pending[] {
  try {
    const saved: unknown = JSON.parse(localStorage.getItem(STORE) ?? '[]');
    return Array.isArray(saved) ? (saved as Pending[]).map((item) => ({ ...item, state: item.state === 'failed' ? 'failed' : 'waiting' })) : [];
  } catch {
    return [];
  }
}

function set(next: Pending[]) {
  pending = next;
  try {
    localStorage.setItem(STORE, JSON.stringify(next.map((item) => ({ ...item, preview: null }))));
  } catch {
    // Kept in the page until it closes.
  }
  for (const listener of listeners) listener();
}

const change = (key: string, to: Partial<Pending>) => set(pending.map((item) => (item.key === key ? { ...item, ...to } : item)));
export const discard = (key: string) => set(pending.filter((item) => item.key !== key));

export function enqueue(client: QueryClient, conversationId: string, send: Send, text: string, preview: string | null = null): Promise<boolean> {
  const item: Pending = { key: newKey(), conversationId, send, text, preview, at: now(), state: 'sending', error: null, code: null };
  set([...pending, item]);
  return attempt(client, item);
}

/** The same key as before: if the first try did arrive, the server answers with what it made then. */
async function attempt(client: QueryClient, item: Pending): Promise<boolean> {
  change(item.key, { state: 'sending', error: null, code: null });
  try {
    const message = await sendMessage(item.conversationId, item.send, item.key);
    putMessage(client, message);
    discard(item.key);
    return true;
  } catch (error) {
    if (error instanceof NoConnection) {
      change(item.key, { state: 'waiting' });
      for (const listener of waitingListeners) listener();
    } else change(item.key, { state: 'failed', error: wordsFor(error), code: error instanceof ApiProblem ? error.code : null });
    if (error instanceof ApiProblem) void client.invalidateQueries({ queryKey: ['decision', item.conversationId] });
    return false;
  }
}

export function retryPending(client: QueryClient, key: string) {
  const item = pending.find((other) => other.key === key);
  if (item) void attempt(client, item);
}

/** In the order written, one after another, so that an answer does not overtake the one before it. */
export async function flushOutbox(client: QueryClient) {
  for (const item of pending.filter((other) => other.state === 'waiting')) {
    if (!(await attempt(client, item))) break;
  }
}

const waitingListeners = new Set<() => void>();
/** Told when a message could not leave for want of a connection. */
export function onWaiting(listener: () => void): () => void {
  waitingListeners.add(listener);
  return () => void waitingListeners.delete(listener);
}

function subscribe(listener: () => void) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function usePending(): Pending[] {
  return useSyncExternalStore(subscribe, () => pending);
}
