import { infiniteQueryOptions, queryOptions, useQuery } from '@tanstack/react-query';
import { api } from './client';
import type { Contact, Lead, List, Pipeline, Status, TimelineItem } from './types';

export interface LeadFilter { status_id?: string; assignee_id?: string; search?: string; contact_id?: string }

export const leadsQuery = (filter: LeadFilter) =>
  infiniteQueryOptions({
    queryKey: ['leads', filter],
    queryFn: ({ pageParam, signal }) => api.get<List<Lead>>('/leads', { ...filter, limit: 50, cursor: pageParam }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
  });
export const timelineQuery = (leadId: string) =>
  infiniteQueryOptions({
    queryKey: ['timeline', leadId],
    queryFn: ({ pageParam, signal }) => api.get<List<TimelineItem>>(`/leads/${leadId}/timeline`, { limit: 12, cursor: pageParam }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
  });
export const contactQuery = (id: string) =>
  queryOptions({ queryKey: ['contact', id], queryFn: ({ signal }) => api.get<Contact>(`/contacts/${id}`, {}, signal) });
export const pipelinesQuery = queryOptions({
  queryKey: ['pipelines'],
  queryFn: ({ signal }) => api.get<List<Pipeline>>('/pipelines', {}, signal),
  staleTime: 10 * 60_000,
});

export type LeadChange = { version: number; status_id?: string; assignee_id?: string | null; title?: string; fields?: Record<string, string | null>; amount_minor?: number | null };
export const updateLead = (id: string, change: LeadChange) => api.patch<Lead>(`/leads/${id}`, change);
export type ContactChange = { version: number; name?: string | null; phone?: string | null; email?: string | null };
export const updateContact = (id: string, change: ContactChange) => api.patch<Contact>(`/contacts/${id}`, change);

export function usePipeline(id: string | undefined): Pipeline | undefined {
  return useQuery(pipelinesQuery).data?.items.find((pipeline) => pipeline.id === id);
}

export function useStatus(lead: Lead | null | undefined): Status | undefined {
  return usePipeline(lead?.pipeline_id)?.statuses.find((status) => status.id === lead?.status_id);
}
