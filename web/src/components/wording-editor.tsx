import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Trash2 } from 'lucide-react';
import { type FormEvent, useRef, useState } from 'react';
import { ApiProblem, wordsFor } from '@/api/client';
import { createWording, deleteWording, updateWording, wordingsQuery } from '@/api/handoffs';
import type { Wording } from '@/api/types';
import { t } from '@/i18n';
import { Button } from './button';
import { AreaField, Field } from './field';
import { Layer } from './layer';
import { toast } from './toast';
import { fieldName } from './wordings';

const fields = ['contact.first_name', 'contact.name', 'contact.phone', 'lead.title', 'user.name', 'business.name'];

export function WordingEditor({ wording, onClose }: { wording: Partial<Wording>; onClose: () => void }) {
  const client = useQueryClient();
  const [name, setName] = useState(wording.name ?? '');
  const [text, setText] = useState(wording.text ?? '');
  const form = useRef<HTMLFormElement>(null);
  const again = () => client.invalidateQueries(wordingsQuery);
  const save = useMutation({
    mutationFn: () => (wording.id ? updateWording(wording.id, { name: name.trim(), text: text.trim() }) : createWording({ name: name.trim(), text: text.trim() })),
    onSuccess: () => { void again(); onClose(); },
  });
  const remove = useMutation({
    mutationFn: (id: string) => deleteWording(id),
    onSuccess: () => {
      void again();
      toast(t('wording.deleted', { name }), () => void createWording({ name: wording.name ?? name, text: wording.text ?? text }).then(again));
      onClose();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  const insert = (field: string) => {
    const area = form.current?.querySelector('textarea');
    const at = area?.selectionStart ?? text.length;
    const put = `{{${field}}}`;
    setText(text.slice(0, at) + put + text.slice(area?.selectionEnd ?? at));
    setTimeout(() => { area?.focus(); area?.setSelectionRange(at + put.length, at + put.length); }, 0);
  };
  const at = save.error instanceof ApiProblem ? save.error.problem.field : null;
  const error = save.error ?? remove.error;
  return (
    <Layer title={wording.id ? t('wording.edit_title') : t('wording.new')} onClose={onClose}>
      <form ref={form} onSubmit={submit} className="flex flex-col gap-4 p-5">
        {error && at !== 'name' && at !== 'text' && <p role="alert" className="rounded-9 bg-bad-soft px-3 py-2 text-13 text-bad">{wordsFor(error)}</p>}
        <Field label={t('wording.name')} value={name} onChange={(event) => setName(event.target.value)} required maxLength={60} autoFocus error={at === 'name' ? wordsFor(error) : null} />
        <AreaField label={t('wording.text')} value={text} onChange={setText} rows={5} required maxLength={4096} error={at === 'text' ? wordsFor(error) : null} />
        <div className="flex flex-col gap-1.5">
          <span className="text-12 text-ink-2">{t('wording.fields')}</span>
          <div className="flex flex-wrap gap-1.5">{fields.map((field) => <button key={field} type="button" onClick={() => insert(field)} className="h-7 rounded-full bg-brand-soft px-2.5 text-12 font-medium text-brand-ink hover:brightness-97 max-small:h-9 dark:hover:brightness-110">{fieldName(field)}</button>)}</div>
        </div>
        <div className="flex flex-wrap justify-end gap-2">
          {wording.id && <Button tone="ghost" icon={Trash2} busy={remove.isPending} onClick={() => wording.id && remove.mutate(wording.id)} className="me-auto text-bad!">{t('wording.delete')}</Button>}
          <Button tone="ghost" onClick={onClose}>{t('action.cancel')}</Button>
          <Button type="submit" tone="filled" busy={save.isPending}>{t('action.save')}</Button>
        </div>
      </form>
    </Layer>
  );
}
