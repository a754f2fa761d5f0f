import { type FormEvent, useState } from 'react';
import { wordsFor } from '@/api/client';
import type { Channel } from '@/api/types';
import { Button } from '@/components/button';
import { CopyField } from '@/components/copy-field';
import { AreaField, SelectField, Switch } from '@/components/field';
import { Card } from '@/components/page';
import { toast } from '@/components/toast';
import { t } from '@/i18n';
import { useChannelChange } from './access';

const periods = [1, 4, 12, 24, 72, 168];
const periodWords = (hours: number) => (hours % 24 === 0 ? t('detail.days', { n: hours / 24 }) : t('detail.hours', { n: hours }));

/** Sent by Kesher where it can; where it cannot, the text is kept here and set in the app by a person; else the reason why not. */
export function InstantReply({ channel }: { channel: Channel }) {
  const ability = channel.abilities?.instant_reply ?? 'none';
  if (ability === 'none') return <Card title={t('detail.reply')}><p className="text-13 text-ink-2">{channel.level === 'business_app' ? t('detail.reply_two_way') : t('detail.reply_none')}</p></Card>;
  return <Form channel={channel} inApp={ability === 'set_in_app'} />;
}

function Form({ channel, inApp }: { channel: Channel; inApp: boolean }) {
  const saved = channel.instant_reply ?? { enabled: false, text: '', period_hours: 24, in_app: inApp };
  const [enabled, setEnabled] = useState(saved.enabled);
  const [text, setText] = useState(saved.text);
  const [period, setPeriod] = useState(saved.period_hours);
  const save = useChannelChange(channel, () => toast(t('profile.saved')));
  const changed = enabled !== saved.enabled || text !== saved.text || period !== saved.period_hours;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate({ instant_reply: { enabled, text: text.trim(), period_hours: period } });
  };
  const options = [...new Set([...periods, saved.period_hours])].sort((a, b) => a - b).map((hours) => ({ value: String(hours), label: periodWords(hours) }));
  return (
    <Card title={t('detail.reply')}>
      <form onSubmit={submit} className="flex flex-col gap-4">
        {inApp ? (
          <div className="flex flex-col gap-2 rounded-10 bg-brand-soft p-3.5 text-13">
            <p>{t('detail.reply_app')}</p>
            <ol className="list-decimal ps-5 text-12">{([1, 2, 3] as const).map((i) => <li key={i}>{t(`detail.reply_app_${i}`)}</li>)}</ol>
          </div>
        ) : <Switch label={t('detail.reply_on')} hint={channel.link === 'api' || channel.link === 'coexistence' ? t('detail.reply_window') : t('detail.reply_sent')} checked={enabled} onChange={setEnabled} />}
        <AreaField label={t('detail.reply_text')} value={text} onChange={setText} rows={3} maxLength={1024} required={enabled} hint={t('detail.reply_hint')} error={save.error && wordsFor(save.error)} />
        {!inApp && <SelectField label={t('detail.reply_period')} value={String(period)} onChange={(value) => setPeriod(Number(value))} options={options} className="max-w-64" />}
        <div><Button type="submit" tone="soft" busy={save.isPending} disabled={!changed}>{t('action.save')}</Button></div>
        {inApp && saved.text && <CopyField words label={t('detail.reply_copy')} value={saved.text} />}
      </form>
    </Card>
  );
}
