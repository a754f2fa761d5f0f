import { useNavigate, useSearch } from '@tanstack/react-router';
import type { ConversationFilter } from '@/api/conversations';
import type { View } from '@/api/types';

/** The list's view lives in the URL. */
export function useFilter() {
  const { view = 'mine', channel, q } = useSearch({ strict: false });
  const navigate = useNavigate();
  const filter: ConversationFilter = { view, channel_id: channel, search: q };
  const change = (to: { view?: View; channel?: string; q?: string }, replace = false) =>
    void navigate({ to: '.', search: (old) => ({ ...old, ...to }), replace });
  return { filter, change };
}
