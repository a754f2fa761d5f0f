import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { api, upload } from './client';
import type { Decision, List, Message, SendContent, Uploaded, Window } from './types';

export const messagesQuery = (conversationId: string) =>
  infiniteQueryOptions({
    queryKey: ['messages', conversationId],
    queryFn: ({ pageParam, signal }) => api.get<List<Message>>(`/conversations/${conversationId}/messages`, { limit: 50, cursor: pageParam }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
  });

export const getMessage = (id: string) => api.get<Message>(`/messages/${id}`);
export interface Send { content: SendContent; reply_to?: string; send_at?: string; note?: boolean }
export const sendMessage = (conversationId: string, send: Send, key: string) => api.post<Message>(`/conversations/${conversationId}/messages`, send, key);
export const react = (id: string, emoji: string | null) => api.post<Message>(`/messages/${id}/reaction`, { emoji });
export const resend = (id: string) => api.post<Message>(`/messages/${id}/resend`);
export const settle = (id: string, as: 'sent' | 'not_sent') => api.post<Message>(`/messages/${id}/settle`, { as });
export const cancelMessage = (id: string) => api.post<Message>(`/messages/${id}/cancel`);
export const uploadMedia = (file: File, onProgress: (share: number) => void, signal: AbortSignal) => upload<Uploaded>('/media', file, onProgress, signal);

const freely: SendContent = { kind: 'text', text: '' };

/** "May I write freely?" asks again when the window opens or closes. */
export const decisionQuery = (conversationId: string, window: Window['state'], content: SendContent = freely) =>
  queryOptions({
    queryKey: ['decision', conversationId, window, content],
    queryFn: () => api.post<Decision>('/decisions', { conversation_id: conversationId, content }),
    staleTime: 30_000,
  });
