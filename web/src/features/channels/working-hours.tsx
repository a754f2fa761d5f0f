import { type FormEvent, useState } from 'react';
import { wordsFor } from '@/api/client';
import type { Channel, Hours } from '@/api/types';
import { Button } from '@/components/button';
import { Field } from '@/components/field';
import { Card } from '@/components/page';
import { toast } from '@/components/toast';
import { t } from '@/i18n';
import { useChannelChange } from './access';

export function WorkingHours({ channel, hours }: { channel: Channel; hours: Hours }) {
  const [from, setFrom] = useState(hours.from);
  const [to, setTo] = useState(hours.to === '24:00' ? '23:59' : hours.to);
  const changed = from !== hours.from || (to !== hours.to && !(to === '23:59' && hours.to === '24:00'));
  const save = useChannelChange(channel, () => toast(t('profile.saved')));
  const wrong = from >= to;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!wrong) save.mutate({ working_hours: { from, to } });
  };
  return (
    <Card title={t('detail.working')}>
      <form onSubmit={submit} className="flex flex-col gap-4">
        <p className="text-13 text-ink-2">{t('detail.working_body')}</p>
        <div className="grid max-w-80 grid-cols-2 gap-3">
          <Field label={t('detail.from')} type="time" code required value={from} onChange={(event) => setFrom(event.target.value)} />
          <Field label={t('detail.to')} type="time" code required value={to} onChange={(event) => setTo(event.target.value)} />
        </div>
        {(wrong || save.error) && <p role="alert" className="text-12 text-bad">{wrong ? t('detail.working_wrong') : wordsFor(save.error)}</p>}
        <div><Button type="submit" tone="soft" busy={save.isPending} disabled={wrong || !changed}>{t('action.save')}</Button></div>
      </form>
    </Card>
  );
}
