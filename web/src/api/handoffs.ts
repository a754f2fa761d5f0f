import { queryOptions } from '@tanstack/react-query';
import { api } from './client';
import type { Conversation, Handoff, List, Message, Wording } from './types';

/** Texts that were opened in WhatsApp and of which nobody has said whether they were sent. */
export const handoffsQuery = queryOptions({
  queryKey: ['handoffs'],
  queryFn: async ({ signal }) => {
    const answer = await api.get<List<Handoff> | Handoff[]>('/handoffs', { state: 'open' }, signal);
    return Array.isArray(answer) ? answer : answer.items;
  },
});
export const openHandoff = (conversationId: string, text: string) => api.post<Handoff>(`/conversations/${conversationId}/handoffs`, { text });
export const confirmHandoff = (id: string) => api.post<Message>(`/handoffs/${id}/confirm`);
export const dropHandoff = (id: string) => api.post<void>(`/handoffs/${id}/drop`);

export const wordingsQuery = queryOptions({
  queryKey: ['wordings'],
  queryFn: async ({ signal }) => {
    const answer = await api.get<List<Wording> | Wording[]>('/wordings', {}, signal);
    return Array.isArray(answer) ? answer : answer.items;
  },
});
export const createWording = (wording: { name: string; text: string }) => api.post<Wording>('/wordings', wording);
export const updateWording = (id: string, change: { name?: string; text?: string }) => api.patch<Wording>(`/wordings/${id}`, change);
export const deleteWording = (id: string) => api.delete<void>(`/wordings/${id}`);
export const fillWording = (id: string, about: { lead_id?: string; conversation_id?: string }) => api.post<{ text: string; missing: string[] }>(`/wordings/${id}/fill`, about);

/** The conversation of a contact on a channel: found, or made. */
export const openConversation = (contactId: string, channelId: string) => api.post<Conversation>('/conversations', { contact_id: contactId, channel_id: channelId });
