import { useSyncExternalStore } from 'react';

/** Who is typing now: a passing notice, forgotten after a few seconds. */
const LASTS = 6000;
const until = new Map<string, ReturnType<typeof setTimeout>>();
const listeners = new Set<() => void>();
const tell = () => {
  for (const listener of listeners) listener();
};

export function typed(conversationId: string, on = true) {
  clearTimeout(until.get(conversationId));
  if (on) until.set(conversationId, setTimeout(() => typed(conversationId, false), LASTS));
  else until.delete(conversationId);
  tell();
}

function subscribe(listener: () => void) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useTyping(conversationId: string): boolean {
  return useSyncExternalStore(subscribe, () => until.has(conversationId));
}
