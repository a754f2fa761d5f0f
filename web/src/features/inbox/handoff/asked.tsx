import { CircleHelp, Check, ExternalLink, X } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { wordsFor } from '@/api/client';
import type { Handoff } from '@/api/types';
import { Button, IconButton } from '@/components/button';
import { t, useLocale } from '@/i18n';
import { useActions } from '@/lib/actions';
import { openAgain, useSettleHandoff } from './use-handoffs';

interface Props { handoff: Handoff; more?: number; inLayer?: boolean; onSent?: () => void; onDropped?: (text: string) => void }

/** "Did you send it?" Coming back to the page puts the focus on "sent", so that Enter says it; Y does from anywhere. */
export function Asked({ handoff, more = 0, inLayer, onSent, onDropped }: Props) {
  useLocale();
  const yes = useRef<HTMLButtonElement>(null);
  const { confirm, drop, error } = useSettleHandoff(handoff);
  const sent = () => !confirm.isPending && confirm.mutate(undefined, { onSuccess: () => onSent?.() });
  const dropped = () => drop.mutate(undefined, { onSuccess: () => onDropped?.(handoff.text) });
  useEffect(() => {
    const back = () => yes.current?.focus();
    window.addEventListener('focus', back);
    return () => window.removeEventListener('focus', back);
  }, []);
  useActions([{ id: `sent-${handoff.id}`, group: 'here', label: `${t('handoff.asked')} ${t('handoff.sent')}`, icon: Check, code: 'KeyY', keys: 'Y', inLayer, run: sent }]);
  return (
    <section aria-label={t('handoff.asked')} className="animate-appear mb-2 flex flex-wrap items-center gap-x-3 gap-y-2 rounded-10 bg-warn-soft px-3 py-2">
      <CircleHelp size={18} strokeWidth={1.75} aria-hidden className="shrink-0 text-warn" />
      <div className="min-w-40 flex-1 text-12">
        <p role="status" className="text-13 font-semibold text-warn">{t('handoff.asked')}{more > 0 && <span className="ps-1.5 text-12 font-normal">{t('handoff.more', { n: more })}</span>}</p>
        <p dir="auto" className="line-clamp-1 text-start text-ink-2">{handoff.text}</p>
        {error && <p role="alert" className="text-bad">{wordsFor(error)}</p>}
      </div>
      <span className="flex items-center gap-1.5">
        <IconButton icon={ExternalLink} label={t('handoff.open_again')} onClick={() => openAgain(handoff)} />
        <Button icon={X} busy={drop.isPending} onClick={dropped}>{t('handoff.not_sent')}</Button>
        <Button ref={yes} tone="filled" icon={Check} busy={confirm.isPending} data-tip={t('handoff.sent')} data-keys="Y" onClick={sent}>{t('handoff.sent')}</Button>
      </span>
    </section>
  );
}
