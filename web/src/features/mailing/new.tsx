import { useQuery } from '@tanstack/react-query';
import { useSearch } from '@tanstack/react-router';
import { Radio } from 'lucide-react';
import { useEffect, useState } from 'react';
import { allRecipients, campaignQuery } from '@/api/campaigns';
import { capabilitiesQuery, channelsQuery } from '@/api/channels';
import { useCan } from '@/api/session';
import type { Channel, NewCampaign } from '@/api/types';
import { AreaField, Field } from '@/components/field';
import { BackLink, Card, PageBody, PageHeader } from '@/components/page';
import { Refused } from '@/components/refused';
import { EmptyState, ErrorState, Skeleton } from '@/components/states';
import { Segmented } from '@/components/tabs';
import { Wordings } from '@/components/wordings';
import { t, useLocale } from '@/i18n';
import { From } from './from';
import { Plan } from './plan';
import { ContactPicker } from './contact-picker';

/** From whom, what, to whom; and beside it, before anything leaves, what will happen. */
export function NewMailing() {
  useLocale();
  const may = useCan('campaigns.manage');
  const { from } = useSearch({ strict: false });
  const channels = useQuery({ ...channelsQuery, enabled: may });
  const table = useQuery({ ...capabilitiesQuery, enabled: may });
  const old = useQuery({ ...campaignQuery(from ?? ''), enabled: may && !!from, refetchInterval: false });
  const rest = useQuery({ queryKey: ['campaigns', from, 'rest'], queryFn: () => allRecipients(from ?? '', 'cancelled'), enabled: may && !!from });
  if (!may) return <Refused title={t('mailing.title')}>{t('mailing.no_right')}</Refused>;
  const error = channels.error ?? table.error ?? (from ? old.error ?? rest.error : null);
  const ready = channels.data && table.data && (!from || (old.data && rest.data));
  const way = (channel: Channel) => table.data?.pairs.find((pair) => pair.level === channel.level && pair.link === channel.link)?.purposes.mailing ?? 'refused';
  const able = (channels.data?.items ?? []).filter((channel) => way(channel) === 'sends' && channel.linking?.state !== 'banned');
  return (
    <>
      <PageHeader title={t('mailing.new')}><BackLink to="/campaigns">{t('mailing.title')}</BackLink></PageHeader>
      <PageBody>
        {error && !ready && <ErrorState className="m-0" error={error} retry={() => { void channels.refetch(); void table.refetch(); }} />}
        {!error && !ready && <Skeleton className="h-72 rounded-12!" />}
        {ready && (able.length
          ? <Form able={able} others={(channels.data?.items ?? []).filter((channel) => !able.includes(channel)).map((channel) => ({ channel, way: way(channel) }))} start={{ name: old.data ? t('mailing.copy_name', { name: old.data.name }) : '', text: old.data?.text ?? '', channel: old.data?.channel_id, contacts: rest.data?.map(({ contact }) => contact.id) ?? [] }} />
          : <EmptyState icon={Radio} className="py-16" title={t('mailing.from_none')}>{t('mailing.from_none_body')}</EmptyState>)}
      </PageBody>
    </>
  );
}

interface Start { name: string; text: string; channel: string | undefined; contacts: string[] }

function Form({ able, others, start }: { able: Channel[]; others: Parameters<typeof From>[0]['others']; start: Start }) {
  const [channelId, setChannelId] = useState((able.find(({ id }) => id === start.channel) ?? (able.length === 1 ? able[0] : undefined))?.id ?? '');
  const [name, setName] = useState(start.name);
  const [text, setText] = useState(start.text);
  const [by, setBy] = useState<'paste' | 'choose'>(start.contacts.length ? 'choose' : 'paste');
  const [pasted, setPasted] = useState('');
  const [chosen, setChosen] = useState<ReadonlySet<string>>(() => new Set(start.contacts));
  useWarning(!!(text.trim() || pasted.trim()));
  const lines = pasted.split('\n').filter((line) => line.trim()).length;
  const channel = able.find(({ id }) => id === channelId);
  const body: NewCampaign | null = channel && text.trim() && (lines || chosen.size) ? { channel_id: channel.id, name: name.trim(), text: text.trim(), to: { ...(chosen.size ? { contact_ids: [...chosen] } : {}), ...(lines ? { pasted } : {}) } } : null;
  return (
    <div className="grid max-w-[1180px] grid-cols-[minmax(0,1fr)] items-start gap-4 wide:grid-cols-[minmax(0,726px)_minmax(0,430px)]">
      <div className="flex flex-col gap-4">
        <Card title={t('mailing.step_from')}><From able={able} others={others} value={channelId} onChange={setChannelId} /></Card>
        <Card title={t('mailing.step_text')}>
          <div className="flex flex-col gap-4">
            <Field label={t('mailing.name')} value={name} onChange={(event) => setName(event.target.value)} maxLength={80} hint={t('mailing.name_hint')} />
            <AreaField label={t('mailing.text')} value={text} onChange={setText} rows={5} maxLength={4096} hint={t('mailing.text_hint')} aside={<Wordings text={text} onPick={(wording) => setText(wording.text)} />} />
            <p className="text-12 text-ink-3">{t('mailing.law')}</p>
          </div>
        </Card>
        <Card title={t('mailing.step_to')}>
          <div className="flex flex-col gap-4">
            <Segmented label={t('mailing.step_to')} value={by} onChange={setBy} tabs={[{ value: 'paste', label: t('mailing.to_paste') }, { value: 'choose', label: t('mailing.to_choose') }]} className="self-start max-small:self-stretch" />
            {by === 'paste'
              ? <AreaField label={t('mailing.pasted')} value={pasted} onChange={setPasted} rows={8} spellCheck={false} dir="ltr" placeholder={t('mailing.pasted_example')} hint={t('mailing.pasted_hint', { n: lines })} className="[&_textarea]:font-mono [&_textarea]:text-12 rtl:[&_textarea]:text-right" />
              : <ContactPicker chosen={chosen} onChange={setChosen} />}
          </div>
        </Card>
      </div>
      <div className="wide:sticky wide:top-0"><Plan body={body} channel={channel} /></div>
    </div>
  );
}

/** A list that was pasted is not lost by a slip: the browser asks. */
function useWarning(on: boolean) {
  useEffect(() => {
    if (!on) return;
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener('beforeunload', warn);
    return () => window.removeEventListener('beforeunload', warn);
  }, [on]);
}
