import type { Activity, Business, Chat, ChatRow, ClockState, Message, Person, Preset, Pressed, Referral, World } from './types';

/** What the sandbox says when it does not do a thing. `no_connection` is our own word for no answer at all. */
export class SandboxError extends Error {
  constructor(readonly code: string, message: string, readonly status: number) {
    super(message);
    this.name = 'SandboxError';
  }
}

type Method = 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';

async function call<Answer>(method: Method, path: string, body?: unknown, signal?: AbortSignal): Promise<Answer> {
  let response: Response;
  try {
    response = await fetch(path, {
      method, signal: signal ?? null,
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } }),
    });
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new SandboxError('no_connection', 'no connection', 0);
  }
  const text = await response.text();
  if (!response.ok) throw refusal(response.status, text);
  return (text ? JSON.parse(text) : null) as Answer;
}

function refusal(status: number, text: string): SandboxError {
  try {
    const { error } = JSON.parse(text) as { error?: { code?: string; message?: string } };
    if (error?.code) return new SandboxError(error.code, error.message ?? error.code, status);
  } catch {
    // Not our envelope: the status is all there is.
  }
  return new SandboxError('unknown', `${status}`, status);
}

const part = encodeURIComponent;
const chatPath = (person: string, number: string) => `/phone/api/chats/${part(person)}/${part(number)}`;
export type Sent = { message: Message | null };

export const api = {
  persons: () => call<{ persons: Person[] }>('GET', '/phone/api/persons').then((answer) => answer.persons),
  createPerson: (body: { name: string; phone?: string; hidden?: boolean }) => call<Person>('POST', '/phone/api/persons', body),
  changePerson: (person: string, change: Partial<Pick<Person, 'name' | 'hidden' | 'on_whatsapp' | 'phone_off' | 'read_receipts' | 'auto_read'>>) =>
    call<Person>('PATCH', `/phone/api/persons/${part(person)}`, change),
  changeNumber: (person: string, phone: string) => call<Person>('POST', `/phone/api/persons/${part(person)}/change-number`, { phone }),
  businesses: () => call<{ businesses: Business[] }>('GET', '/phone/api/businesses').then((answer) => answer.businesses),
  chats: (person: string) => call<{ chats: ChatRow[] }>('GET', `/phone/api/chats?person=${part(person)}`).then((answer) => answer.chats),
  chat: (person: string, number: string, limit: number) => call<Chat>('GET', `${chatPath(person, number)}?limit=${limit}`),
  activity: () => call<{ items: Activity[]; next: number }>('GET', '/phone/api/activity?limit=200').then((answer) => answer.items),
  world: () => call<World>('GET', '/control/world'),
  clock: () => call<ClockState>('GET', '/control/clock'),
  wind: (by: { advance_s: number } | { set: string }) => call<ClockState>('POST', '/control/clock', by),
  presets: () => call<{ presets: Preset[] }>('GET', '/control/faults/presets').then((answer) => answer.presets),
  setPreset: (name: string, on: boolean, params?: Record<string, unknown>) =>
    call<{ presets: Preset[] }>('POST', `/control/faults/presets/${part(name)}`, params ? { on, params } : { on }).then((answer) => answer.presets),
  reset: (keepWorld: boolean) => call<unknown>('POST', '/control/reset', { keep_world: keepWorld }),

  text: (person: string, number: string, body: { text: string; reply_to?: string; referral?: Referral }) => call<Sent>('POST', `${chatPath(person, number)}/text`, body),
  react: (person: string, number: string, message_id: string, emoji: string) => call<Sent>('POST', `${chatPath(person, number)}/reaction`, { message_id, emoji }),
  press: (person: string, number: string, body: { message_id: string; index?: number; id?: string; card?: number }) => call<Pressed>('POST', `${chatPath(person, number)}/press`, body),
  choose: (person: string, number: string, message_id: string, row_id: string) => call<Sent>('POST', `${chatPath(person, number)}/choose`, { message_id, row_id }),
  location: (person: string, number: string, body: { latitude: number; longitude: number; name?: string; address?: string; reply_to?: string }) => call<Sent>('POST', `${chatPath(person, number)}/location`, body),
  contacts: (person: string, number: string, body: { contacts: { name: string; phone: string }[]; reply_to?: string } | { share_own: true; reply_to: string }) => call<Sent>('POST', `${chatPath(person, number)}/contacts`, body),
  form: (person: string, number: string, message_id: string, response: Record<string, unknown>) => call<Sent>('POST', `${chatPath(person, number)}/form`, { message_id, response }),
  edit: (person: string, number: string, message_id: string, text: string) => call<Sent>('POST', `${chatPath(person, number)}/edit`, { message_id, text }),
  revoke: (person: string, number: string, message_id: string) => call<Sent>('POST', `${chatPath(person, number)}/revoke`, { message_id }),
  unsupported: (person: string, number: string, kind: string) => call<Sent>('POST', `${chatPath(person, number)}/unsupported`, { kind }),
  open: (person: string, number: string, open: boolean) => call<Sent>('POST', `${chatPath(person, number)}/open`, { open }),
  played: (person: string, number: string, message_id: string) => call<Sent>('POST', `${chatPath(person, number)}/played`, { message_id }),
  block: (person: string, number: string, blocked: boolean) => call<Sent>('POST', `${chatPath(person, number)}/block`, { blocked }),
  marketing: (person: string, number: string, stopped: boolean) => call<Sent>('POST', `${chatPath(person, number)}/marketing`, { stopped }),
};

/** The page is going away: the request must outlive it. */
export function leaveChat(person: string, number: string) {
  void fetch(`${chatPath(person, number)}/open`, { method: 'POST', keepalive: true, headers: { 'Content-Type': 'application/json' }, body: '{"open":false}' }).catch(() => undefined);
}

export interface Upload { file: Blob; filename: string; kind: 'image' | 'video' | 'audio' | 'voice' | 'document' | 'sticker'; caption?: string; reply_to?: string }

/** `fetch` does not tell how much has gone up; the older way does. */
export function uploadMedia(person: string, number: string, upload: Upload, onProgress: (sent: number, total: number) => void, signal: AbortSignal): Promise<Sent> {
  return new Promise((resolve, reject) => {
    const form = new FormData();
    form.set('kind', upload.kind);
    if (upload.caption) form.set('caption', upload.caption);
    if (upload.kind === 'document') form.set('filename', upload.filename);
    if (upload.reply_to) form.set('reply_to', upload.reply_to);
    form.set('file', upload.file, upload.filename);
    const request = new XMLHttpRequest();
    request.open('POST', `${chatPath(person, number)}/media`);
    request.upload.onprogress = (event) => onProgress(event.loaded, event.total);
    request.onload = () => {
      if (request.status < 300) resolve(JSON.parse(request.responseText) as Sent);
      else reject(refusal(request.status, request.responseText));
    };
    request.onerror = () => reject(new SandboxError('no_connection', 'no connection', 0));
    request.onabort = () => reject(new DOMException('aborted', 'AbortError'));
    signal.addEventListener('abort', () => request.abort());
    request.send(form);
  });
}
