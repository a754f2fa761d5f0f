import { useMutation, useQueryClient } from '@tanstack/react-query';
import { QrCode, Unplug } from 'lucide-react';
import { useState } from 'react';
import { wordsFor } from '@/api/client';
import { channelsQuery, unlink } from '@/api/channels';
import type { Channel } from '@/api/types';
import { Button } from '@/components/button';
import { Choice } from '@/components/choice';
import { Layer } from '@/components/layer';
import { Card } from '@/components/page';
import { toast } from '@/components/toast';
import { t } from '@/i18n';
import { useChannelChange } from './access';
import { LinkLayer } from './linking';
import { LinkNotice } from './link-notice';

const ways = ['gateway_one_way', 'gateway_two_way'] as const;
const words = { gateway_one_way: 'one_way', gateway_two_way: 'two_way' } as const;

/** The tie to a gateway: which way it runs, linking anew, and untying it. */
export function LinkSettings({ channel }: { channel: Channel }) {
  const [layer, setLayer] = useState<'link' | 'unlink' | null>(null);
  const change = useChannelChange(channel, (next) => toast(t('detail.direction_toast', { way: t(`detail.${next.link === 'gateway_two_way' ? 'two_way' : 'one_way'}`) })));
  const linked = channel.linking?.state === 'linked' || channel.linking?.state === 'restricted';
  return (
    <Card title={t('detail.link')}>
      <div className="flex flex-col gap-4">
        <LinkNotice channel={channel} onLink={() => setLayer('link')} />
        <fieldset className="flex flex-col gap-2" disabled={change.isPending}>
          <legend className="pb-2 text-13 font-medium">{t('detail.direction')}</legend>
          {ways.map((way) => <Choice key={way} type="radio" name="direction" checked={(change.isPending ? change.variables?.link : channel.link) === way} onChange={() => way !== channel.link && change.mutate({ link: way })} title={t(`detail.${words[way]}`)} body={t(`detail.${words[way]}_hint`)} />)}
        </fieldset>
        {change.error && <p role="alert" className="text-12 text-bad">{wordsFor(change.error)}</p>}
        {linked && (
          <div className="flex flex-wrap gap-2 border-t border-line pt-4">
            <Button icon={QrCode} onClick={() => setLayer('link')}>{t('link.again')}</Button>
            <Button tone="danger" icon={Unplug} onClick={() => setLayer('unlink')}>{t('detail.unlink')}</Button>
          </div>
        )}
      </div>
      {layer === 'link' && <LinkLayer channel={channel} onClose={() => setLayer(null)} />}
      {layer === 'unlink' && <UnlinkLayer channel={channel} onClose={() => setLayer(null)} />}
    </Card>
  );
}

/** What cannot be undone from here is asked before. */
function UnlinkLayer({ channel, onClose }: { channel: Channel; onClose: () => void }) {
  const client = useQueryClient();
  const end = useMutation({
    mutationFn: () => unlink(channel.id),
    onSuccess: async () => { await client.invalidateQueries(channelsQuery); toast(t('detail.unlinked_toast')); onClose(); },
  });
  return (
    <Layer title={t('detail.unlink_title', { name: channel.name })} onClose={onClose} footer={<><Button tone="ghost" onClick={onClose}>{t('action.cancel')}</Button><Button tone="danger" busy={end.isPending} onClick={() => end.mutate()}>{t('detail.unlink')}</Button></>}>
      <p className="p-5 text-13">{t('detail.unlink_body')}</p>
      {end.error && <p role="alert" className="px-5 pb-5 text-13 text-bad">{wordsFor(end.error)}</p>}
    </Layer>
  );
}
