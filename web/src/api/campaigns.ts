import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { api } from './client';
import type { Campaign, CampaignState, Contact, DryRun, List, NewCampaign, Recipient, RecipientState } from './types';

const SOON = 15_000;
const AT_ONCE = 1_000;
/** One that is being written down is soon another; one that runs is another every minute or two. */
const lookAgain = (states: CampaignState[]) => (states.includes('preparing') ? AT_ONCE : states.includes('running') ? SOON : false);

export const campaignsQuery = queryOptions({
  queryKey: ['campaigns'],
  queryFn: ({ signal }) => api.get<List<Campaign>>('/campaigns', { limit: 100 }, signal),
  refetchInterval: ({ state: { data } }) => lookAgain(data?.items.map((campaign) => campaign.state) ?? []),
});
export const campaignQuery = (id: string) =>
  queryOptions({
    queryKey: ['campaigns', id],
    queryFn: ({ signal }) => api.get<Campaign>(`/campaigns/${id}`, {}, signal),
    refetchInterval: ({ state: { data } }) => lookAgain(data ? [data.state] : []),
  });
export const recipientsQuery = (id: string, state: RecipientState | null) =>
  infiniteQueryOptions({
    queryKey: ['campaigns', id, 'recipients', state],
    queryFn: ({ pageParam, signal }) => api.get<List<Recipient>>(`/campaigns/${id}/recipients`, { state, limit: 50, cursor: pageParam }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
  });
/** All of them in one state and in no later one, page after page: for a new mailing to those that an old one left. */
export async function allRecipients(id: string, state: RecipientState): Promise<Recipient[]> {
  const all: Recipient[] = [];
  let cursor: string | null = null;
  do {
    const page: List<Recipient> = await api.get(`/campaigns/${id}/recipients`, { state, limit: 200, cursor });
    all.push(...page.items.filter((one) => one.state === state));
    cursor = page.next;
  } while (cursor);
  return all;
}
export const contactsQuery = (search: string) =>
  infiniteQueryOptions({
    queryKey: ['contacts', search],
    queryFn: ({ pageParam, signal }) => api.get<List<Contact>>('/contacts', { search, limit: 50, cursor: pageParam }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
  });

export const dryRun = (campaign: NewCampaign) => api.post<DryRun>('/campaigns', { ...campaign, dry_run: true });
export const createCampaign = (campaign: NewCampaign, key: string) => api.post<{ id: string }>('/campaigns', campaign, key);
export const stopCampaign = (id: string) => api.post<Campaign | undefined>(`/campaigns/${id}/stop`);
