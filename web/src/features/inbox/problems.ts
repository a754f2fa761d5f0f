import { useSyncExternalStore } from 'react';
import { wordsFor } from '@/api/client';

/** What failed in a conversation, shown in it until it is read. Errors are never toasts alone. */
let problems: Record<string, string> = {};
const listeners = new Set<() => void>();

function set(next: Record<string, string>) {
  problems = next;
  for (const listener of listeners) listener();
}

export const report = (conversationId: string, error: unknown) => set({ ...problems, [conversationId]: wordsFor(error) });
export function forget(conversationId: string) {
  const { [conversationId]: _, ...rest } = problems;
  set(rest);
}

export function useProblem(conversationId: string): string | undefined {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => problems[conversationId],
  );
}
