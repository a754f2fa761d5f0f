import { useSyncExternalStore } from 'react';
import { setServerNow } from '@/lib/clock';

export type Connection = 'connecting' | 'open' | 'lost';
export interface Frame { event: string; id: string; data: unknown }

const URL_LIVE = '/api/v1/live';
const HIDDEN_FOR = 60_000;
const SILENCE = 90_000;

/**
 * One stream a page. Closed once the tab has been hidden for a minute, opened again where it stopped:
 * `EventSource` cannot be given a `Last-Event-ID`, so we read the stream with `fetch`.
 */
export class LiveStream {
  private lastId: string | null = null;
  private abort: AbortController | null = null;
  private attempt = 0;
  private retry: ReturnType<typeof setTimeout> | undefined;
  private hidden: ReturnType<typeof setTimeout> | undefined;
  private quiet: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly onFrame: (frame: Frame) => void, private readonly onResume: (missed: boolean) => void) {}

  start() {
    document.addEventListener('visibilitychange', this.onVisibility);
    window.addEventListener('online', this.now);
    void this.open();
  }

  stop() {
    document.removeEventListener('visibilitychange', this.onVisibility);
    window.removeEventListener('online', this.now);
    clearTimeout(this.retry);
    clearTimeout(this.hidden);
    clearTimeout(this.quiet);
    this.abort?.abort();
    this.abort = null;
  }

  /** A request found nobody at the other end: the stream is hardly better off, even if it has not noticed. */
  readonly suspect = () => {
    if (connection === 'lost') return;
    setConnection('lost');
    this.abort?.abort();
  };

  readonly now = () => {
    clearTimeout(this.retry);
    if (!this.abort) void this.open();
  };

  private readonly onVisibility = () => {
    clearTimeout(this.hidden);
    if (document.visibilityState === 'hidden') {
      this.hidden = setTimeout(() => {
        this.abort?.abort();
        this.abort = null;
      }, HIDDEN_FOR);
    } else this.now();
  };

  private async open() {
    const abort = new AbortController();
    this.abort = abort;
    const headers = new Headers({ Accept: 'text/event-stream' });
    if (this.lastId) headers.set('Last-Event-ID', this.lastId);
    try {
      const response = await fetch(URL_LIVE, { headers, signal: abort.signal, credentials: 'same-origin' });
      if (!response.ok || !response.body) throw new Error(`live: ${response.status}`);
      setServerNow(response.headers.get('Kesher-Now'));
      setConnection('open');
      // After a lost connection what had no number (receipts, typing) is gone: what is shown is fetched again.
      if (this.attempt > 0 || this.lastId === null) this.onResume(this.attempt > 0);
      this.attempt = 0;
      await this.read(response.body, abort);
    } catch {
      // The retry below answers for every kind of end.
    }
    if (this.abort !== abort) return;
    this.abort = null;
    if (connection === 'lost') this.attempt = Math.max(1, this.attempt);
    if (document.visibilityState === 'hidden') return;
    this.attempt += 1;
    if (this.attempt > 1) setConnection('lost');
    this.retry = setTimeout(this.now, Math.min(15_000, 400 * 2 ** this.attempt) * (0.75 + Math.random() / 2));
  }

  private async read(body: ReadableStream<Uint8Array>, abort: AbortController) {
    const reader = body.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>).getReader();
    let rest = '';
    for (;;) {
      clearTimeout(this.quiet);
      this.quiet = setTimeout(() => abort.abort(), SILENCE);
      const { done, value } = await reader.read();
      if (done) return;
      const blocks = (rest + value.replaceAll('\r\n', '\n')).split('\n\n');
      rest = blocks.pop() ?? '';
      for (const block of blocks) this.take(block);
    }
  }

  private take(block: string) {
    const frame = parseFrame(block);
    if (!frame) return;
    if (frame.id) this.lastId = frame.id;
    this.onFrame(frame);
  }
}

export function parseFrame(block: string): Frame | null {
  let event = 'message';
  let id = '';
  const data: string[] = [];
  for (const line of block.split('\n')) {
    const [, name, value = ''] = /^(\w+):? ?(.*)$/.exec(line) ?? [];
    if (name === 'event') event = value;
    if (name === 'id') id = value;
    if (name === 'data') data.push(value);
  }
  if (!data.length) return null;
  try {
    return { event, id, data: JSON.parse(data.join('\n')) as unknown };
  } catch {
    return null;
  }
}

let connection: Connection = 'connecting';
const listeners = new Set<() => void>();
function setConnection(next: Connection) {
  if (connection === next) return;
  connection = next;
  for (const listener of listeners) listener();
}
function subscribe(listener: () => void) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
export function useConnection(): Connection {
  return useSyncExternalStore(subscribe, () => connection);
}
