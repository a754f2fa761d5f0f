import type { Message } from '@/api/types';
import { Ltr } from '@/components/bdi';
import { Layer } from '@/components/layer';
import { t, useLocale } from '@/i18n';
import { dateTime } from '@/lib/format';

const steps = ['accepted', 'sent', 'delivered', 'read', 'played', 'failed'] as const;

/** The facts behind the ticks; the provider's code belongs here, not in the sentence. */
export default function MessageDetails({ message, onClose }: { message: Message; onClose: () => void }) {
  useLocale();
  const raw = message.content.kind === 'unknown' ? message.content.raw : message.content.kind === 'unsupported' ? JSON.stringify(message.content, null, 2) : null;
  return (
    <Layer title={raw ? t('message.raw_title') : t('message.details')} onClose={onClose}>
      {raw ? (
        <pre dir="ltr" className="overflow-auto p-5 font-mono text-12 whitespace-pre-wrap">{pretty(raw)}</pre>
      ) : (
        <dl className="grid grid-cols-[auto_1fr] gap-x-6 gap-y-2 p-5 text-13">
          {steps.map((step) => {
            const at = message.receipts[`${step}_at`];
            return at && <Row key={step} label={t(`receipts.${step}`)}><Ltr className="tabular">{dateTime(at)}</Ltr></Row>;
          })}
          {message.pricing?.category && <Row label={t('receipts.price')}>{message.pricing.category}</Row>}
          {message.failure?.code && <Row label={t('fail.code')}><Ltr>{message.failure.code}</Ltr></Row>}
          {message.failure?.details && <Row label={t('fail.details')}><span dir="auto">{message.failure.details}</span></Row>}
        </dl>
      )}
    </Layer>
  );
}

function Row({ label, children }: { label: string; children: React.ReactNode }) {
  return <><dt className="text-ink-3">{label}</dt><dd>{children}</dd></>;
}

export function pretty(raw: string): string {
  try {
    return JSON.stringify(JSON.parse(raw), null, 2);
  } catch {
    return raw;
  }
}
