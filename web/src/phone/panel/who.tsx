import { ChevronDown, Hash, User, UserPlus } from 'lucide-react';
import { useState } from 'react';
import { Ltr, Phone as PhoneNumber } from '@/components/bdi';
import { Button } from '@/components/button';
import { Face } from '@/components/face';
import { Field, Switch } from '@/components/field';
import { Layer } from '@/components/layer';
import { MenuButton } from '@/components/menu';
import { t, useLocale } from '@/i18n';
import { cx } from '@/lib/cx';
import { phone as phoneText } from '@/lib/format';
import { p } from '../i18n';
import { api } from '../model/api';
import { errorWords } from '../model/errors';
import { changeChat, putPerson, usePersons } from '../model/queries';
import type { Business, Person } from '../model/types';
import { Part } from './part';

const numberOf = (person: Person) => (person.hidden || !person.phone ? (person.username ? `\u2066@${person.username}\u2069` : p('who.hidden')) : phoneText(person.phone));

export function WhoPart({ person, business, onPerson }: { person: Person; business: Business | undefined; onPerson: (person: Person) => void }) {
  useLocale();
  const persons = usePersons().data ?? [];
  const [layer, setLayer] = useState<'new' | 'number' | null>(null);
  const [error, setError] = useState<string | null>(null);
  const blocked = !!business && person.blocked.includes(business.id);
  const stopped = !!business && person.marketing_stopped.includes(business.id);

  const run = async (show: Person, send: () => Promise<Person | void>) => {
    setError(null);
    putPerson(show);
    try {
      const answer = await send();
      if (answer) putPerson(answer);
    } catch (problem) {
      putPerson(person);
      setError(errorWords(problem));
    }
  };
  const change = (part: Parameters<typeof api.changePerson>[1]) => void run({ ...person, ...part }, () => api.changePerson(person.id, part));
  const toggled = (list: string[], on: boolean) => (on ? [...list, business!.id] : list.filter((id) => id !== business!.id));
  const block = (on: boolean) => void run({ ...person, blocked: toggled(person.blocked, on) }, async () => {
    await api.block(person.id, business!.id, on);
    changeChat(person.id, business!.id, { blocked: on });
  });
  const stop = (on: boolean) => void run({ ...person, marketing_stopped: toggled(person.marketing_stopped, on) }, async () => {
    await api.marketing(person.id, business!.id, on);
    changeChat(person.id, business!.id, { marketing_stopped: on });
  });

  return (
    <Part
      icon={User} title={p('who.title')} hint={p('who.hint')}
      aside={<button type="button" onClick={() => setLayer('number')} className="inline-flex h-6 items-center gap-1 rounded-7 px-1 text-12 font-medium text-brand-ink hover:underline max-small:h-11"><Hash size={12} aria-hidden />{p('number.open')}</button>}
    >
      <div className="flex items-stretch gap-2">
        <MenuButton
          label={p('who.choose')} aria-label={undefined} className="flex min-w-0 flex-1 items-center gap-2.5 rounded-10 border border-control bg-surface py-1.5 ps-2.5 pe-2.5 hover:border-ink-3"
          groups={[{ entries: persons.map((other) => ({ id: other.id, label: other.name, hint: [numberOf(other), ...flags(other)].join(' · '), lead: <Face id={other.id} name={other.name} size={28} />, selected: other.id === person.id, onAction: () => onPerson(other) })) }]}
        >
          <span className="sr-only">{p('who.choose')}</span>
          <Face id={person.id} name={person.name} size={30} />
          <span className="min-w-0 flex-1 leading-tight">
            <span dir="auto" className="by-layout block truncate text-14 font-medium">{person.name}</span>{' '}
            {person.hidden || !person.phone ? <Ltr className="text-12 text-ink-2">{numberOf(person)}</Ltr> : <PhoneNumber value={person.phone} className="text-12 text-ink-2" />}
          </span>
          <ChevronDown size={16} aria-hidden className="shrink-0 text-ink-2" />
        </MenuButton>
        <Button icon={UserPlus} className="h-auto rounded-10" onClick={() => setLayer('new')}>{p('who.new')}</Button>
      </div>
      <div role="group" aria-label={p('who.flags')} className="flex flex-wrap gap-1.5">
        <Chip on={person.hidden} onChange={(on) => change({ hidden: on })}>{p('flag.hidden')}</Chip>
        {business && <Chip on={blocked} onChange={block}>{p('flag.blocked')}</Chip>}
        {business && <Chip on={stopped} onChange={stop}>{p('flag.stopped')}</Chip>}
        <Chip on={person.phone_off} onChange={(on) => change({ phone_off: on })}>{p('flag.off')}</Chip>
        <Chip on={!person.read_receipts} onChange={(on) => change({ read_receipts: !on })}>{p('flag.no_receipts')}</Chip>
        <Chip on={person.auto_read} onChange={(on) => change({ auto_read: on })}>{p('flag.auto_read')}</Chip>
        <Chip on={!person.on_whatsapp} onChange={(on) => change({ on_whatsapp: !on })}>{p('flag.absent')}</Chip>
      </div>
      {error && <p role="alert" className="text-12 text-bad">{error}</p>}
      {layer === 'new' && <NewPerson onClose={() => setLayer(null)} onMade={onPerson} />}
      {layer === 'number' && <ChangeNumber person={person} onClose={() => setLayer(null)} />}
    </Part>
  );
}

function flags(person: Person): string[] {
  return [person.phone_off && p('flag.off'), !person.on_whatsapp && p('flag.absent'), person.blocked.length > 0 && p('flag.blocked'), person.marketing_stopped.length > 0 && p('flag.stopped')].filter((words) => words !== false);
}

function Chip({ on, onChange, children }: { on: boolean; onChange: (on: boolean) => void; children: string }) {
  return (
    <button
      type="button" aria-pressed={on} onClick={() => onChange(!on)}
      className={cx('inline-flex h-6 items-center gap-1.5 rounded-full px-2.5 text-12 whitespace-nowrap max-small:h-9', on ? 'bg-warn-soft font-semibold text-warn' : 'bg-grey-soft text-ink-2 hover:text-ink')}
    >
      {on && <span aria-hidden className="size-1.5 rounded-full bg-current" />}{children}
    </button>
  );
}

function NewPerson({ onClose, onMade }: { onClose: () => void; onMade: (person: Person) => void }) {
  useLocale();
  const [name, setName] = useState('');
  const [number, setNumber] = useState('');
  const [hidden, setHidden] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const make = async () => {
    try {
      const digits = digitsOf(number);
      const person = await api.createPerson({ name: name.trim(), ...(digits ? { phone: digits } : {}), hidden });
      putPerson(person);
      onMade(person);
      onClose();
    } catch (problem) {
      setError(errorWords(problem));
    }
  };
  return (
    <Layer title={p('who.new')} onClose={onClose}>
      <form className="flex flex-col gap-4 p-5" onSubmit={(event) => { event.preventDefault(); if (name.trim()) void make(); }}>
        <Field label={p('new.name')} value={name} onChange={(event) => setName(event.target.value)} autoFocus required autoComplete="off" />
        <Field label={p('new.phone')} hint={p('new.phone_hint')} code inputMode="tel" value={number} onChange={(event) => setNumber(event.target.value)} autoComplete="off" />
        <Switch label={p('flag.hidden')} hint={p('new.hidden_hint')} checked={hidden} onChange={setHidden} />
        {error && <p role="alert" className="text-13 text-bad">{error}</p>}
        <div className="flex justify-end gap-2"><Button onClick={onClose}>{t('action.cancel')}</Button><Button tone="filled" type="submit">{p('new.make')}</Button></div>
      </form>
    </Layer>
  );
}

/** As people write numbers here: a leading zero is Israel's. */
function digitsOf(text: string): string {
  const digits = text.replace(/\D/g, '');
  return digits.startsWith('0') ? `972${digits.slice(1)}` : digits;
}

function ChangeNumber({ person, onClose }: { person: Person; onClose: () => void }) {
  useLocale();
  const [number, setNumber] = useState('');
  const [error, setError] = useState<string | null>(null);
  const change = async () => {
    try {
      putPerson(await api.changeNumber(person.id, digitsOf(number)));
      onClose();
    } catch (problem) {
      setError(errorWords(problem));
    }
  };
  return (
    <Layer title={p('number.title', { name: person.name })} onClose={onClose}>
      <form className="flex flex-col gap-4 p-5" onSubmit={(event) => { event.preventDefault(); if (digitsOf(number)) void change(); }}>
        <p className="text-13 text-ink-2">{p('number.body')}</p>
        <Field label={p('number.field')} code inputMode="tel" value={number} onChange={(event) => setNumber(event.target.value)} placeholder="050-000-0033" autoFocus required autoComplete="off" />
        {error && <p role="alert" className="text-13 text-bad">{error}</p>}
        <div className="flex justify-end gap-2"><Button onClick={onClose}>{t('action.cancel')}</Button><Button tone="filled" type="submit">{p('number.do')}</Button></div>
      </form>
    </Layer>
  );
}
