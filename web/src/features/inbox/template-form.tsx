import { Paperclip } from 'lucide-react';
import { useId, useRef, useState } from 'react';
import { wordsFor } from '@/api/client';
import { uploadMedia } from '@/api/messages';
import type { Template } from '@/api/types';
import { Button } from '@/components/button';
import { inputClass } from '@/components/field';
import { type Key, t } from '@/i18n';
import { fileName } from '@/lib/format';
import { problemWith } from './attachments';
import { valueName } from './reasons';
import type { Filled } from './template-fill';

export interface HeaderFile { name: string; preview: string | null; mediaId: string | null }
interface Props {
  template: Template; known: Record<string, Filled>; values: Record<string, string>; onChange: (key: string, value: string) => void;
  file: HeaderFile | null; onFile: (file: HeaderFile | null) => void;
}

const categories = new Set(['marketing', 'utility', 'authentication']);
export const categoryName = (category: string) => (categories.has(category) ? t(`template.category_${category}` as Key) : category);

export function TemplateForm({ template, known, values, onChange, file, onFile }: Props) {
  const id = useId();
  const format = template.header?.format;
  return (
    <div className="flex min-w-0 flex-1 flex-col gap-3 overflow-auto p-4 @max-2xl:overflow-visible">
      <div className="flex items-center gap-2"><h3 className="min-w-0 flex-1 truncate text-14 font-semibold"><bdi>{template.title || template.name}</bdi></h3><bdi dir="ltr" className="rounded-full bg-grey-soft px-2 text-12 text-ink-2">{template.language}</bdi></div>
      {(format === 'image' || format === 'video' || format === 'document') && <HeaderField format={format} file={file} onFile={onFile} />}
      {template.variables.map((variable) => {
        const from = values[variable.key] === known[variable.key]?.value ? known[variable.key]?.from : null;
        return (
          <div key={variable.key} className="flex flex-col gap-1">
            <label htmlFor={`${id}-${variable.key}`} className="flex items-baseline gap-2 text-12 text-ink-2">
              {!/^\d+$/.test(variable.label) && <bdi dir="ltr" className="rounded-5 bg-brand-soft px-1.5 text-11 text-brand-ink">{variable.key.split('.').at(-1)}</bdi>}
              <bdi className="font-medium text-ink">{valueName(variable)}</bdi>
              {from && <span className="text-ink-3">· {from === 'contact' ? t('template.from_contact') : t('template.from_lead')}</span>}
            </label>
            <input id={`${id}-${variable.key}`} dir="auto" value={values[variable.key] ?? ''} placeholder={variable.example ?? ''} onChange={(event) => onChange(variable.key, event.target.value)} className={`${inputClass} h-9 text-start max-small:h-11`} />
          </div>
        );
      })}
    </div>
  );
}

function HeaderField({ format, file, onFile }: { format: 'image' | 'video' | 'document'; file: HeaderFile | null; onFile: (file: HeaderFile | null) => void }) {
  const input = useRef<HTMLInputElement>(null);
  const [state, setState] = useState<{ share: number | null; error: string | null }>({ share: null, error: null });
  const take = async (chosen: File | undefined) => {
    if (!chosen) return;
    const problem = problemWith(chosen);
    if (problem) return setState({ share: null, error: problem });
    const next = { name: chosen.name, preview: chosen.type.startsWith('image/') ? URL.createObjectURL(chosen) : null, mediaId: null };
    onFile(next);
    try {
      const media = await uploadMedia(chosen, (share) => setState({ share, error: null }), new AbortController().signal);
      onFile({ ...next, mediaId: media.id });
      setState({ share: null, error: media.problem?.mend ?? null });
    } catch (error) {
      onFile(null);
      setState({ share: null, error: wordsFor(error) });
    }
  };
  return (
    <div className="flex flex-col gap-1">
      <span className="text-12 font-medium">{t('template.header_file')}</span>
      <div className="flex items-center gap-2">
        <input ref={input} type="file" hidden accept={format === 'document' ? undefined : `${format}/*`} onChange={(event) => void take(event.target.files?.[0])} />
        <Button size="small" icon={Paperclip} busy={state.share !== null} onClick={() => input.current?.click()}>{t('template.choose_file')}</Button>
        {file && <bdi className="truncate text-12 text-ink-2">{fileName(file.name)}</bdi>}
      </div>
      {state.error && <p role="alert" className="text-12 text-bad">{state.error}</p>}
    </div>
  );
}
