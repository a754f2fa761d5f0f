import { t } from '@/i18n';
import { setServerNow } from '@/lib/clock';
import { getPrefs } from '@/lib/prefs';
import type { Problem } from './types';

const BASE = '/api/v1';

/** What the API says when it does not do a thing: a stable code, and words for the person. */
export class ApiProblem extends Error {
  readonly code: string;
  readonly status: number;
  constructor(readonly problem: Problem, readonly retryAfter: number | null = null) {
    super(problem.detail || problem.title);
    this.name = 'ApiProblem';
    this.code = problem.code;
    this.status = problem.status;
  }
}

/** The answer never came: the server is away, or we are. */
export class NoConnection extends Error {
  constructor() {
    super('no connection');
    this.name = 'NoConnection';
  }
}

export type Query = Record<string, string | number | boolean | null | undefined>;
interface Options { query?: Query; body?: unknown; form?: FormData; key?: string; signal?: AbortSignal }
type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';

export function newKey(): string {
  // Also where the page is served over plain HTTP in an office network, where `randomUUID` is missing.
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

export function url(path: string, query: Query = {}): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== null && value !== undefined && value !== '') search.set(name, String(value));
  }
  const text = search.toString();
  return `${BASE}${path}${text ? `?${text}` : ''}`;
}

async function request<Answer>(method: Method, path: string, { query, body, form, key, signal }: Options = {}): Promise<Answer> {
  const headers = new Headers({ Accept: 'application/json', 'Accept-Language': getPrefs().locale });
  if (!form && method !== 'GET') headers.set('Content-Type', 'application/json');
  if (method === 'POST') headers.set('Idempotency-Key', key ?? newKey());
  const init: RequestInit = { method, headers, credentials: 'same-origin', signal: signal ?? null };
  if (form) init.body = form;
  else if (method !== 'GET' && method !== 'DELETE') init.body = JSON.stringify(body ?? {});
  let response: Response;
  try {
    response = await fetch(url(path, query), init);
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new NoConnection();
  }
  setServerNow(response.headers.get('Kesher-Now'));
  if (!response.ok) throw await problemOf(response);
  if (response.status === 204 || response.headers.get('Content-Length') === '0') return undefined as Answer;
  return (await response.json()) as Answer;
}

export async function problemOf(response: Response): Promise<ApiProblem | NoConnection> {
  // A proxy in front of a server that is away answers for it.
  if ([502, 503, 504].includes(response.status)) return new NoConnection();
  const retry = Number(response.headers.get('Retry-After'));
  const fallback: Problem = { title: t('error.unknown'), status: response.status, code: 'unknown' };
  const body: unknown = await response.json().catch(() => null);
  const problem = body && typeof body === 'object' ? { ...fallback, ...body } : fallback;
  return new ApiProblem(problem, Number.isFinite(retry) && retry > 0 ? retry : null);
}

export const api = {
  get: <Answer>(path: string, query?: Query, signal?: AbortSignal) => request<Answer>('GET', path, { query, signal }),
  post: <Answer>(path: string, body?: unknown, key?: string) => request<Answer>('POST', path, { body, key }),
  patch: <Answer>(path: string, body: unknown) => request<Answer>('PATCH', path, { body }),
  delete: <Answer>(path: string) => request<Answer>('DELETE', path),
};

/** Uploads go by XMLHttpRequest: `fetch` cannot say how much of a body has left. */
export function upload<Answer>(path: string, file: File, onProgress: (share: number) => void, signal?: AbortSignal): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const xhr = new XMLHttpRequest();
    const form = new FormData();
    form.set('file', file, file.name);
    xhr.open('POST', url(path));
    xhr.setRequestHeader('Accept-Language', getPrefs().locale);
    xhr.setRequestHeader('Idempotency-Key', newKey());
    xhr.upload.onprogress = (event) => event.lengthComputable && onProgress(event.loaded / event.total);
    xhr.onerror = () => reject(new NoConnection());
    xhr.onabort = () => reject(new DOMException('aborted', 'AbortError'));
    xhr.onload = async () => {
      setServerNow(xhr.getResponseHeader('Kesher-Now'));
      const answer = new Response(xhr.responseText || null, { status: xhr.status });
      if (answer.ok) resolve((await answer.json()) as Answer);
      else reject(await problemOf(answer));
    };
    signal?.addEventListener('abort', () => xhr.abort());
    xhr.send(form);
  });
}

/** A sentence for the person, whatever went wrong. */
export function wordsFor(error: unknown): string {
  if (error instanceof ApiProblem) {
    const { detail, title, mend } = error.problem;
    return [detail || title, mend].filter(Boolean).join(' ');
  }
  if (error instanceof NoConnection) return t('error.no_connection');
  return t('error.unknown');
}
