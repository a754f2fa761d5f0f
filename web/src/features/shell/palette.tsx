import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Search } from 'lucide-react';
import { type KeyboardEvent, type ReactNode, useEffect, useId, useMemo, useRef, useState } from 'react';
import { api } from '@/api/client';
import type { Conversation, List } from '@/api/types';
import { Face } from '@/components/face';
import { Kbd } from '@/components/kbd';
import { Layer } from '@/components/layer';
import { t, useLocale } from '@/i18n';
import { type Action, allActions } from '@/lib/actions';
import { cx } from '@/lib/cx';
import { phone } from '@/lib/format';
import { useDebounced } from '@/lib/use-debounced';

interface Entry { id: string; group: 'here' | 'people' | 'go' | 'do'; label: string; hint?: string; icon: ReactNode; keys?: string; run: () => void }
const order = ['here', 'people', 'go', 'do'] as const;

export default function Palette({ onClose }: { onClose: () => void }) {
  useLocale();
  const navigate = useNavigate();
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const list = useRef<HTMLDivElement>(null);
  const id = useId();
  const search = useDebounced(text.trim(), 180);
  const people = useQuery({
    queryKey: ['palette', search],
    queryFn: ({ signal }) => api.get<List<Conversation>>('/conversations', { view: 'all', search, limit: 6 }, signal),
    enabled: search.length > 1,
    placeholderData: (previous) => previous,
  });
  const actions = useMemo(() => allActions().filter((action) => !action.hidden), []);
  const entries = useMemo(() => {
    const words = text.trim().toLowerCase();
    const found = actions.filter((action) => action.label.toLowerCase().includes(words)).map((action) => entryOf(action));
    const conversations: Entry[] = (words.length > 1 ? people.data?.items ?? [] : []).map((c) => ({
      id: c.id, group: 'people', label: /^\+\d/.test(c.contact.display_name) ? phone(c.contact.display_name) : c.contact.display_name, hint: c.last_message?.text,
      icon: <Face id={c.contact.id} name={c.contact.display_name} size={28} />,
      run: () => void navigate({ to: '/inbox/{-$conversationId}', params: { conversationId: c.id } }),
    }));
    const all = [...found, ...conversations];
    return order.flatMap((group) => all.filter((entry) => entry.group === group));
  }, [actions, people.data, text, navigate]);
  useEffect(() => {
    list.current?.querySelector('[aria-selected=true]')?.scrollIntoView({ block: 'nearest' });
  }, [at]);
  const run = (entry: Entry | undefined) => {
    if (!entry) return;
    onClose();
    // Once the layer has given the focus back.
    setTimeout(entry.run, 30);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step) setAt((i) => (i + step + entries.length) % Math.max(1, entries.length));
    else if (event.key === 'Enter') run(entries[at]);
    else return;
    event.preventDefault();
  };
  return (
    <Layer title={t('palette.title')} kind="palette" bare onClose={onClose}>
      <div className="flex items-center gap-3 border-b border-line px-5">
        <Search size={20} strokeWidth={1.75} aria-hidden className="text-brand" />
        <input
          autoFocus dir="auto" role="combobox" aria-expanded="true" aria-controls={id} aria-activedescendant={entries[at] ? `${id}-${at}` : undefined} aria-label={t('palette.search')}
          placeholder={t('palette.search')} value={text} onChange={(event) => { setText(event.target.value); setAt(0); }} onKeyDown={onKeyDown} className="h-14 flex-1 bg-transparent text-start text-16 focus-visible:outline-none"
        />
        <Kbd>Esc</Kbd>
      </div>
      <div id={id} ref={list} role="listbox" aria-label={t('palette.title')} className="min-h-0 flex-1 overflow-auto p-2">
        {entries.map((entry, i) => (
          <div key={`${entry.group}-${entry.id}`}>
            {entries[i - 1]?.group !== entry.group && <div aria-hidden className="px-3 pt-3 pb-1 text-12 text-ink-3">{t(`palette.${entry.group}`)}</div>}
            <div
              id={`${id}-${i}`} role="option" aria-selected={i === at} tabIndex={-1} onPointerMove={() => setAt(i)} onClick={() => run(entry)} onKeyDown={onKeyDown}
              className={cx('flex min-h-11 items-center gap-3 rounded-10 px-3', i === at && 'bg-brand-soft text-brand-ink')}
            >
              {entry.icon}
              <span className={cx('truncate text-14', i === at && 'font-semibold')}><bdi>{entry.label}</bdi></span>
              {entry.hint && <span className="min-w-0 flex-1 truncate text-13 text-ink-3"><bdi>{entry.hint}</bdi></span>}
              {entry.keys && <span dir="ltr" className="ms-auto flex gap-1">{entry.keys.split(' ').map((key) => <Kbd key={key}>{key}</Kbd>)}</span>}
            </div>
          </div>
        ))}
        {!entries.length && <p className="p-6 text-center text-13 text-ink-2">{t('palette.nothing', { search: text })}</p>}
      </div>
      <footer className="flex items-center gap-4 border-t border-line bg-sunken px-4 py-2.5 text-12 text-ink-3 max-small:hidden">
        <span className="flex items-center gap-1.5"><Kbd>↑</Kbd><Kbd>↓</Kbd>{t('palette.move')}</span>
        <span className="flex items-center gap-1.5"><Kbd>↵</Kbd>{t('palette.open')}</span>
        <span className="ms-auto">{t('palette.hint')}</span>
      </footer>
    </Layer>
  );
}

function entryOf(action: Action): Entry {
  const Icon = action.icon;
  return {
    id: action.id, group: action.group, label: action.label, hint: action.hint, keys: action.keys, run: action.run,
    icon: <span className="grid size-7 shrink-0 place-items-center rounded-7 border border-line bg-surface text-ink-2"><Icon size={16} strokeWidth={1.75} aria-hidden className={action.mirror ? 'mirror' : undefined} /></span>,
  };
}
