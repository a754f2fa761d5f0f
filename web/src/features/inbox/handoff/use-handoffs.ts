import { useMutation, useQueryClient } from '@tanstack/react-query';
import { confirmHandoff, dropHandoff, handoffsQuery, openHandoff } from '@/api/handoffs';
import type { Handoff } from '@/api/types';
import { toast } from '@/components/toast';
import { t } from '@/i18n';
import { chosenWhere, waLink } from '@/lib/wa-link';
import { putMessage } from '@/live/cache';

/** Opens a text in WhatsApp: the tab by the press itself, or browsers would refuse it; the address when the server has it. */
export function useOpenHandoff() {
  const client = useQueryClient();
  const open = useMutation({
    mutationFn: async ({ conversation, text }: { conversation: () => Promise<string>; text: string; tab: Window | null }) => openHandoff(await conversation(), text),
    onSuccess: (handoff, { tab }) => {
      client.setQueryData<Handoff[]>(handoffsQuery.queryKey, (all) => [...(all ?? []).filter((one) => one.id !== handoff.id), handoff]);
      const where = chosenWhere();
      if (where === 'app') location.href = waLink(handoff.url, where);
      else tab?.location.replace(waLink(handoff.url, where));
    },
    onError: (_, { tab }) => tab?.close(),
  });
  const press = (conversation: () => Promise<string>, text: string, done: (handoff: Handoff) => void) => {
    const tab = chosenWhere() === 'app' ? null : window.open('', '_blank');
    if (tab) tab.opener = null;
    open.mutate({ conversation, text, tab }, { onSuccess: done });
  };
  return { press, busy: open.isPending, error: open.error };
}

export function openAgain({ url }: Handoff) {
  const where = chosenWhere();
  if (where === 'app') location.href = waLink(url, where);
  else window.open(waLink(url, where), '_blank', 'noopener');
}

/** Only the agent knows whether it was sent: a "yes" makes it a message, a "no" takes the text away. */
export function useSettleHandoff(handoff: Handoff) {
  const client = useQueryClient();
  const forget = () => client.setQueryData<Handoff[]>(handoffsQuery.queryKey, (all) => all?.filter((one) => one.id !== handoff.id));
  const confirm = useMutation({
    mutationFn: () => confirmHandoff(handoff.id),
    onSuccess: (message) => {
      forget();
      putMessage(client, message);
      toast(t('handoff.confirmed'));
    },
  });
  const drop = useMutation({
    mutationFn: () => dropHandoff(handoff.id),
    onSuccess: () => {
      forget();
      toast(t('handoff.dropped'), () => void openHandoff(handoff.conversation_id, handoff.text).then(() => client.invalidateQueries(handoffsQuery)));
    },
  });
  return { confirm, drop, error: confirm.error ?? drop.error };
}
