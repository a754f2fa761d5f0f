import { useMutation, useQueryClient } from '@tanstack/react-query';
import { TriangleAlert, UsersRound } from 'lucide-react';
import { useState } from 'react';
import { wordsFor } from '@/api/client';
import { applyImport, chooseImport, dropImport, type Import, type ImportChoice, importQuery, importsQuery } from '@/api/imports';
import { useMe } from '@/api/session';
import { Ltr } from '@/components/bdi';
import { Button } from '@/components/button';
import { Choice } from '@/components/choice';
import { SelectField, Switch } from '@/components/field';
import { Notice } from '@/components/notice';
import { Card } from '@/components/page';
import { formatNumber, locale, T, t, useLocale } from '@/i18n';
import { date } from '@/lib/format';
import { Excerpt } from './excerpt';
import { Who } from './who';
import { Whose } from './whose';

/** A look at the chat before anything is changed: what it is, who is who, what of it is new. */
export function Preview({ item, onDropped }: { item: Import; onDropped: () => void }) {
  useLocale();
  const client = useQueryClient();
  const put = (next: Import) => client.setQueryData(importQuery(next.id).queryKey, next);
  const choose = useMutation({ mutationFn: (choice: ImportChoice) => chooseImport(item.id, choice), onSuccess: put });
  const apply = useMutation({ mutationFn: () => applyImport(item.id), onSuccess: put });
  const drop = useMutation({
    mutationFn: () => dropImport(item.id),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: importsQuery.queryKey });
      onDropped();
    },
  });
  const error = choose.error ?? apply.error ?? drop.error;
  // Whether the dates were asked about: once answered, the question stays on the screen with its answer.
  const [asked] = useState(item.date_order_guessed);
  const two = item.two_readings;
  const lacks = [...item.missing.map((what) => t(`import.missing_${what}`)), ...(item.date_order_guessed && two ? [t('import.missing_dates')] : [])];
  return (
    <div className="grid max-w-[1180px] grid-cols-[minmax(0,1fr)] items-start gap-4 wide:grid-cols-[minmax(0,480px)_minmax(0,1fr)]">
      <div className="flex flex-col gap-4">
        <Card title={t('import.preview')} className="flex flex-col gap-3">
          <p className="-mt-2 text-13 text-ink-2">{item.file_name && <><bdi className="font-medium">{item.file_name}</bdi> · </>}{t('import.nothing_yet')}</p>
          <dl className="grid grid-cols-2 gap-2">
            <Count label={t('import.messages')} value={formatNumber(item.messages)} />
            <Count label={t('import.new')} value={formatNumber(item.new)} strong />
            <Count label={t('import.there')} value={formatNumber(item.already_there)} />
            <Count label={t('import.files')} value={t('import.files_of', { files: item.files, media: item.media })} />
          </dl>
          <p className="text-13 text-ink-2"><T k="import.span" from={<Ltr>{date(item.first)}</Ltr>} to={<Ltr>{date(item.last)}</Ltr>} /></p>
          {item.warnings.map((warning) => <Notice key={warning.code} icon={TriangleAlert} tone="warn">{t(`import.warning_${warning.code}`, { n: warning.count })}</Notice>)}
        </Card>
        {(asked || item.date_order_guessed) && two && (
          <Card title={t('import.dates')} className="flex flex-col gap-2">
            <p className="-mt-2 mb-1 text-13 text-ink-2"><T k="import.dates_body" text={<Ltr className="font-semibold">{two.text}</Ltr>} /></p>
            {(['dmy', 'mdy'] as const).map((order) => (
              <Choice key={order} type="radio" name="dates" checked={!item.date_order_guessed && item.date_order === order} onChange={() => choose.mutate({ date_order: order })} title={day(two[order])} body={t(order === 'dmy' ? 'import.dates_first' : 'import.dates_month')} />
            ))}
          </Card>
        )}
        <Who item={item} onChoose={(us) => choose.mutate({ us })} />
        <Whose key={item.contact?.id ?? 'none'} item={item} busy={choose.isPending} onChoose={(choice) => choose.mutate(choice)} />
        {item.group && (
          <Notice icon={UsersRound} tone="warn" title={t('import.group')}>
            <p className="mb-2">{t('import.group_body')}</p>
            <Choice type="checkbox" name="group" checked={item.include_group} onChange={(include_group) => choose.mutate({ include_group })} title={t('import.group_agree')} />
          </Notice>
        )}
        <Card className="flex flex-col gap-3">
          <Zone item={item} onChoose={(time_zone) => choose.mutate({ time_zone })} />
          <Switch label={t('import.lead')} hint={t('import.lead_hint')} checked={item.make_lead} onChange={(make_lead) => choose.mutate({ make_lead })} />
        </Card>
      </div>
      <div className="flex flex-col gap-4 wide:sticky wide:top-0">
        <Excerpt item={item} />
        <div className="flex flex-wrap items-center gap-3">
          <Button tone="filled" size="large" busy={apply.isPending || choose.isPending} disabled={!!lacks.length} onClick={() => apply.mutate()}>{t('import.apply', { n: item.new })}</Button>
          <Button size="large" busy={drop.isPending} onClick={() => drop.mutate()}>{t('import.drop_preview')}</Button>
          {!!lacks.length && <p className="min-w-40 flex-1 text-13 text-ink-2">{lacks.join(' ')}</p>}
        </div>
        {error && <p role="alert" className="text-13 text-bad">{wordsFor(error)}</p>}
      </div>
    </div>
  );
}

function Count({ label, value, strong }: { label: string; value: string; strong?: boolean }) {
  return (
    <div className={strong ? 'rounded-10 bg-brand-soft px-3 py-2' : 'rounded-10 bg-sunken px-3 py-2'}>
      <dt className="text-12 text-ink-3">{label}</dt>
      <dd className="tabular text-20 font-semibold">{value}</dd>
    </div>
  );
}

/** A day of the calendar, spelt out so that nobody takes a month for a day. */
function day(of: string): string {
  const format = new Intl.DateTimeFormat(locale() === 'he' ? 'he-IL' : 'en-GB', { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' });
  return format.format(Date.parse(`${of}T12:00:00Z`));
}

const zones = ['Asia/Jerusalem', 'Europe/London', 'Europe/Paris', 'Europe/Moscow', 'America/New_York', 'America/Los_Angeles', 'UTC'];

function Zone({ item, onChoose }: { item: Import; onChoose: (zone: string) => void }) {
  const { workspace } = useMe();
  const all = [...new Set([item.time_zone, workspace.time_zone, ...zones])];
  return <SelectField label={t('import.zone')} hint={t('import.zone_hint')} value={item.time_zone} onChange={onChoose} options={all.map((zone) => ({ value: zone, label: zone.replaceAll('_', ' ') }))} />;
}
