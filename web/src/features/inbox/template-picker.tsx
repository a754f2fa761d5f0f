import { useQuery, useQueryClient } from '@tanstack/react-query';
import { ArrowLeft, Ban, LayoutTemplate, SendHorizontal, ShieldCheck, X } from 'lucide-react';
import { type KeyboardEvent, useEffect, useId, useMemo, useRef, useState } from 'react';
import { templatesQuery } from '@/api/channels';
import { usePipeline } from '@/api/leads';
import { decisionQuery } from '@/api/messages';
import type { Conversation, SendContent, Template } from '@/api/types';
import { Button } from '@/components/button';
import { SearchField } from '@/components/field';
import { Kbd } from '@/components/kbd';
import { EmptyState, ErrorState, Skeleton } from '@/components/states';
import { t, useLocale } from '@/i18n';
import { cx } from '@/lib/cx';
import { directionOf } from '@/lib/direction';
import { windowOf } from '@/lib/window';
import { now } from '@/lib/clock';
import { enqueue } from '@/live/outbox';
import { DecisionLine } from './decision-line';
import { templateWords, valueName } from './reasons';
import { fill } from './template-fill';
import { categoryName, TemplateForm, type HeaderFile } from './template-form';
import { TemplatePreview } from './template-preview';

interface Props { conversation: Conversation; search: string; onClose: () => void }

/** Grows up from the composer: a list with reasons, fields filled from what is known, the message as it will be seen. */
export default function TemplatePicker({ conversation, search: initial, onClose }: Props) {
  useLocale();
  const client = useQueryClient();
  const pipeline = usePipeline(conversation.lead?.pipeline_id);
  const { data, error, isPending, refetch } = useQuery(templatesQuery(conversation.channel.id));
  const [search, setSearch] = useState(initial);
  const [chosenId, setChosenId] = useState<string | null>(null);
  const [opened, setOpened] = useState(false);
  const [values, setValues] = useState<Record<string, string>>({});
  const [file, setFile] = useState<HeaderFile | null>(null);
  const list = useRef<HTMLDivElement>(null);
  const id = useId();
  const found = useMemo(() => {
    const words = search.trim().toLowerCase();
    return (data?.items ?? []).filter((item) => !words || `${item.title} ${item.name} ${item.body}`.toLowerCase().includes(words)).toSorted((a, b) => Number(b.sendable) - Number(a.sendable));
  }, [data, search]);
  const chosen = found.find((item) => item.id === chosenId) ?? found.find((item) => item.sendable) ?? null;
  const known = useMemo(() => Object.fromEntries((chosen?.variables ?? []).map((variable) => [variable.key, fill(variable, conversation, pipeline, chosen?.body)])), [chosen, conversation, pipeline]);
  const all = Object.fromEntries((chosen?.variables ?? []).map((variable) => [variable.key, values[`${chosen?.id} ${variable.key}`] ?? known[variable.key]?.value ?? '']));
  const missing = (chosen?.variables ?? []).filter((variable) => !all[variable.key]?.trim());
  const needsFile = !!chosen?.header && ['image', 'video', 'document'].includes(chosen.header.format);
  const content: SendContent | null = chosen && { kind: 'template', template_id: chosen.id, variables: chosen.variables.map(({ key }) => ({ key, value: all[key] ?? '' })), ...(needsFile && file?.mediaId ? { header_media_id: file.mediaId } : {}) };
  // The answer depends on the template, not on its words: asked once a template.
  const asked: SendContent = { kind: 'template', template_id: chosen?.id ?? '', variables: (chosen?.variables ?? []).map(({ key, example }) => ({ key, value: example ?? '–' })), ...(needsFile && file?.mediaId ? { header_media_id: file.mediaId } : {}) };
  const { data: decision } = useQuery({ ...decisionQuery(conversation.id, windowOf(conversation.window, now()).kind, asked), enabled: !!chosen?.sendable && (!needsFile || !!file?.mediaId) });
  const ready = !!content && !!chosen?.sendable && !missing.length && decision?.verdict !== 'refused' && (!needsFile || !!file?.mediaId);
  useEffect(() => {
    list.current?.querySelector('[aria-selected=true]')?.scrollIntoView({ block: 'nearest' });
  }, [chosen]);
  useEffect(() => setFile(null), [chosen?.id]);

  const send = () => {
    if (!ready || !content || !chosen) return;
    void enqueue(client, conversation.id, { content }, rendered(chosen, all));
    onClose();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape') onClose();
    else if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) send();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const onListKey = (event: KeyboardEvent) => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step) {
      const next = found[(found.findIndex((item) => item === chosen) + step + found.length) % found.length];
      if (next) setChosenId(next.id);
    } else if (event.key === 'Enter' && !event.ctrlKey && !event.metaKey) setOpened(true);
    else return;
    event.preventDefault();
  };
  const pick = (template: Template) => {
    setChosenId(template.id);
    setOpened(true);
  };
  return (
    <section aria-label={t('composer.choose_template')} onKeyDown={onKeyDown} className="animate-rise @container flex h-[min(420px,60vh)] flex-col overflow-hidden rounded-12 border-2 border-brand bg-surface">
      <div className="flex min-h-0 flex-1">
        <div className={cx('flex w-52 shrink-0 flex-col border-e border-line @max-2xl:w-full', opened && '@max-2xl:hidden')}>
          <div className="p-2"><SearchField value={search} onChange={setSearch} label={t('template.search')} autoFocus onKeyDown={onListKey} /></div>
          <div ref={list} role="listbox" aria-label={t('template.list')} tabIndex={0} onKeyDown={onListKey} className="min-h-0 flex-1 overflow-auto px-2 pb-2 focus-inset">
            {isPending && Array.from({ length: 4 }, (_, i) => <Skeleton key={i} className="my-3 h-3 w-4/5" />)}
            {error && <ErrorState error={error} retry={() => void refetch()} className="m-0" />}
            {found.map((template) => (
              <div
                key={template.id} id={`${id}-${template.id}`} role="option" aria-selected={template === chosen} aria-disabled={!template.sendable} tabIndex={-1} onClick={() => pick(template)} onKeyDown={onListKey}
                className={cx('rounded-9 px-2.5 py-1.5', template === chosen ? 'bg-brand-soft' : 'hover:bg-hover')}
              >
                <p className={cx('flex items-center gap-1.5 text-13 font-semibold', !template.sendable ? 'text-ink-3' : template === chosen && 'text-brand-ink')}><span className="min-w-0 flex-1 truncate"><bdi>{template.title || template.name}</bdi></span>{!template.sendable && <Ban size={13} aria-hidden />}</p>
                <p className="line-clamp-2 text-12 text-ink-3">{template.sendable ? <>{categoryName(template.category)} · <bdi dir="ltr">{template.language}</bdi></> : <span dir={directionOf(templateWords(template))}>{templateWords(template)}</span>}</p>
              </div>
            ))}
            {data && !found.length && <EmptyState icon={LayoutTemplate} className="p-4!" title={data.items.length ? t('template.none_found') : t('template.empty')}>{!data.items.length && t('template.empty_body')}</EmptyState>}
          </div>
          <p className="flex items-center gap-1.5 border-t border-line px-3 py-2 text-11 text-ink-3 max-small:hidden"><Kbd>↑</Kbd><Kbd>↓</Kbd>{t('template.move')}<Kbd>Tab</Kbd>{t('template.fill')}</p>
        </div>
        <div className={cx('flex min-w-0 flex-1 @max-2xl:flex-col @max-2xl:overflow-auto', !opened && '@max-2xl:hidden')}>
          {chosen ? (
            <>
              <TemplateForm key={chosen.id} template={chosen} known={known} values={all} onChange={(key, value) => setValues({ ...values, [`${chosen.id} ${key}`]: value })} file={file} onFile={setFile} />
              <div className="w-64 shrink-0 overflow-auto border-s border-line bg-thread p-4 @max-2xl:w-full @max-2xl:border-s-0 @max-2xl:border-t"><TemplatePreview template={chosen} values={all} file={file} /></div>
            </>
          ) : <EmptyState className="flex-1" icon={LayoutTemplate} title={t('template.choose')} />}
        </div>
      </div>
      <footer className="flex min-h-13 items-center gap-2 border-t border-line bg-sunken px-2 py-1.5">
        {opened && <span className="hidden @max-2xl:contents"><Button tone="ghost" icon={ArrowLeft} mirror onClick={() => setOpened(false)}>{t('action.back')}</Button></span>}
        <Button tone="ghost" icon={X} onClick={onClose} className={cx(opened && '@max-2xl:hidden')}>{t('action.close')} <span className="max-small:hidden"><Kbd>Esc</Kbd></span></Button>
        <div className="min-w-0 flex-1 text-12 text-ink-2">
          {chosen && !chosen.sendable ? <p dir={directionOf(templateWords(chosen))} className="truncate text-bad">{templateWords(chosen)}</p>
            : missing.length ? <p className="truncate">{t('template.missing', { names: missing.map(valueName).join(', ') })}</p>
            : decision?.verdict === 'now' ? <p className="flex items-center gap-1.5 max-small:hidden"><ShieldCheck size={15} aria-hidden className="text-ok" />{t('template.allowed')}</p>
            : decision && <DecisionLine decision={decision} conversation={conversation} note={false} />}
        </div>
        <Button tone="filled" icon={SendHorizontal} mirror disabled={!ready} onClick={send}>{t('template.send')}<span className="max-small:hidden"><bdi dir="ltr" className="text-11 font-medium opacity-80">Ctrl ↵</bdi></span></Button>
      </footer>
    </section>
  );
}

function rendered(template: Template, values: Record<string, string>): string {
  return template.body.replace(/\{\{\s*(\w+)\s*\}\}/g, (_, name: string) => values[`body.${name}`] ?? '');
}
