import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { CircleCheck, QrCode, RotateCw, ShieldX } from 'lucide-react';
import { type FormEvent, lazy, type ReactNode, Suspense, useEffect, useState } from 'react';
import { wordsFor } from '@/api/client';
import { channelsQuery, linkQuery, startLink } from '@/api/channels';
import type { Channel, Linked } from '@/api/types';
import { Phone } from '@/components/bdi';
import { Button } from '@/components/button';
import { Field } from '@/components/field';
import { Layer } from '@/components/layer';
import { Mark } from '@/components/mark';
import { Notice } from '@/components/notice';
import { Skeleton } from '@/components/states';
import { Segmented } from '@/components/tabs';
import { t, useLocale } from '@/i18n';
import { phone as local } from '@/lib/format';

const Qr = lazy(() => import('./qr'));
type Method = 'qr' | 'code';

export function LinkLayer({ channel, onClose }: { channel: Channel; onClose: () => void }) {
  useLocale();
  const [linked, setLinked] = useState(false);
  return (
    <Layer title={t('linking.title', { name: channel.name })} wide onClose={onClose} footer={linked && <Button tone="filled" onClick={onClose}>{t('action.done')}</Button>}>
      <div className="p-5"><Linking channel={channel} onLinked={() => setLinked(true)} /></div>
    </Layer>
  );
}

/** A QR or a pairing code with its live state: it changes by itself until the phone has answered. */
export function Linking({ channel, onLinked }: { channel: Channel; onLinked: () => void }) {
  useLocale();
  const client = useQueryClient();
  const [method, setMethod] = useState<Method>('qr');
  // Begun by which of the two: an answer that comes after the other was chosen begins nothing.
  const [by, setBy] = useState<Method | null>(null);
  const begun = by === method;
  // A code to type is told once, to whoever asked for it.
  const [code, setCode] = useState<string | null>(null);
  const start = useMutation({
    mutationFn: (how: Parameters<typeof startLink>[1]) => startLink(channel.id, how),
    onSuccess: (answer, how) => { setBy(how.method); setCode(how.method === 'code' ? answer?.code ?? null : null); void client.invalidateQueries(linkQuery(channel.id)); },
  });
  const { data } = useQuery({ ...linkQuery(channel.id), enabled: begun });
  useEffect(() => {
    if (channel.linking?.state !== 'banned') start.mutate({ method: 'qr' });
  }, []);
  const state = data?.state;
  // The gateway was still starting when the code was asked for: now it can give one.
  const asked = start.variables;
  const askAgain = begun && asked?.method === 'code' && state === 'awaiting_code' && !code && !start.isPending && !start.error;
  useEffect(() => {
    if (askAgain && asked) start.mutate(asked);
  }, [askAgain]);
  useEffect(() => {
    if (state !== 'linked') return;
    void client.invalidateQueries(channelsQuery);
    onLinked();
  }, [state]);
  if (state === 'linked') return <Done phone={data?.phone ?? channel.phone} />;
  if (state === 'banned' || channel.linking?.state === 'banned') return <Notice icon={ShieldX} tone="bad" title={t('link.banned_title')}>{t('linking.banned')}</Notice>;
  const change = (next: Method) => {
    setMethod(next);
    start.reset();
    setBy(null);
    setCode(null);
    client.removeQueries({ queryKey: linkQuery(channel.id).queryKey });
    if (next === 'qr') start.mutate({ method: 'qr' });
  };
  const again = begun && state === 'unlinked';
  return (
    <div className="grid gap-6 small:grid-cols-[280px_1fr]">
      <div className="flex flex-col items-center gap-3">
        {method === 'qr' ? <QrBox data={data} ended={again} /> : <CodeBox code={code} begun={begun} busy={start.isPending} phone={channel.phone} onAsk={(phone) => start.mutate({ method: 'code', phone })} />}
        {state && !again && <p role="status" className="text-center text-13 font-medium">{t(state !== 'awaiting_code' ? 'linking.state_starting' : method === 'code' ? 'linking.state_typing' : 'linking.state_awaiting_code')}</p>}
        {again && <div className="flex flex-col items-center gap-2 text-center"><p role="status" className="text-12 text-ink-2">{t('linking.failed')}</p><Button icon={RotateCw} onClick={() => change(method)}>{t('action.retry')}</Button></div>}
        {start.error && <div role="alert" className="flex flex-col items-center gap-2 text-center text-12 text-bad">{wordsFor(start.error)}{method === 'qr' && <Button icon={RotateCw} size="small" onClick={() => change('qr')}>{t('action.retry')}</Button>}</div>}
      </div>
      <div className="flex flex-col gap-4">
        <Segmented label={t('linking.how')} value={method} onChange={change} tabs={[{ value: 'qr', label: t('linking.by_qr') }, { value: 'code', label: t('linking.by_code') }]} className="self-start max-small:self-stretch" />
        <ol className="flex flex-col gap-3 text-13">
          {(['qr_1', method === 'qr' ? 'qr_2' : 'code_2', method === 'qr' ? 'qr_3' : 'code_3'] as const).map((key, i) => (
            <li key={key} className="flex items-start gap-3"><span aria-hidden className="grid size-6 shrink-0 place-items-center rounded-full bg-brand-soft text-12 font-semibold text-brand-ink">{i + 1}</span><span className="pt-0.5">{t(`linking.${key}`)}</span></li>
          ))}
        </ol>
        <p className="text-12 text-ink-3">{t('linking.slot')}</p>
      </div>
    </div>
  );
}

function Frame({ children }: { children: ReactNode }) {
  return <div className="grid aspect-square w-full max-w-[280px] place-items-center overflow-hidden rounded-12 border border-line-2 bg-sunken">{children}</div>;
}

function QrBox({ data, ended }: { data: Linked | undefined; ended: boolean }) {
  if (ended) return <Frame><QrCode size={48} strokeWidth={1.25} aria-hidden className="text-ink-3" /></Frame>;
  if (data?.qr) return <Frame><Suspense fallback={<Skeleton className="size-full rounded-none!" />}><Qr text={data.qr} label={t('linking.qr_alt')} /></Suspense></Frame>;
  if (data?.qr_png) return <Frame><img src={`data:image/png;base64,${data.qr_png}`} alt={t('linking.qr_alt')} className="size-full bg-white p-3" style={{ imageRendering: 'pixelated' }} /></Frame>;
  return <Frame><Mark size={40} connecting /></Frame>;
}

/** Eight signs that a person types into the phone, in two groups. */
function CodeBox({ code, begun, busy, phone, onAsk }: { code: string | null; begun: boolean; busy: boolean; phone: string | null; onAsk: (phone: string) => void }) {
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    onAsk(String(new FormData(event.currentTarget).get('phone')).trim());
  };
  if (!begun) {
    return (
      <form onSubmit={submit} className="flex w-full flex-col gap-3">
        <Field label={t('linking.phone')} name="phone" type="tel" code required defaultValue={phone ? local(phone) : ''} autoFocus />
        <Button type="submit" tone="filled" busy={busy}>{t('linking.get_code')}</Button>
      </form>
    );
  }
  const signs = code?.replace(/[^A-Za-z0-9]/g, '');
  if (!signs) return <Frame><Mark size={40} connecting /></Frame>;
  return (
    <Frame>
      <p dir="ltr" role="img" aria-label={[...signs].join(' ')} className="tabular flex flex-col items-center font-mono text-26 font-semibold tracking-[0.2em]">
        <span>{signs.slice(0, 4)}</span><span>{signs.slice(4)}</span>
      </p>
    </Frame>
  );
}

function Done({ phone }: { phone: string | null }) {
  return (
    <div role="status" className="flex flex-col items-center gap-2 py-8 text-center">
      <CircleCheck size={44} strokeWidth={1.5} aria-hidden className="text-ok" />
      <p className="text-16 font-semibold">{t('linking.linked_as')} {phone && <Phone value={phone} />}</p>
      <p className="max-w-sm text-13 text-ink-2">{t('linking.linked_body')}</p>
    </div>
  );
}
