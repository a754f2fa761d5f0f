import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { api } from '@/api/client';
import { contactQuery, useStatus } from '@/api/leads';
import type { Contact, Conversation, Lead, List, View } from '@/api/types';
import { useUser } from '@/api/users';
import { Ltr, Phone } from '@/components/bdi';
import { Face } from '@/components/face';
import { groupTone, Pill } from '@/components/pill';
import { Skeleton } from '@/components/states';
import { localised, t } from '@/i18n';
import { date, money, phone } from '@/lib/format';

export function LeadRow({ lead }: { lead: Lead }) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const { data: contact } = useQuery({ ...contactQuery(lead.contact_id), initialData: () => known(client.getQueriesData<{ pages: List<Conversation>[] }>({ queryKey: ['conversations'] }), lead.contact_id), staleTime: 5 * 60_000 });
  const status = useStatus(lead);
  const agent = useUser(lead.assignee_id);
  const name = contact && (/^\+\d+$/.test(contact.display_name) ? phone(contact.display_name) : contact.display_name);
  const open = async () => {
    const id = contact && (await conversationOf(contact));
    if (id) await navigate({ to: '/inbox/{-$conversationId}', params: { conversationId: id }, search: { view: 'all' } });
  };
  return (
    <tr className="h-(--table-row) hover:bg-hover [&>td]:border-b [&>td]:border-line [&>td]:px-4">
      <td>
        {contact ? (
          <button type="button" onClick={() => void open()} className="flex min-w-0 items-center gap-2.5 rounded-5 font-medium hover:underline max-small:min-h-11">
            <Face id={contact.id} name={contact.display_name} size={24} /><bdi className="truncate">{name}</bdi>
          </button>
        ) : <Skeleton className="h-2.5 w-28" />}
      </td>
      <td className="max-small:hidden"><Phone value={contact?.phone} className="text-ink-2" /></td>
      <td>{status && <Pill small tone={groupTone[status.group]}>{localised(status.name)}</Pill>}</td>
      <td className="text-ink-2 max-medium:hidden"><bdi>{[t(`source.${lead.source.kind}`), lead.source.detail].filter(Boolean).join(' · ')}</bdi></td>
      <td className="tabular max-medium:hidden">{lead.amount_minor !== null && <Ltr>{money(lead.amount_minor, lead.currency)}</Ltr>}</td>
      <td className="max-small:hidden">{agent && <span className="flex items-center gap-2"><Face id={agent.id} name={agent.name} size={20} /><bdi>{agent.name}</bdi></span>}</td>
      <td className="tabular text-ink-3 max-small:hidden"><Ltr>{date(lead.created_at)}</Ltr></td>
    </tr>
  );
}

function known(lists: [unknown, { pages: List<Conversation>[] } | undefined][], id: string): Contact | undefined {
  return lists.flatMap(([, list]) => list?.pages ?? []).flatMap((page) => page.items).find((item) => item.contact.id === id)?.contact;
}

async function conversationOf(contact: Contact): Promise<string | undefined> {
  for (const view of ['all', 'resolved'] satisfies View[]) {
    const found = await api.get<List<Conversation>>('/conversations', { view, search: contact.phone ?? contact.display_name, limit: 20 });
    const match = found.items.find((item) => item.contact.id === contact.id);
    if (match) return match.id;
  }
  return undefined;
}
