import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { api } from './client';
import type { Conversation, Counts, List, View } from './types';

export interface ConversationFilter { view: View; channel_id?: string; search?: string }

export const conversationsQuery = (filter: ConversationFilter) =>
  infiniteQueryOptions({
    queryKey: ['conversations', filter],
    queryFn: ({ pageParam, signal }) => api.get<List<Conversation>>('/conversations', { ...filter, limit: 40, cursor: pageParam }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
  });

export const countsQuery = queryOptions({
  queryKey: ['counts'],
  queryFn: ({ signal }) => api.get<Counts>('/conversations/counts', {}, signal),
});

export const conversationQuery = (id: string) =>
  queryOptions({ queryKey: ['conversation', id], queryFn: ({ signal }) => api.get<Conversation>(`/conversations/${id}`, {}, signal) });

export interface ConversationChange { version: number; assignee_id?: string | null; state?: 'open' | 'resolved' }
export const updateConversation = (id: string, change: ConversationChange) => api.patch<Conversation>(`/conversations/${id}`, change);
export const markRead = (id: string, upTo: string) => api.post<void>(`/conversations/${id}/read`, { up_to: upTo });
export const sayTyping = (id: string) => api.post<void>(`/conversations/${id}/typing`);
