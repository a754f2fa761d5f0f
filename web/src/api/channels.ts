import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { api } from './client';
import type { Channel, Check, List, NewChannel, Quarantined, Template } from './types';

export const channelsQuery = queryOptions({
  queryKey: ['channels'],
  queryFn: ({ signal }) => api.get<List<Channel>>('/channels', {}, signal),
});
export const templatesQuery = (channelId: string) =>
  queryOptions({
    queryKey: ['templates', channelId],
    queryFn: ({ signal }) => api.get<List<Template>>('/templates', { channel_id: channelId, limit: 200 }, signal),
  });
export const quarantineQuery = infiniteQueryOptions({
  queryKey: ['quarantine'],
  queryFn: ({ pageParam, signal }) => api.get<List<Quarantined>>('/quarantine', { limit: 50, cursor: pageParam }, signal),
  initialPageParam: null as string | null,
  getNextPageParam: (page) => page.next,
});

export const connectChannel = (channel: NewChannel) => api.post<Channel>('/channels', channel);
export const updateChannel = (id: string, change: { version: number; name?: string; token?: string; app_secret?: string }) => api.patch<Channel>(`/channels/${id}`, change);
export const checkChannel = (id: string) => api.post<{ checks: Check[] }>(`/channels/${id}/check`);
export const syncTemplates = (channelId: string) => api.post<{ items: number }>('/templates/sync', { channel_id: channelId });
export const retryQuarantined = (id: string) => api.post<void>(`/quarantine/${id}/retry`);
export const dismissQuarantined = (id: string) => api.post<void>(`/quarantine/${id}/dismiss`);
