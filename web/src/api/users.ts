import { queryOptions, useQuery } from '@tanstack/react-query';
import { api } from './client';
import type { ApiKey, List, Locale, Role, User } from './types';

export const usersQuery = queryOptions({
  queryKey: ['users'],
  queryFn: ({ signal }) => api.get<List<User>>('/users', { limit: 200 }, signal),
  staleTime: 5 * 60_000,
});

export function useUser(id: string | null | undefined): User | undefined {
  return useQuery(usersQuery).data?.items.find((user) => user.id === id);
}

export function useAgents(): User[] {
  return (useQuery(usersQuery).data?.items ?? []).filter((user) => !user.disabled_at && user.role !== 'viewer');
}

export const invite = (user: { name: string; email: string; role: Role; locale: Locale }) => api.post<{ user: User; invite_url: string }>('/users', user);
export const updateUser = (id: string, change: { name?: string; role?: Role; disabled?: boolean }) => api.patch<User>(`/users/${id}`, change);
export const inviteAgain = (id: string) => api.post<{ invite_url: string }>(`/users/${id}/invite`);

export const apiKeysQuery = queryOptions({
  queryKey: ['api-keys'],
  // The list may come bare or in the usual envelope.
  queryFn: async ({ signal }) => {
    const answer = await api.get<List<ApiKey> | ApiKey[]>('/api-keys', {}, signal);
    return Array.isArray(answer) ? answer : answer.items;
  },
});
export const createApiKey = (key: { name: string; scopes: string[] }) => api.post<ApiKey & { key: string }>('/api-keys', key);
export const revokeApiKey = (id: string) => api.delete<void>(`/api-keys/${id}`);
