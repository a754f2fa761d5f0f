import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { api, upload } from './client';
import type { Contact, List } from './types';

export type ImportState = 'preview' | 'applying' | 'applied' | 'undoing' | 'undone' | 'failed';
export type DateOrder = 'dmy' | 'mdy' | 'ymd';
export interface ImportedContact { id: string; name: string; phone: string | null }
export interface ImportParticipant { name: string; count: number; phone: string | null; contact: ImportedContact | null; us: boolean }
export interface ImportLine {
  at: string; sender: string | null; us: boolean; edited: boolean; text: string | null;
  kind: 'text' | 'media' | 'deleted' | 'call' | 'poll' | 'location' | 'unsupported' | 'system';
  media: { kind: string; omitted: boolean } | null;
}
export interface Import {
  id: string; state: ImportState; channel_id: string; file_name: string | null; file_bytes: number; created_by: string | null; created_at: string;
  applied_at: string | null; undone_at: string | null;
  platform: 'ios' | 'android'; date_order: DateOrder; date_order_guessed: boolean; two_readings: { text: string; dmy: string; mdy: string } | null;
  time_zone: string; group: boolean; participants: ImportParticipant[]; first: string; last: string;
  messages: number; media: number; files: number; new: number; already_there: number;
  warnings: { code: 'lines_before' | 'out_of_time' | 'no_such_date' | 'may_be_cut'; count: number }[];
  sample: ImportLine[];
  nobody_is_us: boolean; contact: ImportedContact | null; new_contact: { name: string | null; phone: string | null } | null;
  make_lead: boolean; include_group: boolean; missing: ('us' | 'contact' | 'group' | 'news')[];
  conversation_id: string | null; lead_id: string | null; progress: { done: number; total: number }; added: number; failure: string | null; may_undo: boolean;
}
export interface ImportChoice {
  us?: string | null; contact_id?: string; new_contact?: { name?: string; phone?: string }; date_order?: DateOrder; time_zone?: string; make_lead?: boolean; include_group?: boolean;
}
/** Whose chat it is, where that is known before the file is. */
export interface ImportFor { channel?: string; lead?: string; contact?: string }

const working = (state: ImportState) => state === 'applying' || state === 'undoing';

export const importsQuery = infiniteQueryOptions({
  queryKey: ['imports'],
  queryFn: ({ pageParam, signal }) => api.get<List<Import>>('/imports', { limit: 10, cursor: pageParam }, signal),
  initialPageParam: null as string | null,
  getNextPageParam: (page) => page.next,
});
/** Asked again while a job works on it. */
export const importQuery = (id: string) =>
  queryOptions({
    queryKey: ['import', id],
    queryFn: ({ signal }) => api.get<Import>(`/imports/${id}`, {}, signal),
    refetchInterval: ({ state: { data } }) => (data && working(data.state) ? 700 : false),
  });
export const contactsFound = (search: string) =>
  queryOptions({ queryKey: ['contacts', search], queryFn: ({ signal }) => api.get<List<Contact>>('/contacts', { search, limit: 8 }, signal), enabled: search.length > 1 });

export function bringChat(file: File, { channel, lead, contact }: ImportFor, onProgress: (share: number) => void, signal: AbortSignal): Promise<Import> {
  const query = new URLSearchParams();
  for (const [name, value] of [['channel_id', channel], ['lead_id', lead], ['contact_id', contact], ['file_name', file.name]] as const) if (value) query.set(name, value);
  return upload<Import>(`/imports?${query.toString()}`, file, onProgress, signal);
}
export const chooseImport = (id: string, choice: ImportChoice) => api.patch<Import>(`/imports/${id}`, choice);
export const applyImport = (id: string) => api.post<Import>(`/imports/${id}/apply`);
export const undoImport = (id: string) => api.post<Import>(`/imports/${id}/undo`);
export const dropImport = (id: string) => api.delete<void>(`/imports/${id}`);
