import { queryOptions, useQuery, useQueryClient } from '@tanstack/react-query';
import { api } from './client';
import type { Locale, Me } from './types';

export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: ({ signal }) => api.get<Me>('/session', {}, signal),
  staleTime: Number.POSITIVE_INFINITY,
});

/** Who is signed in. Only below the routes that have asked. */
export function useMe(): Me {
  const { data } = useQuery(sessionQuery);
  if (!data) throw new Error('useMe outside a signed-in route');
  return data;
}

export function useCan(permission: string): boolean {
  return useMe().permissions.includes(permission);
}

/** Puts the answer of a sign-in where everyone looks for it. */
export function useSignedIn() {
  const client = useQueryClient();
  return (me: Me) => {
    client.clear();
    client.setQueryData(sessionQuery.queryKey, me);
  };
}

export const signIn = (email: string, password: string) => api.post<Me>('/session', { email, password });
export const signInByLink = (token: string) => api.post<Me>('/session/link', { token });
export const signOut = () => api.delete<void>('/session');
export const join = (token: string, password: string) => api.post<Me>('/join', { token, password });
export const updateMe = (change: { name?: string; locale?: Locale; password?: { current: string; new: string } }) => api.patch<Me>('/me', change);

export const setupQuery = (token: string) =>
  queryOptions({ queryKey: ['setup', token], queryFn: () => api.get<{ usable: boolean }>('/setup', { token }) });
export interface Setup { token: string; workspace_name: string; name: string; email: string; password: string; locale: Locale }
export const setUp = (setup: Setup) => api.post<Me>('/setup', setup);

export const advanceClock = (body: { advance_s: number } | { to_next_due: true }) => api.post<{ now: string }>('/demo/clock', body);
