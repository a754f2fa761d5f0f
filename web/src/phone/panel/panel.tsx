import { RotateCcw } from 'lucide-react';
import { useState } from 'react';
import { Button } from '@/components/button';
import { Layer } from '@/components/layer';
import { t, useLocale } from '@/i18n';
import { cx } from '@/lib/cx';
import { p } from '../i18n';
import { api } from '../model/api';
import { errorWords } from '../model/errors';
import { queryClient, useBusinesses } from '../model/queries';
import type { Business, Person } from '../model/types';
import { ActivityPart } from './activity';
import { ClockPart } from './clock';
import { FaultsPart } from './faults';
import { WhoPart } from './who';

export interface PanelProps { titled: boolean; person: Person; business: Business | undefined; lost: boolean; onPerson: (person: Person) => void }

/** What a person cannot do on a phone: be someone else, wind the clock, break things, see what went over the wire. */
export function Panel({ titled, person, business, lost, onPerson }: PanelProps) {
  useLocale();
  const [resetting, setResetting] = useState(false);
  return (
    <div className="flex min-h-full flex-col">
      <div className="flex flex-wrap items-center justify-between gap-2 border-b border-line px-5 py-2.5">
        {titled && <h2 className="text-16 font-semibold">{p('panel.title')}</h2>}
        <div className={cx('flex items-center gap-2', !titled && 'flex-1 justify-between')}>
          <Link lost={lost} />
          <Button size="small" icon={RotateCcw} onClick={() => setResetting(true)}>{p('reset.open')}</Button>
        </div>
      </div>
      <WhoPart person={person} business={business} onPerson={onPerson} />
      <ClockPart person={person} business={business} />
      <FaultsPart />
      <ActivityPart />
      {resetting && <Reset onClose={() => setResetting(false)} />}
    </div>
  );
}

function Link({ lost }: { lost: boolean }) {
  const businesses = useBusinesses().data ?? [];
  const connected = businesses.some((business) => business.connected === false) ? false : businesses.some((business) => business.connected) || null;
  const [words, tone] = lost
    ? [p('link.lost'), 'bg-bad-soft text-bad']
    : connected === false ? [p('link.silent'), 'bg-bad-soft text-bad'] : connected ? [p('link.connected'), 'bg-ok-soft text-ok'] : [p('link.unknown'), 'bg-grey-soft text-ink-2'];
  return <p role="status" className={cx('inline-flex h-[22px] items-center gap-1.5 rounded-full px-2.5 text-12 font-medium', tone)}><span aria-hidden className="size-1.5 rounded-full bg-current" />{words}</p>;
}

function Reset({ onClose }: { onClose: () => void }) {
  useLocale();
  const [world, setWorld] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const reset = async () => {
    setBusy(true);
    try {
      const before = (await api.clock()).now;
      await api.reset(!world);
      // The business's clock only goes forward; a sandbox that fell behind it would write messages from the past.
      if (!world && Date.parse((await api.clock()).now) < Date.parse(before)) await api.wind({ set: before });
      await queryClient.invalidateQueries();
      onClose();
    } catch (problem) {
      setError(errorWords(problem));
      setBusy(false);
    }
  };
  return (
    <Layer
      title={p('reset.title')} onClose={onClose}
      footer={<><Button onClick={onClose}>{t('action.cancel')}</Button><Button tone="danger" busy={busy} onClick={() => void reset()}>{p('reset.do')}</Button></>}
    >
      <div className="flex flex-col gap-3 p-5 text-14">
        <p>{p('reset.body')}</p>
        <p className="text-13 text-ink-2">{p('reset.stays')}</p>
        <label htmlFor="reset-world" className="flex items-start gap-2.5 rounded-10 bg-sunken p-3 text-13">
          <input id="reset-world" type="checkbox" aria-label={p('reset.world')} checked={world} onChange={(event) => setWorld(event.target.checked)} className="mt-0.5 size-4 accent-(--brand)" />
          <span><span className="block font-medium">{p('reset.world')}</span><span className="block text-12 text-ink-2">{p('reset.world_hint')}</span></span>
        </label>
        {error && <p role="alert" className="text-13 text-bad">{error}</p>}
      </div>
    </Layer>
  );
}
