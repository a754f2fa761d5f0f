import { FileText, Film, Image, MapPin } from 'lucide-react';
import type { Template } from '@/api/types';
import { t } from '@/i18n';
import { cx } from '@/lib/cx';
import { directionOf } from '@/lib/direction';
import { buttonIcon, Buttons } from './content';
import { type Piece, pieces } from './template-fill';
import type { HeaderFile } from './template-form';

const headers = { image: Image, video: Film, document: FileText, location: MapPin };

/** Laid out as WhatsApp lays it out, with each value marked. */
export function TemplatePreview({ template, values, file }: { template: Template; values: Record<string, string>; file: HeaderFile | null }) {
  const { header } = template;
  const Icon = header && header.format !== 'text' ? headers[header.format] : null;
  return (
    <div>
      <p className="mb-2 text-12 text-ink-3">{t('template.preview')}</p>
      <div className="overflow-hidden rounded-14 rounded-ee-[4px] bg-own px-3 py-1.5 shadow-e1">
        {Icon && (file?.preview ? <img src={file.preview} alt="" className="mb-2 h-28 w-full rounded-9 object-cover" /> : <span className="mb-2 grid h-20 place-items-center rounded-9 bg-own-quote text-ink-2"><Icon size={24} strokeWidth={1.5} aria-hidden /></span>)}
        {header?.text && <Text items={pieces(header.text, 'header', values, template)} className="font-semibold" />}
        <Text items={pieces(template.body, 'body', values, template)} />
        {template.footer && <p dir="auto" className="mt-1 text-start text-12 text-ink-2">{template.footer}</p>}
        <Buttons stacked items={template.buttons.map((button) => ({ text: button.text, icon: buttonIcon(button.kind) }))} />
      </div>
    </div>
  );
}

function Text({ items, className }: { items: Piece[]; className?: string }) {
  return (
    <p dir={directionOf(items.map((item) => item.text).join(''))} className={cx('text-start break-words whitespace-pre-wrap', className)}>
      {items.map((item, i) => item.key ? <bdi key={i} className={cx('rounded-5 px-1', item.filled ? 'bg-own-quote' : 'bg-warn-soft text-warn')}>{item.text}</bdi> : item.text)}
    </p>
  );
}
