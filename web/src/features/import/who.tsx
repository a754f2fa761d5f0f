import type { Import } from '@/api/imports';
import { Phone } from '@/components/bdi';
import { Choice } from '@/components/choice';
import { Card } from '@/components/page';
import { t, useLocale } from '@/i18n';

/** A large group has hundreds; the business is among those who wrote most. */
const SHOWN = 20;

/** Which participant is the business: the file does not say it. */
export function Who({ item, onChoose }: { item: Import; onChoose: (us: string | null) => void }) {
  useLocale();
  const people = item.participants.toSorted((a, b) => Number(b.us) - Number(a.us) || b.count - a.count).slice(0, SHOWN);
  return (
    <Card title={t('import.who')}>
      <fieldset className="flex flex-col gap-2">
        <legend className="-mt-2 mb-3 text-13 text-ink-2">{t('import.who_body')}</legend>
        {people.map((one) => (
          <Choice
            key={one.name} type="radio" name="us" checked={one.us} onChange={() => onChoose(one.name)}
            title={one.phone ? <Phone value={one.phone} /> : <bdi>{one.name}</bdi>}
            body={<>{t('import.count', { n: one.count })}{one.contact && one.contact.name !== one.name && <> · <bdi>{one.contact.name}</bdi></>}</>}
            aside={one.us && <span className="self-center text-12 font-semibold text-brand-ink">{t('import.us')}</span>}
          />
        ))}
        <Choice type="radio" name="us" checked={item.nobody_is_us} onChange={() => onChoose(null)} title={t('import.nobody')} />
      </fieldset>
    </Card>
  );
}
