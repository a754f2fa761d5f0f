import { useQuery, useQueryClient } from '@tanstack/react-query';
import { LayoutTemplate, MessageSquarePlus, Paperclip, SendHorizontal, Smile, StickyNote, X } from 'lucide-react';
import { type ClipboardEvent, type DragEvent, type KeyboardEvent, lazy, type Ref, Suspense, useEffect, useImperativeHandle, useLayoutEffect, useRef, useState } from 'react';
import { sayTyping } from '@/api/conversations';
import { decisionQuery, type Send } from '@/api/messages';
import { useCan } from '@/api/session';
import type { Conversation, Message } from '@/api/types';
import { Button, IconButton } from '@/components/button';
import { PopoverButton } from '@/components/popover';
import { t, useLocale, withWords } from '@/i18n';
import { useActions } from '@/lib/actions';
import { useNow } from '@/lib/clock';
import { cx } from '@/lib/cx';
import { draftOf, saveDraft } from '@/lib/drafts';
import { windowOf } from '@/lib/window';
import { enqueue } from '@/live/outbox';
import { type Attachment, useAttachments } from './attachments';
import { AttachmentTray } from './attachment-tray';
import { DecisionLine } from './decision-line';
import { kindOf, lineOf } from './kinds';
import { Locked } from './locked';
import { nameOf } from './name';
import { QuoteBox } from './quote';

const TemplatePicker = lazy(() => import('./template-picker'));
const ByHand = lazy(() => withWords(['handoff'], () => import('./handoff/by-hand')));
const EmojiPicker = lazy(() => import('./emoji-picker'));
const MOST = 4096;

export interface ComposerHandle { focus: () => void; template: () => void; fill: (text: string) => void }
interface Props { ref: Ref<ComposerHandle>; conversation: Conversation; replyTo: Message | null; onReplyDone: () => void; onSent: (resolve: boolean) => void }

/** Open, closed with the way on inside it, or a note for the team: the same place, the same height. */
export function Composer({ ref, conversation, replyTo, onReplyDone, onSent }: Props) {
  useLocale();
  const client = useQueryClient();
  const may = useCan('conversations.write');
  const { id } = conversation;
  const window = windowOf(conversation.window, useNow());
  const { data: decision } = useQuery({ ...decisionQuery(id, window.kind), enabled: may, placeholderData: (old) => old });
  const [text, setText] = useState(() => draftOf(id));
  const [note, setNote] = useState(false);
  const [picking, setPicking] = useState<string | null>(null);
  const [dropping, setDropping] = useState(false);
  const box = useRef<HTMLTextAreaElement>(null);
  const file = useRef<HTMLInputElement>(null);
  const attachments = useAttachments();
  // Until the server has answered, the window itself says what it will say.
  const refused = decision ? decision.verdict === 'refused' || (decision.verdict === 'now' && window.kind === 'closed') : window.kind === 'closed';
  // A number without a link: the person sends, in an app of their own.
  const byHand = !note && (decision ? decision.verdict === 'opens_app' : conversation.channel.link === 'none');
  const locked = refused && !note && !byHand;
  const templates = conversation.channel.link === 'api' || conversation.channel.link === 'coexistence';
  const tooLong = text.length > MOST;
  const uploading = attachments.items.some((item) => !item.mediaId && !item.problem);
  const ready = !tooLong && !uploading && (!!text.trim() || attachments.items.some((item) => item.mediaId)) && !attachments.items.some((item) => item.problem);

  const write = (next: string) => {
    setText(next);
    if (!note) saveDraft(id, next);
    if (!note && !byHand && next) typing(id);
  };
  useLayoutEffect(() => {
    const area = box.current;
    if (!area) return;
    area.style.height = 'auto';
    area.style.height = `${Math.min(area.scrollHeight, 9 * 21 + 16)}px`;
  }, [text, locked, note, picking, byHand]);
  const later = (run: () => void) => setTimeout(run, 0);
  useImperativeHandle(ref, () => ({
    focus: () => later(() => box.current?.focus()),
    template: () => setPicking(''),
    fill: (words) => { setNote(false); write(words); later(() => box.current?.focus()); },
  }));
  useEffect(() => {
    if (replyTo) box.current?.focus();
  }, [replyTo]);

  const send = (resolve = false) => {
    if (!ready || locked) return;
    const words = text.trim();
    const reply = replyTo ? { reply_to: replyTo.id } : {};
    const files = note ? [] : attachments.items.filter((item): item is Attachment & { mediaId: string } => !!item.mediaId);
    const sends: { send: Send; line: string; preview: string | null }[] = files.map((item, i) => ({
      send: { content: { kind: 'media', media_id: item.mediaId, ...(i === 0 && words ? { caption: words } : {}) }, ...(i === 0 ? reply : {}) },
      line: i === 0 && words ? words : item.preview ? '' : item.file.name, preview: item.preview,
    }));
    if (!files.length) sends.push({ send: { content: { kind: 'text', text: words }, ...reply, ...(note ? { note: true } : {}) }, line: words, preview: null });
    // One after another: what was written second must not arrive first.
    void sends.reduce<Promise<unknown>>((before, item) => before.then(() => enqueue(client, id, item.send, item.line, item.preview)), Promise.resolve());
    setText('');
    if (note) setText(draftOf(id));
    else saveDraft(id, '');
    setNote(false);
    attachments.clear();
    onReplyDone();
    onSent(resolve);
    box.current?.focus();
  };

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      send(event.shiftKey);
    } else if (event.key === 'Escape') {
      event.stopPropagation();
      if (replyTo) onReplyDone();
      else if (note) leaveNote();
      else box.current?.blur();
    }
  };
  const leaveNote = () => { setNote(false); setText(draftOf(id)); };
  const toNote = () => { setNote(true); setText(''); setPicking(null); later(() => box.current?.focus()); };
  const onPaste = (event: ClipboardEvent) => {
    const files = [...event.clipboardData.files];
    if (!files.length || note) return;
    event.preventDefault();
    attachments.add(files);
  };
  const onDrop = (event: DragEvent) => {
    event.preventDefault();
    setDropping(false);
    if (!locked && !note && !byHand && may) attachments.add(event.dataTransfer.files);
  };
  useActions(may ? [
    { id: 'write', group: 'here', label: t('palette.write'), icon: MessageSquarePlus, code: 'KeyR', keys: 'R', run: () => (locked ? setPicking('') : later(() => box.current?.focus())) },
    ...(!templates ? [] : [{ id: 'template', group: 'here' as const, label: t('composer.template'), icon: LayoutTemplate, code: 'KeyT', keys: 'T', run: () => setPicking('') }]),
    { id: 'note', group: 'here', label: t('composer.note'), icon: StickyNote, code: 'KeyN', keys: 'N', run: toNote },
  ] : []);

  const insert = (emoji: string) => {
    const area = box.current;
    const at = area?.selectionStart ?? text.length;
    write(text.slice(0, at) + emoji + text.slice(area?.selectionEnd ?? at));
    later(() => { area?.focus(); area?.setSelectionRange(at + emoji.length, at + emoji.length); });
  };
  if (!may) return <footer className="shrink-0 border-t border-line bg-surface p-4 text-13 text-ink-2">{t('composer.viewer')}</footer>;
  return (
    <footer
      className="relative shrink-0 border-t border-line bg-surface px-4 pt-1 pb-3 max-small:px-2 max-small:pb-[calc(0.5rem+env(safe-area-inset-bottom))]"
      onDragOver={(event) => { event.preventDefault(); if (!locked && !note && !byHand) setDropping(true); }} onDragLeave={() => setDropping(false)} onDrop={onDrop}
    >
      <DecisionLine decision={decision} conversation={conversation} note={note} />
      {picking !== null ? (
        <Suspense fallback={<div className="h-24" />}><TemplatePicker conversation={conversation} search={picking} onClose={() => { setPicking(null); later(() => box.current?.focus()); }} /></Suspense>
      ) : byHand ? (
        <Suspense fallback={<div className="h-[102px]" />}><ByHand box={box} conversation={conversation} text={text} onText={write} onNote={toNote} /></Suspense>
      ) : locked ? (
        <Locked decision={decision} conversation={conversation} onTemplate={(search) => setPicking(search)} onNote={toNote} />
      ) : (
        <div className={cx('relative rounded-12 border transition-shadow duration-90', note ? 'border-dashed border-warn-solid bg-note focus-within:shadow-[0_0_0_1px_var(--warn-solid)]' : 'border-control bg-surface focus-within:border-brand focus-within:shadow-[0_0_0_1px_var(--brand)]', dropping && 'border-brand')}>
          {replyTo && (
            <div className="flex items-center gap-2 px-2.5 pt-2.5">
              <div className="min-w-0 flex-1"><QuoteBox who={replyTo.direction === 'in' ? nameOf(conversation.contact) : t('message.you')} kind={kindOf(replyTo.content)} text={lineOf(replyTo.content)} /></div>
              <IconButton icon={X} size="small" iconSize={16} label={t('composer.cancel_reply')} onClick={onReplyDone} />
            </div>
          )}
          <AttachmentTray items={attachments.items} onRemove={attachments.remove} />
          <textarea
            ref={box} rows={2} dir="auto" value={text} aria-label={note ? t('composer.note') : t('composer.label')} aria-invalid={tooLong || undefined} aria-keyshortcuts="Control+Enter"
            placeholder={note ? t('composer.note_placeholder') : attachments.items.length ? t('composer.caption') : t('composer.placeholder')}
            onChange={(event) => write(event.target.value)} onKeyDown={onKeyDown} onPaste={onPaste}
            className="block max-h-[13rem] min-h-[54px] w-full resize-none bg-transparent px-3.5 pt-2.5 pb-1 text-start text-14 focus-visible:outline-none"
          />
          {tooLong && <p role="alert" className="px-3.5 text-12 text-bad">{t('composer.too_long')}</p>}
          <div className="flex items-center gap-0.5 p-1.5">
            {!note && (
              <>
                <input ref={file} type="file" multiple hidden onChange={(event) => { attachments.add(event.target.files ?? []); event.target.value = ''; }} />
                <IconButton icon={Paperclip} label={t('composer.attach')} onClick={() => file.current?.click()} />
                {templates && <IconButton icon={LayoutTemplate} label={t('composer.template')} keys="T" onClick={() => setPicking('')} />}
              </>
            )}
            <PopoverButton label={t('composer.emoji')} data-tip={t('composer.emoji')} placement="top start" content={(close) => <Suspense fallback={<div className="h-56 w-72" />}><EmojiPicker onPick={(emoji) => { close(); insert(emoji); }} /></Suspense>} className="grid size-[34px] place-items-center rounded-9 text-ink-2 hover:bg-hover hover:text-ink max-small:hidden">
              <Smile size={18} strokeWidth={1.75} aria-hidden />
            </PopoverButton>
            <span className="flex-1" />
            <Button tone="ghost" icon={note ? X : StickyNote} aria-pressed={note} onClick={note ? leaveNote : toNote} data-keys="N" className="max-small:px-2">
              <span className={note ? undefined : 'max-small:sr-only'}>{note ? t('action.cancel') : t('composer.note')}</span>
            </Button>
            <Button tone="filled" icon={note ? StickyNote : SendHorizontal} mirror={!note} disabled={!ready} data-tip={note ? t('composer.send_note') : t('action.send')} data-keys="Ctrl ↵" onClick={() => send()}>
              <span className="max-small:sr-only">{note ? t('composer.send_note') : t('action.send')}</span>
            </Button>
          </div>
          {dropping && <div className="pointer-events-none absolute inset-0 grid place-items-center rounded-12 bg-brand-soft text-14 font-semibold text-brand-ink">{t('composer.drop')}</div>}
        </div>
      )}
    </footer>
  );
}

const typed = new Map<string, number>();
/** The other side sees "typing" for about 25 seconds; saying it more often would only be noise. */
function typing(id: string) {
  const now = performance.now();
  if (now - (typed.get(id) ?? Number.NEGATIVE_INFINITY) < 20_000) return;
  typed.set(id, now);
  void sayTyping(id).catch(() => {});
}
