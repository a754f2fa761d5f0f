import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { FlaskConical } from 'lucide-react';
import { useState } from 'react';
import { capabilitiesQuery, channelsQuery } from '@/api/channels';
import { useCan } from '@/api/session';
import type { Capabilities as Table, Channel, Pair } from '@/api/types';
import { inputClass, SelectField } from '@/components/field';
import { Notice } from '@/components/notice';
import { BackLink, Card, PageBody, PageHeader } from '@/components/page';
import { ErrorState, Skeleton } from '@/components/states';
import { CellIcon } from '@/components/tone';
import { localised, t, useLocale } from '@/i18n';
import { cx } from '@/lib/cx';
import { ProviderTable } from './provider-table';

/** What can this number do? The table that the rules, the refusals and this page are drawn from. */
export function Capabilities() {
  useLocale();
  const manages = useCan('channels.manage');
  const { channel: marked } = useSearch({ strict: false });
  const navigate = useNavigate();
  const { data, error, isPending, refetch } = useQuery(capabilitiesQuery);
  const channels = useQuery(channelsQuery).data?.items ?? [];
  const channel = channels.find((one) => one.id === marked);
  return (
    <>
      <PageHeader title={t('can.title')}>
        {!!channels.length && (
          <label className="flex items-center gap-2 text-13 text-ink-2 max-small:w-full">
            <span className="shrink-0">{t('can.mark')}</span>
            <select value={channel?.id ?? ''} onChange={(event) => void navigate({ to: '/settings/channels/capabilities', search: { channel: event.target.value || undefined }, replace: true })} className={`${inputClass} h-[34px] w-44! max-small:h-11 max-small:w-auto! max-small:flex-1`}>
              <option value="">{t('can.nothing_marked')}</option>
              {channels.map((one) => <option key={one.id} value={one.id}>{one.name}</option>)}
            </select>
          </label>
        )}
        {manages && <BackLink to="/settings/channels">{t('channels.title')}</BackLink>}
      </PageHeader>
      <PageBody>
        {isPending && <Skeleton className="h-96 rounded-12!" />}
        {error && !data && <ErrorState className="m-0" error={error} retry={() => void refetch()} />}
        {data && (
          <div className="flex flex-col gap-4">
            <Card title={t('can.levels')} className="flex flex-col">
              <p className="-mt-3 mb-4 text-13 text-ink-2">{t('can.body')}</p>
              <Wide table={data} channel={channel} />
              <Narrow table={data} channel={channel} />
            </Card>
            <Card title={t('can.providers')} className="flex flex-col gap-1">
              {data.providers.some((one) => !one.verified && one.family !== 'none') && <Notice icon={FlaskConical} tone="info" className="mb-4">{t('wizard.all_unverified')}</Notice>}
              <ProviderTable providers={data.providers.filter((one) => one.family !== 'none')} channel={channel} />
            </Card>
          </div>
        )}
      </PageBody>
    </>
  );
}

interface Column { key: string; pairs: Pair[]; level: string; link: string }

/** Pairs of one link that do not differ are one column. */
function columnsOf(pairs: Pair[]): Column[] {
  const columns: Column[] = [];
  for (const pair of pairs) {
    const same = columns.find(({ pairs: [other] }) => other?.link === pair.link && other.cells.every((cell, i) => cell.code === pair.cells[i]?.code));
    if (same) Object.assign(same, { level: t('can.personal_or_business') }).pairs.push(pair);
    else columns.push({ key: `${pair.level} ${pair.link}`, pairs: [pair], level: t(`level_full.${pair.level}`), link: t(`link.${pair.link}`) });
  }
  return columns;
}
const isOf = (channel: Channel | undefined, pair: Pair) => !!channel && channel.level === pair.level && channel.link === pair.link;

function Wide({ table, channel }: { table: Table; channel: Channel | undefined }) {
  const columns = columnsOf(table.pairs);
  const own = (column: Column) => column.pairs.some((pair) => isOf(channel, pair));
  return (
    <div data-sideways role="region" aria-label={t('can.levels')} tabIndex={0} className="-mx-5 overflow-x-auto focus-inset max-small:hidden">
      <table className="w-full min-w-[860px] border-collapse text-12">
        <thead>
          <tr className="align-bottom [&>th]:px-3 [&>th]:pb-2 [&>th]:text-start">
            <td className="sticky start-0 z-1 w-36 bg-surface" />
            {columns.map((column) => (
              <th key={column.key} scope="col" className={cx('font-normal', own(column) && 'rounded-t-10 bg-brand-soft')}>
                {own(column) && <span className="block pt-2 text-11 font-semibold text-brand-ink">{t('can.this')}</span>}
                <span className="block font-semibold">{column.level}</span><span className="block text-ink-3">{column.link}</span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {table.rows.map(({ row, title, help }) => (
            <tr key={row} className="align-top [&>*]:border-t [&>*]:border-line [&>*]:px-3 [&>*]:py-2">
              <th scope="row" data-tip={localised(help)} className="sticky start-0 z-1 bg-surface ps-5! text-start font-semibold">{localised(title)}</th>
              {columns.map((column) => {
                const cell = column.pairs[0]?.cells.find((one) => one.row === row);
                return (
                  <td key={column.key} className={cx(own(column) && 'bg-brand-soft')}>
                    {cell && <span className="flex items-start gap-1.5"><CellIcon cell={cell} size={14} label={t(`can.${cell.tone}`)} className="mt-0.5" /><span className={cx(cell.tone === 'no' && cell.row !== 'risk' && 'text-ink-2')}>{localised(cell.text)}</span></span>}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** One column at a time on a phone. */
function Narrow({ table, channel }: { table: Table; channel: Channel | undefined }) {
  const columns = columnsOf(table.pairs);
  const start = columns.find(({ pairs }) => pairs.some((pair) => isOf(channel, pair)))?.key;
  const [chosen, setChosen] = useState<string | null>(null);
  const key = chosen ?? start ?? columns[0]?.key ?? '';
  const column = columns.find((one) => one.key === key);
  return (
    <div className="flex flex-col gap-3 small:hidden">
      <SelectField label={t('can.pick')} value={key} onChange={setChosen} options={columns.map((one) => ({ value: one.key, label: `${one.level}, ${one.link}${one.key === start ? ` · ${t('can.this')}` : ''}` }))} />
      {column?.pairs[0] && <AbilityList table={table} pair={column.pairs[0]} help />}
    </div>
  );
}

/** A pair's abilities, one under the other. */
export function AbilityList({ table, pair, help }: { table: Table; pair: Pair; help?: boolean }) {
  return (
    <dl className="flex flex-col">
      {table.rows.map((row) => {
        const cell = pair.cells.find((one) => one.row === row.row);
        return cell && (
          <div key={row.row} className="border-b border-line py-2 text-13 last:border-0">
            <dt className="flex items-center gap-3 font-medium"><CellIcon cell={cell} label={t(`can.${cell.tone}`)} />{localised(row.title)}</dt>
            <dd className="ps-7 text-12 text-ink-2">{localised(cell.text)}{help && <span className="block text-ink-3">{localised(row.help)}</span>}</dd>
          </div>
        );
      })}
    </dl>
  );
}
