import { FlaskConical, Info } from 'lucide-react';
import type { Pair, ProviderCan, ProviderInfo } from '@/api/types';
import { Button } from '@/components/button';
import { Notice } from '@/components/notice';
import { Pill } from '@/components/pill';
import { ToneIcon } from '@/components/tone';
import { localised, t } from '@/i18n';
import { BackRow } from './parts';

export const abilities: ProviderCan[] = ['templates', 'buttons', 'lists', 'reactions', 'mark_read', 'typing', 'reports_replies', 'reports_own_messages', 'echoes_our_id'];
const families = ['official', 'unofficial'] as const;

/** Through whom: what each of them can, and that none has been tried against the live service. */
export function Providers({ pair, providers, onChoose, onBack }: { pair: Pair; providers: ProviderInfo[]; onChoose: (provider: string) => void; onBack: () => void }) {
  // What no provider of this list can do is no difference between them.
  const shown = abilities.filter((ability) => providers.some((one) => one.can[ability]));
  return (
    <>
      <BackRow words={t('wizard.chosen_way', { way: localised(pair.title) })} onBack={onBack} />
      <h2 className="text-16 font-semibold">{t('wizard.provider')}</h2>
      {providers.every((one) => !one.verified) && <Notice icon={FlaskConical} tone="info">{t('wizard.all_unverified')}</Notice>}
      {pair.link === 'coexistence' && <Notice icon={Info} tone="calm">{t('wizard.coexistence')}</Notice>}
      {families.map((family) => {
        const own = providers.filter((one) => one.family === family);
        return !!own.length && (
          <section key={family} aria-label={t(`wizard.family_${family}`)} className="flex flex-col gap-3">
            <p className="flex flex-wrap items-center gap-2 text-13 text-ink-2"><Pill tone={family === 'official' ? 'ok' : 'warn'}>{t(`wizard.family_${family}`)}</Pill>{t(`wizard.family_${family}_hint`)}</p>
            <ul className="grid gap-3 small:grid-cols-2">
              {own.map((one) => (
                <li key={one.provider} className="flex flex-col gap-3 rounded-12 border border-line-2 bg-surface p-4 shadow-e1">
                  <div><h3 className="text-14 font-semibold"><bdi>{one.name}</bdi></h3><p className="text-12 text-ink-2">{localised(one.note)}</p></div>
                  {one.available !== false && <ul className="grid grid-cols-2 gap-x-3 gap-y-1">
                    {shown.map((ability) => (
                      <li key={ability} className={`flex items-start gap-1.5 text-12 ${one.can[ability] ? '' : 'text-ink-3'}`}><ToneIcon tone={one.can[ability] ? 'yes' : 'no'} size={14} label={t(one.can[ability] ? 'can.yes' : 'can.no')} className="mt-0.5" />{t(`can_do.${ability}`)}</li>
                    ))}
                  </ul>}
                  {one.available === false ? <p className="mt-auto text-12 text-warn">{t('wizard.not_available')}</p> : <Button className="mt-auto" aria-label={`${t('wizard.choose')}: ${one.name}`} onClick={() => onChoose(one.provider)}>{t('wizard.choose')}</Button>}
                </li>
              ))}
            </ul>
          </section>
        );
      })}
    </>
  );
}
