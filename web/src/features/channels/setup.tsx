import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Circle, CircleCheck, CircleX, Hourglass } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { wordsFor } from '@/api/client';
import { registerNumber, requestCode, setupQuery, verifyCode } from '@/api/channels';
import type { Channel, SetupKey, SetupStep } from '@/api/types';
import { Button } from '@/components/button';
import { Field } from '@/components/field';
import { Card } from '@/components/page';
import { ErrorState, Skeleton } from '@/components/states';
import { Segmented } from '@/components/tabs';
import { toast } from '@/components/toast';
import { locale, t } from '@/i18n';
import { cx } from '@/lib/cx';

const icons = { done: CircleCheck, todo: Circle, waiting: Hourglass, failed: CircleX };
const colours = { done: 'text-ok', todo: 'text-ink-3', waiting: 'text-warn', failed: 'text-bad' };
/** Their details are a name; those of the others, once done, only a code of Meta's. */
const told = new Set<SetupKey>(['number_added', 'display_name']);
/** The steps that are done from here; the others are Meta's own pages. */
const forms: Partial<Record<SetupKey, typeof AskCode>> = { code_requested: AskCode, code_verified: EnterCode, registered: Register };

/** What Meta asks of a number, in order; what can be done from here has its form beneath it. */
export function Setup({ channel }: { channel: Channel }) {
  const { data, error, isPending, refetch } = useQuery(setupQuery(channel.id));
  const steps = data?.steps ?? [];
  const done = steps.filter(({ state }) => state === 'done').length;
  const next = steps.find(({ key, state }) => state !== 'done' && forms[key])?.key;
  return (
    <Card title={t('setup_meta.title')} aside={!!steps.length && <span className="tabular text-13 text-ink-3">{t('setup_meta.progress', { done, n: steps.length })}</span>}>
      {isPending && <div className="flex flex-col gap-4">{[0, 1, 2].map((i) => <Skeleton key={i} className="h-3 w-2/3" />)}</div>}
      {error && !data && <ErrorState className="m-0" error={error} retry={() => void refetch()} />}
      <ol className="flex flex-col">{steps.map((step) => <Line key={step.key} channel={channel} step={step} open={step.key === next} />)}</ol>
    </Card>
  );
}

function Line({ channel, step, open }: { channel: Channel; step: SetupStep; open: boolean }) {
  const Icon = icons[step.state];
  const Form = forms[step.key];
  return (
    <li className="flex gap-3 border-b border-line py-3 last:border-0 last:pb-0">
      <Icon size={18} strokeWidth={1.75} role="img" aria-label={t(`setup_meta.state_${step.state}`)} className={cx('mt-0.5 shrink-0', colours[step.state])} />
      <div className="flex min-w-0 flex-1 flex-col gap-2">
        <div>
          <p className="text-13 font-semibold">{t(`setup_meta.${step.key}`)}{step.detail && (step.state !== 'done' || told.has(step.key)) && <span className="font-normal text-ink-2"> · <bdi>{step.detail}</bdi></span>}</p>
          {step.state !== 'done' && <p className="text-12 text-ink-2">{t(`setup_meta.${step.key}_hint`)}</p>}
          {step.reason && <p className={cx('text-12', step.state === 'failed' ? 'text-bad' : 'text-ink-2')}><bdi>{step.reason}</bdi></p>}
          {step.state !== 'done' && !Form && <p className="text-12 text-ink-3">{t('setup_meta.at_meta')}</p>}
        </div>
        {open && Form && <Form channel={channel} />}
      </div>
    </li>
  );
}

function useStep<Body>(channel: Channel, run: (body: Body) => Promise<unknown>) {
  const client = useQueryClient();
  return useMutation({ mutationFn: run, onSuccess: () => client.invalidateQueries({ queryKey: setupQuery(channel.id).queryKey }) });
}

function AskCode({ channel }: { channel: Channel }) {
  const [language, setLanguage] = useState(locale());
  const ask = useStep(channel, (method: 'sms' | 'voice') => requestCode(channel.id, { method, language }));
  const send = (method: 'sms' | 'voice') => ask.mutate(method, { onSuccess: () => toast(t('setup_meta.asked')) });
  return (
    <div className="flex flex-wrap items-center gap-2">
      <Button tone="soft" busy={ask.isPending && ask.variables === 'sms'} onClick={() => send('sms')}>{t('setup_meta.sms')}</Button>
      <Button busy={ask.isPending && ask.variables === 'voice'} onClick={() => send('voice')}>{t('setup_meta.voice')}</Button>
      <Segmented label={t('setup_meta.language')} value={language} onChange={setLanguage} tabs={[{ value: 'he', label: 'עברית' }, { value: 'en', label: 'English' }]} />
      {ask.error && <p role="alert" className="w-full text-12 text-bad">{wordsFor(ask.error)}</p>}
    </div>
  );
}

/** Asked for and typed in one place: whether a code was asked for elsewhere, nobody tells. */
function EnterCode({ channel }: { channel: Channel }) {
  const verify = useStep(channel, (code: string) => verifyCode(channel.id, code));
  return (
    <div className="flex flex-col gap-3">
      <AskCode channel={channel} />
      <SixDigits label={t('setup_meta.code')} submit={t('setup_meta.verify')} busy={verify.isPending} error={verify.error} autoComplete="one-time-code" onSubmit={(code) => verify.mutate(code)} />
    </div>
  );
}

function Register({ channel }: { channel: Channel }) {
  const register = useStep(channel, (pin: string) => registerNumber(channel.id, pin));
  return <SixDigits label={t('setup_meta.pin')} submit={t('setup_meta.register')} busy={register.isPending} error={register.error} autoComplete="off" onSubmit={(pin) => register.mutate(pin)} />;
}

function SixDigits({ label, submit, busy, error, autoComplete, onSubmit }: { label: string; submit: string; busy: boolean; error: unknown; autoComplete: string; onSubmit: (digits: string) => void }) {
  const send = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    onSubmit(String(new FormData(event.currentTarget).get('digits')));
  };
  return (
    <form onSubmit={send} className="flex flex-wrap items-end gap-2">
      <Field label={label} name="digits" code required inputMode="numeric" pattern="[0-9]{6}" maxLength={6} title={t('setup_meta.six')} autoComplete={autoComplete} error={error ? wordsFor(error) : null} className="w-40" />
      <Button type="submit" tone="filled" busy={busy} className="h-9">{submit}</Button>
    </form>
  );
}
