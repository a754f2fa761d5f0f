import { Camera, Megaphone, Mic, Pencil, Plus, Reply, SendHorizontal, Smile, Trash2, X } from 'lucide-react';
import { useEffect, useLayoutEffect, useRef, useState } from 'react';
import { Ltr } from '@/components/bdi';
import { Button, IconButton } from '@/components/button';
import { PopoverButton } from '@/components/popover';
import { locale, t, useLocale } from '@/i18n';
import { directionOf } from '@/lib/direction';
import { p } from '../i18n';
import type { Ad } from '../model/samples';
import { editText, previewOf, sendMedia, sendText, setBlocked } from './actions';
import { type Mode, usePhone } from './context';
import { EmojiGrid } from './emoji';
import { AttachMenu, kindOf, openPreview, openSamplePhoto } from './pickers';
import voiceUrl from './voice.ogg?url&no-inline';

const drafts = new Map<string, string>();

export function Composer() {
  useLocale();
  const phone = usePhone();
  const { person, business, chat, mode, setMode, ad, setAd } = phone;
  const key = `${person.id} ${business.id}`;
  const [text, setTextState] = useState(() => drafts.get(key) ?? '');
  const [recording, setRecording] = useState(false);
  const area = useRef<HTMLTextAreaElement>(null);
  const media = useRef<HTMLInputElement>(null);
  const document_ = useRef<HTMLInputElement>(null);
  const setText = (next: string) => {
    drafts.set(key, next);
    setTextState(next);
  };
  const reply = mode?.kind === 'reply' ? mode.message : null;

  // What is edited, and the text that an ad prepared, come into the box as they are chosen.
  const [taken, setTaken] = useState<{ mode: Mode; ad: Ad | null }>({ mode: null, ad: null });
  if (taken.mode !== mode || taken.ad !== ad) {
    setTaken({ mode, ad });
    if (ad && ad !== taken.ad) setTextState(ad.text[locale()]);
    else if (mode?.kind === 'edit' && mode !== taken.mode && mode.message.type === 'text') setTextState(mode.message.content.body);
  }
  useEffect(() => {
    if (mode || ad) area.current?.focus();
  }, [mode, ad]);
  useLayoutEffect(() => {
    const element = area.current;
    if (!element) return;
    element.style.height = 'auto';
    element.style.height = `${Math.min(element.scrollHeight, 132)}px`;
  }, [text, recording]);

  if (chat.blocked) {
    return (
      <div className="handset-bottom flex items-center justify-between gap-3 border-t border-line bg-surface px-4 pt-3">
        <p className="text-13 text-ink-2">{p('chat.blocked')}</p>
        <Button tone="soft" onClick={() => void setBlocked(phone, false)}>{p('chat.unblock')}</Button>
      </div>
    );
  }

  const clear = () => {
    setText('');
    setMode(null);
    setAd(null);
  };
  const send = () => {
    const body = text.trim();
    if (!body) return;
    if (mode?.kind === 'edit') void editText(phone, mode.message, body);
    else void sendText(phone, body, reply, ad);
    clear();
  };
  const insert = (emoji: string) => {
    const element = area.current;
    const at = element?.selectionStart ?? text.length;
    setText(text.slice(0, at) + emoji + text.slice(element?.selectionEnd ?? at));
    requestAnimationFrame(() => element?.setSelectionRange(at + emoji.length, at + emoji.length));
  };
  const pick = (input: HTMLInputElement, asDocument: boolean) => {
    const file = input.files?.[0];
    input.value = '';
    if (file) openPreview(phone, reply, { file, filename: file.name, kind: kindOf(file, asDocument) });
  };
  const sendVoice = async () => {
    setRecording(false);
    const sample = await (await fetch(voiceUrl)).blob();
    void sendMedia(phone, { file: new Blob([sample], { type: 'audio/ogg; codecs=opus' }), filename: 'voice.ogg', kind: 'voice' }, reply);
    setMode(null);
  };

  return (
    <div className="handset-bottom border-t border-line bg-surface">
      <input ref={media} type="file" tabIndex={-1} aria-label={p('attach.photo')} accept="image/*,video/*" className="sr-only" onChange={(event) => pick(event.currentTarget, false)} />
      <input ref={document_} type="file" tabIndex={-1} aria-label={p('attach.document')} className="sr-only" onChange={(event) => pick(event.currentTarget, true)} />
      {mode && (
        <Strip icon={mode.kind === 'edit' ? Pencil : Reply} title={mode.kind === 'edit' ? p('compose.editing') : p('compose.replying', { name: mode.message.from === 'person' ? p('message.you') : business.name })} text={previewOf(mode.message)} label={p('compose.cancel')} onClose={() => { if (mode.kind === 'edit') setText(''); setMode(null); }} />
      )}
      {ad && <Strip icon={Megaphone} title={p('ad.from')} text={ad.headline[locale()]} label={p('ad.cancel')} onClose={() => setAd(null)} />}
      {recording ? (
        <Recorder onCancel={() => setRecording(false)} onSend={() => void sendVoice()} />
      ) : (
        <div className="flex items-end gap-1 px-1.5 pt-2">
          <IconButton icon={Plus} label={p('compose.attach')} iconSize={20} className="mb-0.5 size-9 rounded-full" onClick={() => phone.sheet({ title: p('compose.attach'), body: <AttachMenu reply={reply} onFile={(kind) => (kind === 'media' ? media : document_).current?.click()} done={() => undefined} /> })} />
          <div className="flex min-w-0 flex-1 items-end rounded-[20px] border border-control bg-surface focus-within:border-brand focus-within:shadow-[0_0_0_1px_var(--brand)]">
            <textarea
              ref={area} rows={1} value={text} aria-label={p('compose.message')} placeholder={p('compose.message')} dir={text ? directionOf(text) : undefined} enterKeyHint="send"
              onChange={(event) => setText(event.target.value)}
              onKeyDown={(event) => {
                if (event.key === 'Enter' && !event.shiftKey && !event.nativeEvent.isComposing) {
                  event.preventDefault();
                  send();
                } else if (event.key === 'Escape' && (mode || ad)) {
                  event.stopPropagation();
                  clear();
                }
              }}
              className="min-w-0 flex-1 resize-none bg-transparent py-2 ps-3.5 pe-1 text-14 leading-[1.3125rem] outline-none"
            />
            <PopoverButton label={p('compose.emoji')} data-tip={p('compose.emoji')} placement="top end" content={() => <EmojiGrid onPick={insert} />} className="mb-0.5 grid size-8 shrink-0 place-items-center rounded-full text-ink-2 hover:bg-hover hover:text-ink">
              <Smile size={18} strokeWidth={1.75} aria-hidden />
            </PopoverButton>
            {!text && (
              <button type="button" aria-label={p('attach.sample_photo')} data-tip={p('attach.sample_photo')} onClick={() => void openSamplePhoto(phone, reply)} className="me-1 mb-0.5 grid size-8 shrink-0 place-items-center rounded-full text-ink-2 hover:bg-hover hover:text-ink">
                <Camera size={18} strokeWidth={1.75} aria-hidden />
              </button>
            )}
          </div>
          <button
            type="button" aria-label={text.trim() ? t('action.send') : p('compose.voice')} data-tip={text.trim() ? t('action.send') : p('compose.voice')}
            onClick={() => (text.trim() ? send() : setRecording(true))}
            className="grid size-10 shrink-0 place-items-center rounded-full bg-brand text-on-brand hover:bg-brand-hover"
          >
            {text.trim() ? <SendHorizontal size={18} strokeWidth={1.75} aria-hidden className="mirror" /> : <Mic size={18} strokeWidth={1.75} aria-hidden />}
          </button>
        </div>
      )}
    </div>
  );
}

function Strip({ icon: Icon, title, text, label, onClose }: { icon: typeof Reply; title: string; text: string; label: string; onClose: () => void }) {
  return (
    <div className="flex items-center gap-2 px-3 pt-2">
      <Icon size={16} strokeWidth={1.75} aria-hidden className="mirror shrink-0 text-brand-ink" />
      <div className="min-w-0 flex-1 rounded-7 border-s-3 border-brand-2 bg-sunken px-2 py-1 text-12">
        <p className="font-semibold text-brand-ink">{title}</p>
        <p className="truncate text-ink-2"><bdi>{text}</bdi></p>
      </div>
      <IconButton icon={X} label={label} size="small" onClick={onClose} />
    </div>
  );
}

/** A recording is played at: what leaves is a short sample, the same on every machine. */
function Recorder({ onCancel, onSend }: { onCancel: () => void; onSend: () => void }) {
  useLocale();
  const [passed, setPassed] = useState(0);
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    button.current?.focus();
    const timer = setInterval(() => setPassed((n) => n + 1), 1000);
    return () => clearInterval(timer);
  }, []);
  return (
    <div className="flex items-center gap-2 px-2 pt-2">
      <IconButton icon={Trash2} label={p('voice.discard')} className="rounded-full" onClick={onCancel} />
      <p className="flex min-w-0 flex-1 items-center gap-2 text-13">
        <span aria-hidden className="animate-breathe size-2 rounded-full bg-bad-solid" />
        <Ltr className="tabular">{`0:${String(passed % 60).padStart(2, '0')}`}</Ltr>
        <span className="truncate text-ink-2">{p('voice.sample')}</span>
      </p>
      <button ref={button} type="button" aria-label={p('voice.send')} data-tip={p('voice.send')} onClick={onSend} onKeyDown={(event) => event.key === 'Escape' && onCancel()} className="grid size-10 shrink-0 place-items-center rounded-full bg-brand text-on-brand hover:bg-brand-hover">
        <SendHorizontal size={18} strokeWidth={1.75} aria-hidden className="mirror" />
      </button>
    </div>
  );
}
