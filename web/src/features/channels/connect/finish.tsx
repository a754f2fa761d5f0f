import { Link } from '@tanstack/react-router';
import { ArrowLeft, CircleCheck, PenLine } from 'lucide-react';
import { useState } from 'react';
import type { Channel } from '@/api/types';
import { Button, buttonClass } from '@/components/button';
import { Card } from '@/components/page';
import { t } from '@/i18n';
import { InlineChecker } from '../checker';
import { Linking } from '../linking';

export function LinkStep({ channel, onNext }: { channel: Channel; onNext: () => void }) {
  const [linked, setLinked] = useState(channel.linking?.state === 'linked');
  return (
    <Card title={t('linking.title', { name: channel.name })}>
      <div className="flex flex-col gap-5">
        <Linking channel={channel} onLinked={() => setLinked(true)} />
        <div className="flex flex-wrap gap-2 border-t border-line pt-4">
          {linked ? <Button tone="filled" onClick={onNext}>{t('wizard.check_next')}</Button> : <Link to="/settings/channels" className={buttonClass('ghost')}>{t('wizard.skip_link')}</Link>}
        </div>
      </div>
    </Card>
  );
}

export function CheckStep({ channel }: { channel: Channel }) {
  return (
    <Card title={t('check.title', { name: channel.name })}>
      <div className="flex flex-col gap-5">
        <InlineChecker channel={channel} />
        <div className="flex flex-wrap gap-2 border-t border-line pt-4">
          <Link to="/settings/channels" className={buttonClass('filled')}>{t('wizard.done')}<ArrowLeft size={16} aria-hidden className="rotate-180 rtl:rotate-0" /></Link>
          <Link to="/settings/channels/$channelId" params={{ channelId: channel.id }} className={buttonClass('ghost')}>{t('channels.open')}</Link>
        </div>
      </div>
    </Card>
  );
}

/** A number without a link works from the first moment: what is left is to write. */
export function Ready({ channel }: { channel: Channel }) {
  return (
    <div className="flex flex-col items-center gap-3 rounded-12 border border-line bg-surface px-6 py-12 text-center shadow-e1">
      <CircleCheck size={44} strokeWidth={1.5} aria-hidden className="text-ok" />
      <h2 className="text-20 font-semibold">{t('wizard.done_title', { name: channel.name })}</h2>
      <p className="max-w-md text-13 text-balance text-ink-2">{t('wizard.done_hand')}</p>
      <div className="flex flex-wrap justify-center gap-2 pt-2">
        <Link to="/leads" className={buttonClass('filled')}><PenLine size={16} strokeWidth={1.75} aria-hidden />{t('wizard.first_message')}</Link>
        <Link to="/settings/channels/$channelId" params={{ channelId: channel.id }} className={buttonClass('ghost')}>{t('channels.open')}</Link>
      </div>
    </div>
  );
}
