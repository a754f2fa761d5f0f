import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { openConversation } from '@/api/handoffs';
import type { Channel, Conversation, Handoff } from '@/api/types';
import { SelectField } from '@/components/field';
import { Layer } from '@/components/layer';
import { t } from '@/i18n';
import { phone } from '@/lib/format';
import { nameOf } from '../name';
import { Asked } from './asked';
import Writer from './writer';

/** Writing on a number without a link from wherever the lead is. The conversation there is found, or made by the first text. */
export function WriteLayer({ conversation, channels, onClose }: { conversation: Conversation; channels: Channel[]; onClose: () => void }) {
  const client = useQueryClient();
  const { contact, lead } = conversation;
  const own = channels.find((channel) => channel.id === conversation.channel.id) ?? channels[0];
  const [channelId, setChannelId] = useState(own?.id ?? '');
  const [text, setText] = useState('');
  const [opened, setOpened] = useState<Handoff | null>(null);
  const target = async () => {
    if (channelId === conversation.channel.id) return conversation.id;
    const made = await openConversation(contact.id, channelId);
    void client.invalidateQueries({ queryKey: ['conversations'] });
    return made.id;
  };
  return (
    <Layer title={`${t('handoff.write')} · ${nameOf(contact)}`} onClose={onClose}>
      <div className="flex flex-col gap-4 p-5">
        {opened && <Asked inLayer handoff={opened} onSent={onClose} onDropped={(dropped) => { setOpened(null); setText(dropped); }} />}
        {channels.length > 1 && <SelectField label={t('handoff.channel')} value={channelId} onChange={setChannelId} disabled={!!opened} options={channels.map((channel) => ({ value: channel.id, label: [channel.name, phone(channel.phone)].filter(Boolean).join(' · ') }))} />}
        {!opened && <Writer value={text} onChange={setText} autoFocus about={{ lead_id: lead?.id, conversation_id: conversation.id }} conversation={target} hasPhone={!!contact.phone} onOpened={setOpened} />}
      </div>
    </Layer>
  );
}
