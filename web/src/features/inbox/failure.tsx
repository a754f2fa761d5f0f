import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { CircleAlert, CircleHelp, LayoutTemplate, Pencil, RadioTower, RotateCw } from 'lucide-react';
import { resend, settle } from '@/api/messages';
import { useCan } from '@/api/session';
import type { Message } from '@/api/types';
import { Button } from '@/components/button';
import { failureWords } from '@/components/code-words';
import { t, useLocale } from '@/i18n';
import { directionOf } from '@/lib/direction';
import { putMessage } from '@/live/cache';
import { report } from './problems';

export const strip = 'mt-1 flex max-w-[min(620px,100%)] flex-wrap items-center gap-x-3 gap-y-1.5 rounded-10 py-1.5 ps-3 pe-1.5 text-12';

/** These are mended where the number is connected. */
const channels = new Set(['renew_credentials', 'grant_permission', 'fix_payment', 'fix_number']);

/** What, why, and one button that mends it. */
export function Failure({ message, onTemplate, onEdit }: { message: Message; onTemplate: () => void; onEdit: (text: string) => void }) {
  useLocale();
  const client = useQueryClient();
  const may = useCan('conversations.write');
  const again = useMutation({ mutationFn: () => resend(message.id), onSuccess: (next) => { putMessage(client, { ...message, resent_as: next.id }); putMessage(client, next); }, onError: (error) => report(message.conversation_id, error) });
  const mayConnect = useCan('channels.manage');
  const next = message.failure?.next_step ?? 'wait_and_retry';
  const { content } = message;
  return (
    <div className={`${strip} bg-bad-soft`}>
      <CircleAlert size={16} strokeWidth={1.75} aria-hidden className="shrink-0 text-bad" />
      <p className="min-w-40 flex-1"><b className="font-semibold text-bad">{t('fail.not_sent')}</b> <bdi dir={directionOf(failureWords(message.failure?.reason))}>{failureWords(message.failure?.reason)}</bdi></p>
      {message.resent_as ? <span className="pe-2 text-ink-3">{t('message.resent')}</span> : may && (
        channels.has(next) ? mayConnect && <Link to="/settings/channels" className="inline-flex h-[30px] items-center gap-1.5 rounded-7 border border-line-2 bg-surface px-2.5 text-12 font-medium hover:bg-hover"><RadioTower size={16} strokeWidth={1.75} aria-hidden />{t('fail.channels')}</Link>
        : /template/.test(next) ? <Button size="small" icon={LayoutTemplate} onClick={onTemplate}>{t('fail.template')}</Button>
        : next === 'fix_message' && content.kind === 'text' ? <Button size="small" icon={Pencil} onClick={() => onEdit(content.text)}>{t('fail.edit')}</Button>
        : next === 'none' || next === 'ask_person' || next === 'fix_media' ? null
        : <Button size="small" icon={RotateCw} busy={again.isPending} onClick={() => again.mutate()} className="text-bad!">{t('fail.retry')}</Button>
      )}
    </div>
  );
}

/** Nobody knows yet, and nobody guesses: it is settled by a person or by the provider. */
export function Unclear({ message }: { message: Message }) {
  useLocale();
  const client = useQueryClient();
  const may = useCan('conversations.write');
  const put = { onSuccess: (next: Message) => putMessage(client, next), onError: (error: unknown) => report(message.conversation_id, error) };
  const settled = useMutation({ mutationFn: (as: 'sent' | 'not_sent') => settle(message.id, as), ...put });
  const again = useMutation({ mutationFn: () => resend(message.id), ...put });
  return (
    <div className={`${strip} bg-warn-soft`}>
      <CircleHelp size={16} strokeWidth={1.75} aria-hidden className="shrink-0 text-warn" />
      <p className="min-w-48 flex-1"><b className="font-semibold text-warn">{t('unclear.title')}</b> {t('unclear.body')}</p>
      {may && (
        <span className="flex flex-wrap gap-1.5">
          <Button size="small" onClick={() => settled.mutate('sent')}>{t('unclear.arrived')}</Button>
          <Button size="small" onClick={() => settled.mutate('not_sent')}>{t('unclear.not_arrived')}</Button>
          <Button size="small" tone="ghost" onClick={() => again.mutate()}>{t('unclear.resend')}</Button>
        </span>
      )}
    </div>
  );
}
