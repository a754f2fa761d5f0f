import { infiniteQueryOptions, queryOptions, useQuery } from '@tanstack/react-query';
import { api } from './client';
import type { Capabilities, Channel, ChannelChange, Check, Linked, List, NewChannel, Quarantined, SetupStep, Template } from './types';

export const channelsQuery = queryOptions({
  queryKey: ['channels'],
  queryFn: ({ signal }) => api.get<List<Channel>>('/channels', {}, signal),
});
/** What a number may do, by level and link, and what each provider can: drawn from the same table as the rules. */
export const capabilitiesQuery = queryOptions({
  queryKey: ['capabilities'],
  queryFn: ({ signal }) => api.get<Capabilities>('/capabilities', {}, signal),
  staleTime: 60 * 60_000,
});
export const useCapabilities = (): Capabilities | undefined => useQuery(capabilitiesQuery).data;
export const useChannel = (id: string | undefined): Channel | undefined => useQuery({ ...channelsQuery, enabled: !!id }).data?.items.find((channel) => channel.id === id);

/** Asked each two seconds while a code waits to be scanned. */
export const linkQuery = (id: string) =>
  queryOptions({
    queryKey: ['link', id],
    queryFn: ({ signal }) => api.get<Linked>(`/channels/${id}/link`, {}, signal),
    staleTime: 0, gcTime: 0,
    refetchInterval: ({ state: { data } }) => (data && ['linked', 'banned'].includes(data.state) ? false : 2000),
  });
export const startLink = (id: string, how: { method: 'qr' } | { method: 'code'; phone: string }) => api.post<Linked | undefined>(`/channels/${id}/link`, how);
export const unlink = (id: string) => api.delete<void>(`/channels/${id}/link`);

export const setupQuery = (id: string) =>
  queryOptions({ queryKey: ['channel-setup', id], queryFn: ({ signal }) => api.get<{ steps: SetupStep[] }>(`/channels/${id}/setup`, {}, signal), retry: false });
export const requestCode = (id: string, how: { method: 'sms' | 'voice'; language: 'he' | 'en' }) => api.post<unknown>(`/channels/${id}/setup/request-code`, how);
export const verifyCode = (id: string, code: string) => api.post<unknown>(`/channels/${id}/setup/verify-code`, { code });
export const registerNumber = (id: string, pin: string) => api.post<unknown>(`/channels/${id}/setup/register`, { pin });

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
export const moveChannel = (id: string, version: number, to: NewChannel) => api.post<Channel>(`/channels/${id}/move`, { version, to });
export const updateChannel = (id: string, change: ChannelChange) => api.patch<Channel>(`/channels/${id}`, change);
export const checkChannel = (id: string) => api.post<{ checks: Check[] }>(`/channels/${id}/check`);
export const syncTemplates = (channelId: string) => api.post<{ items: number }>('/templates/sync', { channel_id: channelId });
export const retryQuarantined = (id: string) => api.post<void>(`/quarantine/${id}/retry`);
export const dismissQuarantined = (id: string) => api.post<void>(`/quarantine/${id}/dismiss`);
