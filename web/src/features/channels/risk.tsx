import type { Channel, Risk as RiskOf } from '@/api/types';
import { Ltr } from '@/components/bdi';
import { type Key, t, T } from '@/i18n';
import { cx } from '@/lib/cx';
import { date } from '@/lib/format';

const place = { low: 0, raised: 1, high: 2 } as const;
const arcs = ['stroke-ok', 'stroke-warn-solid', 'stroke-bad-solid'];

/** Half a dial, low at the inline start, and a sentence with the causes, what we did, and what helps. */
export function Risk({ channel, whole }: { channel: Channel; whole?: boolean }) {
  const { risk } = channel;
  if (!risk) return null;
  const causes = risk.signals.map(({ code, value }) => words(`risk.${code}`, Number(value))).filter(Boolean);
  const slowed = risk.slowed && risk.level !== 'low' ? t(`risk.slowed_${risk.level}`) : '';
  const mends = risk.level === 'low' ? [] : risk.signals.map(({ code }) => words(`risk.mend_${code}`)).filter(Boolean);
  return (
    <section aria-label={t(`risk.title_${risk.level}`)} className="flex items-start gap-3.5">
      <Dial level={risk.level} />
      <div className="min-w-0 flex-1 text-12 text-ink-2">
        <p className="text-13 font-semibold text-ink">{t(`risk.title_${risk.level}`)}</p>
        <p>{causes.length ? `${sentence(causes)} ${slowed}` : t('risk.calm')}</p>
        {(whole ? mends : mends.slice(0, 1)).map((mend) => <p key={mend} className="text-ink-3">{mend}</p>)}
        {whole && risk.accepted_at && <p className="pt-1 text-ink-3"><T k="risk.accepted" name={risk.accepted_by ?? ''} date={<Ltr>{date(risk.accepted_at)}</Ltr>} /></p>}
      </div>
    </section>
  );
}

/** Words of a code of the server's; a code that has none is left out. */
function words(key: string, n = 0): string {
  const said = t(key as Key, { n });
  return said === key ? '' : said;
}

function sentence(parts: string[]): string {
  const joined = parts.join(' · ');
  return `${joined.charAt(0).toUpperCase()}${joined.slice(1)}.`;
}

function Dial({ level }: { level: RiskOf['level'] }) {
  const at = place[level];
  const angle = -60 + at * 60;
  const point = (degrees: number, r: number) => [32 + r * Math.sin((degrees * Math.PI) / 180), 30 - r * Math.cos((degrees * Math.PI) / 180)] as const;
  return (
    <svg width="64" height="36" viewBox="0 0 64 36" aria-hidden className="mirror mt-0.5 shrink-0">
      {arcs.map((colour, i) => {
        const [x1, y1] = point(-88 + i * 60, 26);
        const [x2, y2] = point(-34 + i * 60, 26);
        return <path key={colour} d={`M${x1} ${y1}A26 26 0 0 1 ${x2} ${y2}`} fill="none" strokeWidth="6" className={cx(colour, i !== at && 'opacity-30')} />;
      })}
      <line x1="32" y1="30" x2={point(angle, 18)[0]} y2={point(angle, 18)[1]} strokeWidth="2.5" strokeLinecap="round" className="stroke-ink" />
      <circle cx="32" cy="30" r="4" className="fill-ink" />
    </svg>
  );
}
