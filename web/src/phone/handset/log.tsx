import { ArrowDown } from 'lucide-react';
import { Fragment, useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react';
import { Button } from '@/components/button';
import { useLocale } from '@/i18n';
import { now, useNow } from '@/lib/clock';
import { daysAgo, dayName } from '@/lib/format';
import { p, spoken } from '../i18n';
import { usePending } from '../model/pending';
import { loadOlder, mayHaveOlder } from '../model/queries';
import type { Message } from '../model/types';
import { Bubble, domId, SystemLine } from './bubble';
import { usePhone } from './context';
import { Guard } from './guard';

const NEAR = 60;
const TOGETHER = 120_000;

/** The messages of a chat. Stays at the end while the reader is there; otherwise nothing moves under the reader. */
export function Log() {
  useLocale();
  useNow();
  const { person, business, chat } = usePhone();
  const pending = usePending(person.id, business.id);
  const box = useRef<HTMLDivElement>(null);
  const inner = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  const lastTop = useRef(0);
  const [leftAt, setLeftAt] = useState<number | null>(null);
  const typing = useTyping(chat.typing_until);
  const messages = chat.messages;
  const newest = messages.at(-1)?.seq ?? 0;
  const seen = useRef(newest);
  const waiting = pending.length;
  const fresh = leftAt === null ? 0 : messages.filter((message) => message.seq > leftAt).length;

  const toEnd = useCallback(() => {
    const element = box.current;
    if (element) element.scrollTop = element.scrollHeight;
    atEnd.current = true;
  }, []);

  useLayoutEffect(() => {
    const arrived = messages.filter((message) => message.seq > seen.current);
    seen.current = Math.max(seen.current, newest);
    if (atEnd.current || arrived.some((message) => message.from === 'person')) toEnd();
  }, [messages, newest, toEnd]);
  useLayoutEffect(() => {
    if (waiting) toEnd();
  }, [waiting, toEnd]);
  // Pictures and the typing bubble grow the page after it was drawn.
  useEffect(() => {
    if (!inner.current || !box.current) return;
    const observer = new ResizeObserver(() => atEnd.current && toEnd());
    observer.observe(inner.current);
    observer.observe(box.current);
    return () => observer.disconnect();
  }, [toEnd]);

  const jump = useCallback((id: string) => {
    const target = document.getElementById(domId(person.id, id));
    target?.scrollIntoView({ block: 'center', behavior: 'smooth' });
    target?.classList.add('is-flashed');
    setTimeout(() => target?.classList.remove('is-flashed'), 900);
  }, [person.id]);

  const all = [...messages.map((message) => ({ message, pending: undefined })), ...pending.map((item) => ({ message: item.message, pending: item }))];
  return (
    <div className="relative min-h-0 flex-1">
      <div
        ref={box} role="log" aria-label={spoken('chat.messages', { name: business.name })}
        onScroll={(event) => {
          const { scrollHeight, scrollTop, clientHeight } = event.currentTarget;
          // Only a reader who scrolled up has left the end; a picture that grew has not moved anybody.
          if (scrollHeight - scrollTop - clientHeight < NEAR) atEnd.current = true;
          else if (scrollTop < lastTop.current) atEnd.current = false;
          lastTop.current = scrollTop;
          setLeftAt((before) => (atEnd.current ? null : (before ?? newest)));
        }}
        className="focus-inset h-full overflow-x-hidden overflow-y-auto overscroll-contain bg-thread px-2.5 pt-2 pb-3"
      >
        <div ref={inner} className="flex min-h-full flex-col justify-end">
          {mayHaveOlder(person.id, business.id, messages.length) && <Button size="small" tone="soft" className="mx-auto mb-2" onClick={() => void loadOlder(person.id, business.id)}>{p('chat.older')}</Button>}
          {all.length === 0 && <p className="m-auto max-w-56 text-center text-13 text-ink-2">{p('chat.empty', { name: business.name })}</p>}
          {all.map(({ message, pending: item }, i) => {
            const before = all[i - 1]?.message;
            const after = all[i + 1]?.message;
            const day = !before || daysAgo(before.at) !== daysAgo(message.at);
            return (
              <Fragment key={message.id}>
                {day && <p className="sticky top-0 z-2 mx-auto my-2 rounded-full border border-line bg-surface px-3 py-0.5 text-12 text-ink-2">{dayName(message.at)}</p>}
                <div className={day ? '' : together(before, message) ? 'mt-0.5' : 'mt-1.5'}>
                  <Guard instead={<SystemLine text={p('kind.unsupported')} />}><Bubble message={message} pending={item} last={!after || !together(message, after)} onJump={jump} /></Guard>
                </div>
              </Fragment>
            );
          })}
          {typing && (
            <div role="status" aria-label={p('chat.typing')} className="mt-1.5 flex h-9 w-14 items-center justify-center gap-1 self-start rounded-14 rounded-es-[4px] border border-line bg-in">
              {[0, 160, 320].map((delay) => <span key={delay} style={{ animationDelay: `${delay}ms` }} className="animate-breathe size-1.5 rounded-full bg-ink-2" />)}
            </div>
          )}
        </div>
      </div>
      {fresh > 0 && (
        <button type="button" onClick={toEnd} className="animate-rise absolute bottom-3 left-1/2 z-3 inline-flex h-8 -translate-x-1/2 items-center gap-1.5 rounded-full border border-line-2 bg-raised px-3 text-12 font-semibold text-brand-ink shadow-e2">
          <ArrowDown size={14} aria-hidden />{p('chat.new_messages', { n: fresh })}
        </button>
      )}
    </div>
  );
}

function together(a: Message | undefined, b: Message): boolean {
  return !!a && a.from === b.from && a.type !== 'system' && b.type !== 'system' && Date.parse(b.at) - Date.parse(a.at) < TOGETHER && !a.reactions.length;
}

/** Counted on the sandbox's clock, ended by our own timer. */
export function useTyping(until: string | null): boolean {
  const [, draw] = useState(0);
  const left = until ? Date.parse(until) - now() : 0;
  useEffect(() => {
    if (left <= 0) return;
    const timer = setTimeout(() => draw((n) => n + 1), Math.min(left, 30_000) + 50);
    return () => clearTimeout(timer);
  });
  return left > 0;
}
