import { ChevronDown, ExternalLink, StickyNote } from 'lucide-react';
import { type KeyboardEvent, type ReactNode, type Ref, useState } from 'react';
import { wordsFor } from '@/api/client';
import { fillWording } from '@/api/handoffs';
import type { Handoff, Wording } from '@/api/types';
import { Button } from '@/components/button';
import { MenuButton } from '@/components/menu';
import { fieldName, Wordings } from '@/components/wordings';
import { t, useLocale } from '@/i18n';
import { cx } from '@/lib/cx';
import { chooseWhere, chosenWhere, isLongForLink, type Where, wheres } from '@/lib/wa-link';
import { useOpenHandoff } from './use-handoffs';

interface Props {
  box?: Ref<HTMLTextAreaElement>; value: string; onChange: (text: string) => void; autoFocus?: boolean;
  /** What the fields of a wording are filled from. */
  about: { lead_id?: string; conversation_id?: string };
  conversation: () => Promise<string>; hasPhone: boolean; onOpened: (handoff: Handoff) => void; onNote?: () => void; children?: ReactNode;
}

/** Free text or a saved wording, and one button that opens WhatsApp with it. The sending is the person's own. */
export default function Writer({ box, value, onChange, autoFocus, about, conversation, hasPhone, onOpened, onNote, children }: Props) {
  useLocale();
  const [where, setWhere] = useState(chosenWhere);
  const [missing, setMissing] = useState<string[]>([]);
  const [problem, setProblem] = useState<unknown>(null);
  const open = useOpenHandoff();
  const ready = !!value.trim() && hasPhone && !open.busy;
  const write = () => ready && open.press(conversation, value.trim(), (handoff) => { onChange(''); setMissing([]); onOpened(handoff); });
  const pick = async (wording: Wording) => {
    try {
      const filled = await fillWording(wording.id, about);
      onChange(value.trim() ? `${value.trimEnd()}\n${filled.text}` : filled.text);
      setMissing(filled.missing);
      setProblem(null);
    } catch (error) {
      setProblem(error);
    }
  };
  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      write();
    } else if (event.key === 'Escape' && onNote) {
      event.stopPropagation();
      event.currentTarget.blur();
    }
  };
  const error = open.error ?? problem;
  return (
    <div className="relative rounded-12 border border-control bg-surface transition-shadow duration-90 focus-within:border-brand focus-within:shadow-[0_0_0_1px_var(--brand)]">
      {children}
      <textarea
        ref={box} rows={onNote ? 2 : 5} dir="auto" value={value} onChange={(event) => onChange(event.target.value)} onKeyDown={onKeyDown} autoFocus={autoFocus} aria-label={t('handoff.label')} aria-keyshortcuts="Control+Enter" placeholder={t('handoff.placeholder')}
        className={cx('block max-h-[13rem] min-h-[54px] w-full resize-none bg-transparent px-3.5 pt-2.5 pb-1 text-start text-14 focus-visible:outline-none', value.split('\n').length > 2 && 'min-h-[98px]')}
      />
      <div className="px-3.5 text-12 empty:hidden">
        {!hasPhone && <p className="text-bad">{t('handoff.no_phone')}</p>}
        {isLongForLink(value) && <p className="text-warn">{t('handoff.too_long')}</p>}
        {!!missing.length && <p className="text-warn">{t('wording.missing', { names: missing.map(fieldName).join(', ') })}</p>}
        {!!error && <p role="alert" className="text-bad">{wordsFor(error)}</p>}
      </div>
      <div className="flex flex-wrap items-center gap-1 p-1.5">
        <Wordings text={value} onPick={(wording) => void pick(wording)} />
        <span className="flex-1" />
        {onNote && <Button tone="ghost" icon={StickyNote} onClick={onNote} data-keys="N" className="max-small:px-2"><span className="max-small:sr-only">{t('composer.note')}</span></Button>}
        <span className="flex">
          <Button tone="filled" icon={ExternalLink} mirror disabled={!ready} busy={open.busy} data-tip={t('handoff.write')} data-keys="Ctrl ↵" onClick={write} className="rounded-e-none!">{t('handoff.write')}</Button>
          <MenuButton
            label={t('handoff.where')} placement="top end" className={cx('grid h-[34px] w-8 place-items-center rounded-e-9 max-small:h-11 max-small:w-11', ready ? 'border-s border-surface bg-brand text-on-brand hover:bg-brand-hover' : 'text-ink-2 hover:bg-hover')}
            groups={[{ title: t('handoff.where'), entries: wheres.map((one: Where) => ({ id: one, label: t(`handoff.where_${one}`), hint: t(`handoff.where_${one}_hint`), selected: one === where, onAction: () => { chooseWhere(one); setWhere(one); } })) }]}
          >
            <ChevronDown size={16} aria-hidden />
          </MenuButton>
        </span>
      </div>
    </div>
  );
}
