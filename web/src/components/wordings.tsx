import { useQuery } from '@tanstack/react-query';
import { NotebookText, Pencil, Plus } from 'lucide-react';
import { useState } from 'react';
import { wordingsQuery } from '@/api/handoffs';
import type { Wording } from '@/api/types';
import { type Key, t, useLocale } from '@/i18n';
import { useActions } from '@/lib/actions';
import { Button, IconButton } from './button';
import { SearchField } from './field';
import { PopoverButton } from './popover';
import { EmptyState, ErrorState, Skeleton } from './states';
import { WordingEditor } from './wording-editor';

/** `contact.first_name` in words. A field of the server's that has none is shown as it is. */
export function fieldName(field: string): string {
  const key = `wording_field.${field.replaceAll('.', '_')}` as Key;
  const words = t(key);
  return words === key ? field : words;
}

/** Texts that recur: chosen, kept from what is written, mended. */
export function Wordings({ text, onPick }: { text: string; onPick: (wording: Wording) => void }) {
  useLocale();
  const [editing, setEditing] = useState<Partial<Wording> | null>(null);
  useActions([{ id: 'wordings', group: 'here', label: t('wording.title'), icon: NotebookText, code: 'KeyT', keys: 'T', run: () => document.getElementById('wordings-button')?.click() }]);
  return (
    <>
      <PopoverButton
        id="wordings-button" label={t('wording.title')} data-tip={t('wording.title')} data-keys="T" placement="top start" className="inline-flex h-[34px] items-center gap-2 rounded-9 px-2.5 text-13 font-medium text-ink-2 hover:bg-hover hover:text-ink max-small:h-11"
        content={(close) => <List text={text} onPick={(wording) => { close(); onPick(wording); }} onEdit={(wording) => { close(); setEditing(wording); }} />}
      >
        <NotebookText size={18} strokeWidth={1.75} aria-hidden /><span className="max-small:sr-only">{t('wording.title')}</span>
      </PopoverButton>
      {editing && <WordingEditor wording={editing} onClose={() => setEditing(null)} />}
    </>
  );
}

function List({ text, onPick, onEdit }: { text: string; onPick: (wording: Wording) => void; onEdit: (wording: Partial<Wording>) => void }) {
  const { data, error, isPending, refetch } = useQuery(wordingsQuery);
  const [search, setSearch] = useState('');
  const words = search.trim().toLowerCase();
  const found = (data ?? []).filter((one) => !words || `${one.name} ${one.text}`.toLowerCase().includes(words));
  return (
    <div className="flex max-h-[min(26rem,60vh)] w-80 max-w-full flex-col">
      {!!data?.length && <div className="p-2"><SearchField value={search} onChange={setSearch} label={t('wording.search')} autoFocus /></div>}
      <ul className="min-h-0 flex-1 overflow-auto px-1.5">
        {isPending && <li className="p-3"><Skeleton className="h-3 w-40" /></li>}
        {error && !data && <li><ErrorState className="m-1" error={error} retry={() => void refetch()} /></li>}
        {found.map((one) => (
          <li key={one.id} className="group flex items-start gap-1 rounded-9 hover:bg-hover has-focus-visible:bg-hover">
            <button type="button" onClick={() => onPick(one)} className="min-w-0 flex-1 rounded-9 px-2.5 py-1.5 text-start max-small:min-h-11"><span className="block truncate text-13 font-semibold"><bdi>{one.name}</bdi></span><Filled text={one.text} /></button>
            <IconButton icon={Pencil} size="small" iconSize={15} label={t('wording.edit', { name: one.name })} onClick={() => onEdit(one)} className="mt-1 me-1" />
          </li>
        ))}
        {data && !found.length && <li><EmptyState icon={NotebookText} className="p-4!" title={data.length ? t('wording.none_found') : t('wording.empty')}>{!data.length && t('wording.empty_body')}</EmptyState></li>}
      </ul>
      <div className="flex gap-1 border-t border-line p-1.5"><Button tone="ghost" size="small" icon={Plus} onClick={() => onEdit({ text: text.trim() })}>{text.trim() ? t('wording.save_this') : t('wording.new')}</Button></div>
    </div>
  );
}

/** Two lines of a text, its fields by their names. */
function Filled({ text }: { text: string }) {
  return <span dir="auto" className="line-clamp-2 text-12 text-ink-3">{text.replace(/\{\{\s*([\w.]+)\s*\}\}/g, (_, field: string) => `[${fieldName(field)}]`)}</span>;
}
