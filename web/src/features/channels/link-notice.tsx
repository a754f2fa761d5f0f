import { Ban, Hourglass, QrCode, ShieldX, Unplug } from 'lucide-react';
import type { Channel } from '@/api/types';
import { Button } from '@/components/button';
import { Notice } from '@/components/notice';
import { t, T } from '@/i18n';
import { moment } from '@/lib/format';

/** What is the matter with a gateway's link, and what mends it. A link that holds needs no words. */
export function LinkNotice({ channel, onLink }: { channel: Channel; onLink: () => void }) {
  const { linking, health } = channel;
  const scan = (words: string) => <Button size="small" icon={QrCode} onClick={onLink}>{words}</Button>;
  switch (linking?.state) {
    case 'unlinked': case 'starting': case 'awaiting_code':
      return linking.last_event_at
        ? <Notice icon={Unplug} tone="bad" title={t('link.unlinked_title')} action={scan(t('link.again'))}>{t('link.unlinked_body', { n: health.waiting })}</Notice>
        : <Notice icon={QrCode} tone="info" title={t('link.new_title')} action={scan(t('link.scan'))}>{t('link.new_body')}</Notice>;
    case 'restricted':
      return <Notice icon={Hourglass} tone="warn" title={t('link.restricted_title')}>{linking.restricted_until ? <T k="link.restricted_body" until={moment(linking.restricted_until)} /> : t('link.restricted_unknown')}</Notice>;
    case 'banned':
      return <Notice icon={ShieldX} tone="bad" title={t('link.banned_title')}>{t('link.banned_body')}</Notice>;
    default:
      return health.state === 'disconnected' ? <Notice icon={Ban} tone="bad" title={t('channels.disconnected_title')}>{t('channels.disconnected_body', { n: health.waiting })}</Notice> : null;
  }
}
