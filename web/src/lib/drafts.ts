import { useSyncExternalStore } from 'react';

/** What was begun and not sent, a text per conversation. The list shows it. */
const KEY = 'kesher.drafts';
const listeners = new Set<() => void>();
let drafts: Record<string, string> = load();

function load(): Record<string, string> {
  try {
    const saved: unknown = JSON.parse(localStorage.getItem(KEY) ?? '{}');
    return saved && typeof saved === 'object' ? (saved as Record<string, string>) : {};
  } catch {
    return {};
  }
}

export function saveDraft(conversationId: string, text: string) {
  if ((drafts[conversationId] ?? '') === text) return;
  drafts = { ...drafts, [conversationId]: text };
  if (!text.trim()) delete drafts[conversationId];
  try {
    localStorage.setItem(KEY, JSON.stringify(drafts));
  } catch {
    // Kept in the page.
  }
  for (const listener of listeners) listener();
}

export const draftOf = (conversationId: string) => drafts[conversationId] ?? '';

export function useDraft(conversationId: string): string {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => draftOf(conversationId),
  );
}
