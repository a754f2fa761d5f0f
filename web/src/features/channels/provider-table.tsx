import { useState } from 'react';
import type { Channel, ProviderInfo } from '@/api/types';
import { SelectField } from '@/components/field';
import { Pill } from '@/components/pill';
import { ToneIcon } from '@/components/tone';
import { localised, t } from '@/i18n';
import { cx } from '@/lib/cx';
import { abilities } from './connect/providers';

const Mark = ({ on }: { on: boolean }) => <ToneIcon tone={on ? 'yes' : 'no'} label={t(on ? 'can.yes' : 'can.no')} />;
const Family = ({ provider }: { provider: ProviderInfo }) => <Pill small tone={provider.family === 'official' ? 'ok' : 'warn'}>{t(provider.family === 'official' ? 'wizard.family_official' : 'wizard.family_unofficial')}</Pill>;

export function ProviderTable({ providers, channel }: { providers: ProviderInfo[]; channel: Channel | undefined }) {
  const [chosen, setChosen] = useState<string | null>(null);
  const key = chosen ?? channel?.provider ?? '';
  const one = providers.find(({ provider }) => provider === key) ?? providers[0];
  return (
    <>
      <div data-sideways role="region" aria-label={t('can.providers')} tabIndex={0} className="-mx-5 overflow-x-auto focus-inset max-small:hidden">
        <table className="w-full min-w-[860px] border-collapse text-12">
          <thead>
            <tr className="align-bottom text-ink-2 [&>th]:px-2 [&>th]:pb-2 [&>th]:text-start [&>th]:font-medium">
              <th scope="col" className="sticky start-0 z-1 bg-surface ps-5!">{t('can.provider')}</th>
              {abilities.map((ability) => <th key={ability} scope="col" className="max-w-24">{t(`can_do.${ability}`)}</th>)}
            </tr>
          </thead>
          <tbody>
            {providers.map((provider) => (
              <tr key={provider.provider} className={cx('[&>*]:border-t [&>*]:border-line [&>*]:px-2 [&>*]:py-2', provider.provider === channel?.provider && '[&>*]:bg-brand-soft')}>
                <th scope="row" className="sticky start-0 z-1 bg-surface ps-5! text-start">
                  <span className="flex items-center gap-2 font-semibold"><bdi>{provider.name}</bdi><Family provider={provider} />{provider.provider === channel?.provider && <span className="text-11 text-brand-ink">{t('can.this')}</span>}</span>
                  <span className="block font-normal text-ink-3">{provider.available === false ? t('wizard.not_available') : localised(provider.note)}</span>
                </th>
                {abilities.map((ability) => <td key={ability}><Mark on={!!provider.can[ability]} /></td>)}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <div className="flex flex-col gap-3 small:hidden">
        {one && (
          <>
            <SelectField label={t('can.pick_provider')} value={one.provider} onChange={setChosen} options={providers.map(({ provider, name }) => ({ value: provider, label: name }))} />
            <p className="flex flex-wrap items-center gap-2 text-12 text-ink-2"><Family provider={one} />{localised(one.note)}</p>
            <ul className="flex flex-col">
              {abilities.map((ability) => <li key={ability} className="flex items-center gap-3 border-b border-line py-2 text-13 last:border-0"><Mark on={!!one.can[ability]} />{t(`can_do.${ability}`)}</li>)}
            </ul>
          </>
        )}
      </div>
    </>
  );
}
