import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { ChevronDown, ExternalLink } from 'lucide-react';
import { useState } from 'react';
import { wordsFor } from '@/api/client';
import { channelsQuery } from '@/api/channels';
import { openConversation } from '@/api/handoffs';
import { useCan } from '@/api/session';
import type { Channel, Conversation } from '@/api/types';
import { Button, buttonClass } from '@/components/button';
import { ChannelDot } from '@/components/channel';
import { MenuButton } from '@/components/menu';
import { t, useLocale } from '@/i18n';
import { WriteLayer } from './write-layer';

/** From the lead: write by hand on a number without a link, or go on with the same person on another number. */
export default function PanelWrite({ conversation }: { conversation: Conversation }) {
  useLocale();
  const client = useQueryClient();
  const navigate = useNavigate();
  const may = useCan('conversations.write');
  const channels = useQuery({ ...channelsQuery, enabled: may }).data?.items ?? [];
  const [writing, setWriting] = useState(false);
  const start = useMutation({
    mutationFn: (channel: Channel) => openConversation(conversation.contact.id, channel.id),
    onSuccess: async (opened) => {
      client.setQueryData(['conversation', opened.id], opened);
      void client.invalidateQueries({ queryKey: ['conversations'] });
      await navigate({ to: '/inbox/{-$conversationId}', params: { conversationId: opened.id }, search: (old) => ({ ...old, view: 'all' as const }) });
    },
  });
  const byHand = channels.filter((channel) => channel.link === 'none');
  const others = channels.filter((channel) => channel.id !== conversation.channel.id && channel.linking?.state !== 'banned');
  if (!may || (!byHand.length && !others.length)) return null;
  const hasPhone = !!conversation.contact.phone;
  return (
    <div className="flex flex-col gap-1.5">
      <div className="flex flex-wrap gap-2">
        {!!byHand.length && <Button tone="soft" icon={ExternalLink} mirror disabled={!hasPhone} onClick={() => setWriting(true)} className="flex-1">{t('handoff.write')}</Button>}
        {!!others.length && hasPhone && (
          <MenuButton label={t('handoff.other_number')} placement="bottom end" groups={[{ title: t('handoff.other_number'), entries: others.map((channel) => ({ id: channel.id, label: channel.name, hint: how(channel), lead: <ChannelDot link={channel.link} id={channel.id} />, onAction: () => start.mutate(channel) })) }]} className={`${buttonClass('plain')} flex-1`}>
            <span className="truncate">{t('handoff.other_number')}</span><ChevronDown size={14} aria-hidden className="text-ink-3" />
          </MenuButton>
        )}
      </div>
      {!hasPhone && <p className="text-12 text-ink-3">{t('handoff.no_phone')}</p>}
      {start.error && <p role="alert" className="text-12 text-bad">{wordsFor(start.error)}</p>}
      {writing && <WriteLayer conversation={conversation} channels={byHand} onClose={() => setWriting(false)} />}
    </div>
  );
}

/** What writing from it will be like. */
function how({ link, linking, health }: Channel): string {
  if (link === 'none') return t('handoff.by_hand');
  if (linking?.state === 'restricted') return t('handoff.restricted');
  if (linking && linking.state !== 'linked') return t('handoff.not_linked');
  if (health.state === 'disconnected') return t('handoff.disconnected');
  return link === 'api' || link === 'coexistence' ? t('handoff.by_template') : t('handoff.by_gateway');
}
