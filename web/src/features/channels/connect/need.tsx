import { Building2, Smartphone, Store } from 'lucide-react';
import type { AbilityRow, Capabilities, Cell, Level, Localised, Pair } from '@/api/types';
import { Button } from '@/components/button';
import { Choice } from '@/components/choice';
import { Pill } from '@/components/pill';
import { CellIcon } from '@/components/tone';
import { localised, t } from '@/i18n';
import { cx } from '@/lib/cx';
import type { ConnectSearch } from './connect';

const levels = [['personal_app', Smartphone], ['business_app', Store], ['business_api', Building2]] as const;
const wants = ['write', 'instant_reply', 'mailing', 'triggered', 'replies', 'bot', 'many_agents'] as const satisfies AbilityRow[];
type Want = (typeof wants)[number];

interface Props { capabilities: Capabilities; search: ConnectSearch; onChange: (search: ConnectSearch) => void; onChoose: (pair: Pair) => void }

/** Two questions, and beneath them the ways that answer both, with what each of them lacks. */
export function Need({ capabilities, search, onChange, onChoose }: Props) {
  const { level } = search;
  const wanted = wants.filter((want) => search.want?.split(',').includes(want));
  const change = (to: { level?: Level; wanted?: Want[] }) => onChange({ level: to.level ?? level, want: (to.wanted ?? wanted).join(',') || undefined });
  const misses = (pair: Pair) => wanted.filter((want) => cellOf(pair, want)?.tone === 'no');
  const best = (pairs: Pair[]) => pairs.toSorted((a, b) => misses(a).length - misses(b).length || partly(a) - partly(b));
  const partly = (pair: Pair) => wanted.filter((want) => cellOf(pair, want)?.tone === 'limited').length;
  const own = best(capabilities.pairs.filter((pair) => pair.level === level));
  const whole = own.some((pair) => !misses(pair).length);
  const others = level && (whole || !wanted.length) ? [] : best(capabilities.pairs.filter((pair) => pair.level !== level)).filter((pair) => !level || misses(pair).length < misses(own[0] ?? pair).length);
  const titles = Object.fromEntries(capabilities.rows.map(({ row, title }) => [row, title]));
  const shown = !!level || !!wanted.length;
  return (
    <>
      <fieldset className="flex flex-col gap-3">
        <legend className="pb-3 text-16 font-semibold">{t('wizard.have')}</legend>
        <div className="grid gap-3 small:grid-cols-3">
          {levels.map(([value, Icon]) => <Choice key={value} type="radio" name="level" aside={<Icon size={18} strokeWidth={1.75} aria-hidden className="shrink-0 text-ink-2" />} checked={level === value} onChange={() => change({ level: value })} title={t(`wizard.have_${value}`)} body={t(`wizard.have_${value}_body`)} />)}
        </div>
      </fieldset>
      <fieldset className="flex flex-col gap-3">
        <legend className="pb-3"><span className="text-16 font-semibold">{t('wizard.want')}</span> <span className="ps-1 text-13 text-ink-3">{t('wizard.want_hint')}</span></legend>
        <div className="grid gap-2 small:grid-cols-2 medium:grid-cols-3">
          {wants.map((want) => <Choice key={want} type="checkbox" name={want} checked={wanted.includes(want)} onChange={(on) => change({ wanted: on ? [...wanted, want] : wanted.filter((other) => other !== want) })} title={t(`wizard.want_${want}`)} />)}
        </div>
      </fieldset>
      <section aria-labelledby="ways" aria-live="polite" className="flex flex-col gap-3">
        <h2 id="ways" className="text-16 font-semibold">{t('wizard.ways')}</h2>
        {!shown && <p className="rounded-12 border border-dashed border-line-2 p-5 text-center text-13 text-ink-3">{t('wizard.ways_first')}</p>}
        {!!own.length && <><p className="text-13 text-ink-2">{t('wizard.ways_hint')}</p><Ways titles={titles} pairs={own} wanted={wanted} misses={misses} onChoose={onChoose} first /></>}
        {shown && !!others.length && <>{level && <h3 className="pt-2 text-14 font-semibold">{t('wizard.other_ways')}</h3>}<Ways titles={titles} pairs={others} wanted={wanted} misses={misses} onChoose={onChoose} first={!own.length} other /></>}
      </section>
    </>
  );
}

const cellOf = (pair: Pair, row: AbilityRow): Cell | undefined => pair.cells.find((cell) => cell.row === row);
const usual: AbilityRow[] = ['write', 'mailing', 'replies'];

function Ways({ pairs, titles, wanted, misses, onChoose, first, other }: { pairs: Pair[]; titles: Partial<Record<AbilityRow, Localised>>; wanted: Want[]; misses: (pair: Pair) => Want[]; onChoose: (pair: Pair) => void; first?: boolean; other?: boolean }) {
  return (
    <ul className="grid gap-3 small:grid-cols-2 medium:grid-cols-3">
      {pairs.map((pair, i) => {
        const missing = misses(pair).length;
        const best = !!first && i === 0 && (!!wanted.length || pairs.length === 1) && !missing;
        const rows: AbilityRow[] = [...new Set([...(wanted.length ? wanted : usual), 'pace' as const, 'risk' as const])];
        return (
          <li key={`${pair.level} ${pair.link}`} className={cx('flex flex-col gap-3 rounded-12 border bg-surface p-4 shadow-e1', best ? 'border-brand' : 'border-line-2')}>
            <div className="flex flex-col items-start gap-1.5">
              <h3 className="text-14 font-semibold">{localised(pair.title)}</h3>
              {!!wanted.length && <Pill tone={missing ? 'grey' : 'ok'} small>{missing ? t('wizard.misses', { n: missing }) : t('wizard.fits')}</Pill>}
            </div>
            {other && <p className="text-12 text-warn">{t('wizard.needs_level', { level: t(`level_full.${pair.level}`) })}</p>}
            <dl className="flex flex-col gap-1.5">
              {rows.map((row) => {
                const cell = cellOf(pair, row);
                return cell && (
                  <div key={row} className="relative ps-6 text-12">
                    <dt className="inline text-ink-3"><CellIcon cell={cell} size={15} label={t(`can.${cell.tone}`)} className="absolute start-0 top-px" />{localised(titles[row])}: </dt>
                    <dd className="inline">{localised(cell.text)}</dd>
                  </div>
                );
              })}
            </dl>
            <Button tone={best ? 'filled' : 'plain'} className="mt-auto" aria-label={`${t('wizard.choose')}: ${localised(pair.title)}`} onClick={() => onChoose(pair)}>{t('wizard.choose')}</Button>
          </li>
        );
      })}
    </ul>
  );
}
