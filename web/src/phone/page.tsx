import { ExternalLink, Moon, Settings2, SlidersHorizontal, Smartphone, Sun, SunMoon } from 'lucide-react';
import { useEffect, useState, useSyncExternalStore } from 'react';
import { Ltr } from '@/components/bdi';
import { Button } from '@/components/button';
import { Face } from '@/components/face';
import { Layer } from '@/components/layer';
import { Mark } from '@/components/mark';
import { MenuButton } from '@/components/menu';
import { ErrorState } from '@/components/states';
import { Tips } from '@/components/tip';
import { t, useLocale } from '@/i18n';
import { useNow } from '@/lib/clock';
import { cx } from '@/lib/cx';
import { time } from '@/lib/format';
import { setPrefs, usePrefs } from '@/lib/prefs';
import { Handset } from './handset/handset';
import { changePhoneLocale, p, spoken } from './i18n';
import { useLive } from './model/live';
import { findPerson, useBusinesses, useClock, usePersons, useWorld } from './model/queries';
import type { Business, Person } from './model/types';
import { Panel } from './panel/panel';
import { readUrl, writeUrl, type Open } from './url';

const MOST = 4;

export function Page() {
  useLocale();
  const lost = useLive();
  useClock();
  const persons = usePersons();
  const businesses = useBusinesses();
  useEffect(() => {
    document.title = p('page.title');
  });
  if (!persons.data || !businesses.data) {
    const error = persons.error ?? businesses.error;
    return (
      <main className="grid h-full place-items-center">
        {error ? <ErrorState error={error} title={p('page.no_sandbox')} retry={() => { void persons.refetch(); void businesses.refetch(); }} /> : <Mark size={44} connecting />}
      </main>
    );
  }
  return <Phones persons={persons.data} businesses={businesses.data} lost={lost} />;
}

function Phones({ persons, businesses, lost }: { persons: Person[]; businesses: Business[]; lost: boolean }) {
  useLocale();
  const narrow = useNarrow();
  const [open, setOpen] = useState<Open[]>(() => start(persons, businesses));
  const [activeKey, setActiveKey] = useState(open[0]?.key ?? 0);
  const [sheet, setSheet] = useState(false);
  // After a reset a person may be gone: then the first one takes the phone.
  const shown = open.flatMap((item) => {
    const person = persons.find((other) => other.id === item.person) ?? persons[0];
    return person ? [{ ...item, person }] : [];
  });
  const active = shown.find((item) => item.key === activeKey) ?? shown[0];
  useEffect(() => writeUrl(open, persons), [open, persons]);
  if (!active) return <main className="grid h-full place-items-center"><p>{p('page.nobody')}</p></main>;

  const change = (key: number, part: Partial<Open>) => setOpen((all) => all.map((item) => (item.key === key ? { ...item, ...part } : item)));
  const add = () => {
    const free = persons.find((person) => person.on_whatsapp && !open.some((item) => item.person === person.id)) ?? persons[0];
    if (!free || open.length >= MOST) return;
    const key = Math.max(...open.map((item) => item.key)) + 1;
    setOpen([...open, { key, person: free.id, business: businesses[0]?.id ?? null }]);
    setActiveKey(key);
  };
  const close = (key: number) => {
    setOpen((all) => all.filter((item) => item.key !== key));
    setSheet(false);
  };
  const business = businesses.find((item) => item.id === active.business) ?? (businesses.length === 1 ? businesses[0] : undefined);
  const panel = <Panel titled={!narrow} person={active.person} business={business} lost={lost} onPerson={(person) => { change(active.key, { person: person.id }); setSheet(false); }} />;
  const several = shown.length > 1;
  const handset = (item: (typeof shown)[number]) => (
    <Handset
      key={item.key} person={item.person} business={item.business} active={item.key === active.key} framed={!narrow} several={several}
      onActivate={() => setActiveKey(item.key)} onBusiness={(number) => change(item.key, { business: number })} onClose={() => close(item.key)}
    />
  );

  if (narrow) {
    return (
      <>
        <main className="flex h-dvh flex-col">
          <h1 className="sr-only">{p('page.title')}</h1>
          <NarrowBar
            phones={shown.map((item) => ({ key: item.key, person: item.person }))} active={active.key} onPick={setActiveKey} onPanel={() => setSheet(true)}
          />
          {handset(active)}
        </main>
        {sheet && (
          <Layer title={p('panel.title')} kind="drawer" onClose={() => setSheet(false)}>
            <div className="flex flex-wrap items-center gap-2 border-b border-line px-5 py-3">
              {open.length < MOST && <Button icon={Smartphone} onClick={() => { add(); setSheet(false); }}>{p('page.another')}</Button>}
              {several && <Button onClick={() => close(active.key)}>{p('phone.close_this')}</Button>}
              <Inbox /><Settings />
            </div>
            {panel}
          </Layer>
        )}
        <Tips />
      </>
    );
  }
  return (
    <div className="flex h-dvh flex-col">
      <header className="flex h-14 shrink-0 items-center gap-3 border-b border-line bg-surface px-5">
        <Mark size={26} />
        <h1 className="truncate text-14 font-semibold">{p('page.title')}</h1>
        <span className="inline-flex h-[22px] min-w-0 items-center rounded-full bg-bad-soft px-2.5 text-12 font-medium text-bad"><span className="truncate">{p('page.demo')}</span></span>
        <div className="ms-auto flex items-center gap-2">
          {open.length < MOST && <Button icon={Smartphone} onClick={add}>{p('page.another')}</Button>}
          <Inbox />
          <Settings />
        </div>
      </header>
      <main className="flex min-h-0 flex-1 justify-center gap-9 px-6">
        <div role="group" aria-label={p('page.phones')} className="-mx-4 flex min-w-0 gap-9 overflow-x-auto overflow-y-auto px-7 py-6">{shown.map(handset)}</div>
        <aside aria-label={p('panel.title')} className="my-6 w-[30rem] max-w-[42vw] min-w-80 shrink-0 overflow-y-auto rounded-12 border border-line bg-surface shadow-e1 medium:shrink">{panel}</aside>
      </main>
      <Tips />
    </div>
  );
}

/** From the address, else the first person who can write, with the first business. */
function start(persons: Person[], businesses: Business[]): Open[] {
  const first = businesses[0]?.id ?? null;
  const named = readUrl().flatMap(({ person, business }, key) => {
    const found = findPerson(persons, person);
    return found ? [{ key, person: found.id, business: business === 'list' ? null : (businesses.find((item) => item.id === business)?.id ?? first) }] : [];
  });
  if (named.length) return named;
  const somebody = persons.find((person) => person.on_whatsapp && !person.phone_off) ?? persons[0];
  return somebody ? [{ key: 0, person: somebody.id, business: first }] : [];
}

function NarrowBar({ phones, active, onPick, onPanel }: { phones: { key: number; person: Person }[]; active: number; onPick: (key: number) => void; onPanel: () => void }) {
  useLocale();
  const at = useNow();
  return (
    <div className="flex h-11 shrink-0 items-center gap-2 border-b border-line bg-sunken ps-3 pe-1">
      <Ltr className="text-13 font-semibold">{at ? time(at) : ''}</Ltr>
      <span className="inline-flex h-[22px] min-w-0 items-center rounded-full bg-bad-soft px-2 text-12 font-medium text-bad"><span className="truncate">{t('demo.pill')}</span></span>
      <div role="group" aria-label={p('page.phones')} className="ms-auto flex">
        {phones.length > 1 && phones.map(({ key, person }) => (
          <button key={key} type="button" aria-pressed={key === active} aria-label={spoken('phone.of', { name: person.name })} onClick={() => onPick(key)} className="grid size-11 place-items-center">
            <Face id={person.id} name={person.name} size={28} className={cx(key === active && 'ring-2 ring-brand ring-offset-1 ring-offset-sunken')} />
          </button>
        ))}
      </div>
      <Button size="small" tone="ghost" icon={SlidersHorizontal} onClick={onPanel}>{p('panel.title')}</Button>
    </div>
  );
}

/** The address of the server is where the webhooks of the app go. */
function Inbox() {
  useLocale();
  const callback = useWorld().data?.apps.find((app) => app.callback_url && /^https?:\/\/[^/]+\/webhooks\/meta(\/|$)/.test(app.callback_url))?.callback_url;
  if (!callback) return null;
  return (
    <a href={new URL('/', callback).href} target="kesher" rel="noreferrer" className="inline-flex h-[34px] shrink-0 items-center gap-2 rounded-9 border border-line-2 bg-surface px-3 text-13 font-semibold whitespace-nowrap hover:bg-hover max-small:min-h-11">
      <ExternalLink size={16} strokeWidth={1.75} aria-hidden />{p('page.inbox')}
    </a>
  );
}

function Settings() {
  useLocale();
  const { theme, locale } = usePrefs();
  return (
    <MenuButton
      label={p('page.settings')} data-tip={p('page.settings')} placement="bottom end" className="grid size-[34px] shrink-0 place-items-center rounded-9 border border-line-2 bg-surface text-ink-2 hover:bg-hover max-small:size-11"
      groups={[
        { title: t('user.language'), entries: [{ id: 'he', label: 'עברית', selected: locale === 'he', onAction: () => void changePhoneLocale('he') }, { id: 'en', label: 'English', selected: locale === 'en', onAction: () => void changePhoneLocale('en') }] },
        {
          title: t('user.theme'), entries: [
            { id: 'system', label: t('user.theme_system'), icon: SunMoon, selected: theme === 'system', onAction: () => setPrefs({ theme: 'system' }) },
            { id: 'light', label: t('user.theme_light'), icon: Sun, selected: theme === 'light', onAction: () => setPrefs({ theme: 'light' }) },
            { id: 'dark', label: t('user.theme_dark'), icon: Moon, selected: theme === 'dark', onAction: () => setPrefs({ theme: 'dark' }) },
          ],
        },
      ]}
    >
      <Settings2 size={16} strokeWidth={1.75} aria-hidden />
    </MenuButton>
  );
}

const media = typeof matchMedia === 'function' ? matchMedia('(max-width: 719px)') : null;
function useNarrow(): boolean {
  return useSyncExternalStore(
    (listener) => {
      media?.addEventListener('change', listener);
      return () => media?.removeEventListener('change', listener);
    },
    () => !!media?.matches,
  );
}
