import { useMutation, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { FileUp, RadioTower } from 'lucide-react';
import { useRef, useState } from 'react';
import { wordsFor } from '@/api/client';
import { channelsQuery } from '@/api/channels';
import { bringChat, type Import, type ImportFor } from '@/api/imports';
import { contactQuery } from '@/api/leads';
import { Button, buttonClass } from '@/components/button';
import { SelectField } from '@/components/field';
import { Mark } from '@/components/mark';
import { Card } from '@/components/page';
import { EmptyState, Skeleton } from '@/components/states';
import { T, t, useLocale } from '@/i18n';
import { cx } from '@/lib/cx';

/** The file: dropped or chosen. What is wrong with it is said here, and nothing of it is kept. */
export function Bring({ of, onPreview }: { of: ImportFor; onPreview: (item: Import) => void }) {
  useLocale();
  const { data, isPending } = useQuery(channelsQuery);
  const channels = data?.items ?? [];
  const contact = useQuery({ ...contactQuery(of.contact ?? ''), enabled: !!of.contact }).data;
  const [chosen, setChosen] = useState<string>();
  const channel = channels.find((one) => one.id === (chosen ?? of.channel))?.id ?? channels[0]?.id;
  const [share, setShare] = useState(0);
  const [over, setOver] = useState(false);
  const [many, setMany] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const abort = useRef<AbortController>(null);
  const bring = useMutation({
    mutationFn: (file: File) => {
      abort.current = new AbortController();
      setShare(0);
      return bringChat(file, { ...of, channel }, setShare, abort.current.signal);
    },
    onSuccess: onPreview,
  });
  const take = (files: FileList | null) => {
    const [file, second] = files ?? [];
    setMany(!!second);
    if (file && !second) bring.mutate(file);
  };
  if (isPending) return <Skeleton className="h-80 rounded-12!" />;
  if (!channel) {
    return (
      <EmptyState icon={RadioTower} title={t('import.no_channel')} action={<Link to="/settings/channels" search={{}} className={buttonClass('filled')}>{t('settings.channels')}</Link>}>
        {t('import.no_channel_body')}
      </EmptyState>
    );
  }
  const stopped = bring.error instanceof DOMException && bring.error.name === 'AbortError';
  return (
    <div className="flex flex-col gap-4">
      <Card className="flex flex-col gap-4">
        {contact ? <p className="text-13 text-ink-2"><T k="import.for_contact" name={<b className="font-semibold">{contact.display_name}</b>} /></p> : null}
        {channels.length > 1 && !of.contact && <SelectField label={t('import.channel')} value={channel} onChange={setChosen} options={channels.map((one) => ({ value: one.id, label: one.name }))} className="max-w-sm" />}
        <div
          onDragOver={(event) => { event.preventDefault(); setOver(true); }}
          onDragLeave={() => setOver(false)}
          onDrop={(event) => { event.preventDefault(); setOver(false); if (!bring.isPending) take(event.dataTransfer.files); }}
          className={cx('flex min-h-60 flex-col items-center justify-center gap-3 rounded-12 border-2 border-dashed p-6 text-center transition-colors duration-90', over ? 'border-brand bg-brand-soft' : 'border-control bg-sunken')}
        >
          {bring.isPending ? (
            <>
              <Mark size={40} connecting />
              <p role="status" className="text-14 font-semibold">{share < 1 ? t('import.sending', { share: Math.round(share * 100) }) : t('import.reading')}</p>
              <progress max={1} value={share < 1 ? share : undefined} aria-label={t('import.reading')} className="h-1.5 w-56 max-w-full accent-brand" />
              {share < 1 && <Button size="small" tone="ghost" onClick={() => abort.current?.abort()}>{t('import.cancel')}</Button>}
            </>
          ) : (
            <>
              <span className="grid size-12 place-items-center rounded-12 bg-brand-soft text-brand-ink"><FileUp size={22} strokeWidth={1.75} aria-hidden /></span>
              <p className="text-16 font-semibold">{over ? t('import.drop_now') : t('import.drop')}</p>
              <p className="max-w-md text-13 text-balance text-ink-2">{t('import.drop_body')}</p>
              <Button tone="filled" onClick={() => input.current?.click()}>{t('import.pick')}</Button>
            </>
          )}
          <input ref={input} type="file" accept=".txt,.zip,text/plain,application/zip" aria-label={t('import.pick')} className="sr-only" tabIndex={-1} onChange={(event) => { take(event.target.files); event.target.value = ''; }} />
        </div>
        {many && <p role="alert" className="text-13 text-bad">{t('import.one_file')}</p>}
        {bring.error && !stopped && <p role="alert" className="rounded-10 bg-bad-soft p-3 text-13 text-bad">{wordsFor(bring.error)}</p>}
      </Card>
      <Card title={t('import.how')}>
        <ol className="flex list-decimal flex-col gap-2 ps-5 text-13 text-ink-2">
          <li>{t('import.how_ios')}</li><li>{t('import.how_android')}</li><li>{t('import.how_file')}</li>
        </ol>
      </Card>
    </div>
  );
}
