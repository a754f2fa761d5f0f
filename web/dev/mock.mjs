// A pretend server for the screens' development: the API's shapes, invented data, the live stream, the decision's logic.
// POST /control/incoming {conversation_id, text}, /control/clock {advance_s} and /control/empty steer it.
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import * as data from './data.mjs';
import { channelRoutes, decideByFamily } from './mock-channels.mjs';
import { mailingRoutes } from './mock-mailing.mjs';

const { users, pipelines, channels, templates, conversations, messages, leads, timelines, media, quarantine, apiKeys } = data;
let offset = 0, signedIn = process.env.SIGNED_IN !== '0', seq = 100, down = false;
const born = Date.now();
const now = () => data.START + (Date.now() - born) + offset;
const iso = (ms = now()) => new Date(ms).toISOString();
const DAY = 86_400_000;
const streams = new Set(), uploads = new Map();
let me = users[0];

const emit = (name, body, id) => { for (const out of streams) out.write(`${id ? `id: ${id}\n` : ''}event: ${name}\ndata: ${JSON.stringify(body)}\n\n`); };
const event = (kind, ids, facts = {}) => emit('event', { seq: ++seq, kind, at: iso(), ids, facts }, seq);
const fail = (status, code, title, more = {}) => Object.assign(new Error(title), { problem: { type: `/problems/${code}`, title, status, code, request_id: 'r-2041', ...more } });
const find = (list, id) => list.find((item) => item.id === id) ?? (() => { throw fail(404, 'not_found', 'לא נמצא'); })();
const page = (items, q, size = 30) => {
  const from = Number(q.get('cursor') ?? 0), limit = Number(q.get('limit') ?? size);
  return { items: items.slice(from, from + limit), next: from + limit < items.length ? String(from + limit) : null };
};
const fresh = (c) => {
  if (c.window.state !== 'none') c.window.state = Date.parse(c.window.expires_at) > now() ? 'open' : 'closed';
  c.lead = c.lead && leads.get(c.lead.id);
  return c;
};
const inView = (c, view) => view === 'resolved' ? c.state === 'resolved' : c.state === 'open' && (view === 'mine' ? c.assignee_id === me.id : view === 'unassigned' ? !c.assignee_id : view === 'waiting' ? c.last_message?.direction === 'in' : true);
const touch = (c, message) => { c.last_message = data.summary(message); c.last_at = message.at; };
const findMessage = (id) => [...messages.values()].flat().find((m) => m.id === id) ?? (() => { throw fail(404, 'not_found', 'לא נמצא'); })();
const meOf = () => ({ user: me, workspace: { id: 'w1', name: 'סוכנות דוגמה', locale: 'he', time_zone: 'Asia/Jerusalem' }, permissions: ['conversations.read', 'conversations.write', 'leads.read', 'leads.write', 'templates.read', 'templates.manage', 'channels.read', 'channels.manage', 'campaigns.manage', 'users.read', 'users.manage', 'api_keys.manage', 'quarantine.view', 'events.read'], demo: true, sandbox_phone_url: 'http://127.0.0.1:5173/phone.html', now: iso() });

function decide(c, content) {
  const at = { verdict: 'refused', until: null, mends: [], levels: [], from: { channel_id: c.channel.id, phone: c.channel.phone } };
  const refuse = (code, params, ...mends) => ({ ...at, reason: { code, params }, mends: mends.map((m) => ({ code: m, params: {} })) });
  if (c.contact.marketing.state === 'opted_out') return refuse('opted_out', { at: c.contact.marketing.at }, 'call');
  const own = decideByFamily(find(channels, c.channel.id), at);
  if (own) return own;
  if (content.kind === 'template') {
    const template = find(templates, content.template_id);
    if (!template.sendable) return refuse('template_not_sendable', { status: template.status }, 'choose_template');
    if (template.category === 'marketing' && c.contact.marketing.state !== 'allowed') return refuse('no_consent', {}, 'choose_template');
    return { ...at, verdict: 'now', reason: { code: 'template_allowed', params: {} } };
  }
  if (c.window.state === 'closed') return refuse('window_closed', { closed_at: c.window.expires_at, last_inbound_at: c.window.last_inbound_at }, 'choose_template');
  return { ...at, verdict: 'now', until: c.window.expires_at, reason: { code: 'window_open', params: { expires_at: c.window.expires_at } } };
}

function deliver(c, message) {
  const steps = /נכשל|fail/.test(message.content.text ?? '') ? ['sending', 'failed'] : ['sending', 'accepted', 'sent', 'delivered', 'read'];
  steps.forEach((delivery, i) => setTimeout(() => {
    message.delivery = delivery;
    message.receipts[`${delivery}_at`] = iso();
    if (delivery === 'failed') message.failure = { reason: 'ההודעה לא נמסרה. ייתכן שהמספר אינו בוואטסאפ.', next_step: 'wait_and_retry', code: 131026, details: 'Message undeliverable' };
    if (c.last_message.id === message.id) touch(c, message);
    event('message.delivery', { conversation_id: c.id, message_id: message.id });
  }, [150, 500, 700, 1500, 4000][i]));
}

function render(template, variables) {
  const fill = (text, part) => text?.replace(/\{\{(\w+)\}\}/g, (_, k) => variables.find((v) => v.key === `${part}.${k}`)?.value ?? `{{${k}}}`);
  return { kind: 'template', template_id: template.id, name: template.name, language: template.language, rendered: { header: fill(template.header?.text, 'header'), body: fill(template.body, 'body'), footer: template.footer ?? undefined, buttons: template.buttons } };
}

const routes = {
  'GET /session': () => { if (!signedIn) throw fail(401, 'not_signed_in', 'נדרשת התחברות'); return meOf(); },
  'POST /session': (q, p, b) => { if (b.password === 'wrong') throw fail(401, 'credentials_wrong', 'הדוא״ל או הסיסמה אינם נכונים.'); signedIn = true; return meOf(); },
  'POST /session/link': (q, p, b) => { if (b.token === 'used') throw fail(410, 'link_used', 'הקישור כבר שימש'); signedIn = true; return meOf(); },
  'DELETE /session': () => { signedIn = false; },
  'GET /setup': (q) => ({ usable: q.get('token') === 'good' }),
  'POST /setup': () => { signedIn = true; return meOf(); },
  'POST /join': () => { signedIn = true; return meOf(); },
  'PATCH /me': (q, p, b) => { if (b.password && b.password.current === 'wrong') throw fail(422, 'credentials_wrong', 'הסיסמה הנוכחית אינה נכונה.', { field: 'password.current' }); Object.assign(me, { name: b.name ?? me.name, locale: b.locale ?? me.locale }); return meOf(); },
  'GET /users': () => ({ items: users, next: null }),
  'POST /users': (q, p, b) => { const user = { id: data.nextId('u'), disabled_at: null, invited: true, ...b }; users.push(user); return { user, invite_url: 'https://kesher.example.com/join?token=inv-5d1c' }; },
  'PATCH /users/:id': (q, p, b) => { const user = find(users, p.id); if (b.role) user.role = b.role; if (b.name) user.name = b.name; if ('disabled' in b) user.disabled_at = b.disabled ? iso() : null; return user; },
  'POST /users/:id/invite': () => ({ invite_url: 'https://kesher.example.com/join?token=inv-77aa' }),
  'GET /api-keys': () => ({ items: apiKeys, next: null }),
  'POST /api-keys': (q, p, b) => { const key = { id: data.nextId('ak'), ...b, created_at: iso(), last_used_at: null, revoked_at: null, last4: 'aB3d' }; apiKeys.push(key); return { ...key, key: 'ksk_demo_4f1c9a7b2e6d8f03aB3d' }; },
  'DELETE /api-keys/:id': (q, p) => { find(apiKeys, p.id).revoked_at = iso(); },
  'GET /conversations': (q) => {
    const search = (q.get('search') ?? '').replace(/-/g, '');
    return page(conversations.map(fresh).filter((c) => inView(c, q.get('view') ?? 'all') && (!q.get('channel_id') || c.channel.id === q.get('channel_id')) && (!search || JSON.stringify([c.contact.display_name, c.contact.phone?.replace('+972', '0'), c.last_message?.text]).includes(search))).sort((a, b) => b.last_at.localeCompare(a.last_at)), q);
  },
  'GET /conversations/counts': () => Object.fromEntries(['mine', 'unassigned', 'waiting', 'all'].map((view) => [view, conversations.filter((c) => inView(c, view)).length])),
  'GET /conversations/:id': (q, p) => fresh(find(conversations, p.id)),
  'PATCH /conversations/:id': (q, p, b) => { const c = find(conversations, p.id); if ('assignee_id' in b) c.assignee_id = b.assignee_id; if (b.state) c.state = b.state; c.version++; event('conversation.changed', { conversation_id: c.id }); return fresh(c); },
  'POST /conversations/:id/read': (q, p) => { const c = find(conversations, p.id); c.unread_count = 0; event('conversation.changed', { conversation_id: c.id }); },
  'POST /conversations/:id/typing': () => {},
  'GET /conversations/:id/messages': (q, p) => page([...(messages.get(p.id) ?? [])].reverse(), q, 40),
  'GET /messages/:id': (q, p) => findMessage(p.id),
  'POST /conversations/:id/messages': (q, p, b) => {
    const c = fresh(find(conversations, p.id));
    let content = b.content;
    if (!b.note) {
      const decision = decide(c, content);
      if (decision.verdict === 'refused') throw fail(409, decision.reason.code, 'אי אפשר לשלוח', { detail: 'חלון השיחה נסגר.', mend: 'תבנית מאושרת פותחת אותו מחדש.' });
    }
    let item = null;
    if (content.kind === 'template') { content = render(find(templates, content.template_id), content.variables); item = media.get(b.content.header_media_id) ?? null; }
    if (content.kind === 'media') { item = media.get(content.media_id); content = { ...content, media_kind: item.media_kind, filename: item.filename }; }
    const quoted = b.reply_to && findMessage(b.reply_to);
    const message = data.makeMessage(c.id, b.note ? 'note' : 'out', content, now(), { media: item, delivery: b.note ? null : 'queued', receipts: {}, send_at: b.send_at ?? null, reply_to: quoted ? { message_id: quoted.id, direction: quoted.direction, kind: data.summary(quoted).kind, text: data.summary(quoted).text } : null });
    touch(c, message);
    event('message.queued', { conversation_id: c.id, message_id: message.id });
    if (!b.note) deliver(c, message);
    return message;
  },
  'POST /messages/:id/reaction': (q, p, b) => { const m = findMessage(p.id); m.reactions = m.reactions.filter((r) => r.by !== 'business'); if (b.emoji) m.reactions.push({ emoji: b.emoji, by: 'business' }); event('message.changed', { conversation_id: m.conversation_id, message_id: m.id }); return m; },
  'POST /messages/:id/resend': (q, p) => { const m = findMessage(p.id), c = find(conversations, m.conversation_id); const next = data.makeMessage(c.id, 'out', m.content, now(), { delivery: 'queued', receipts: {}, media: m.media, resend_of: m.id }); m.resent_as = next.id; touch(c, next); event('message.queued', { conversation_id: c.id, message_id: next.id }); event('message.changed', { conversation_id: c.id, message_id: m.id }); deliver(c, next); return next; },
  'POST /messages/:id/settle': (q, p, b) => { const m = findMessage(p.id); m.delivery = b.as === 'sent' ? 'sent' : 'failed'; if (b.as !== 'sent') m.failure = { reason: 'סומן שההודעה לא יצאה.', next_step: 'wait_and_retry', code: null, details: null }; event('message.delivery', { conversation_id: m.conversation_id, message_id: m.id }); return m; },
  'POST /messages/:id/cancel': (q, p) => { const m = findMessage(p.id); m.delivery = 'cancelled'; event('message.delivery', { conversation_id: m.conversation_id, message_id: m.id }); return m; },
  'POST /decisions': (q, p, b) => decide(fresh(find(conversations, b.conversation_id)), b.content),
  'GET /contacts': (q) => page(conversations.map((c) => c.contact).filter((c) => !q.get('search') || JSON.stringify([c.display_name, c.phone?.replace('+972', '0')]).includes(q.get('search').replace(/-/g, ''))), q),
  'GET /contacts/:id': (q, p) => conversations.find((c) => c.contact.id === p.id).contact,
  'PATCH /contacts/:id': (q, p, b) => { const c = conversations.find((x) => x.contact.id === p.id); if (b.phone && !/^[+\d][\d\s-]{8,}$/.test(b.phone)) throw fail(422, 'phone_invalid', 'חסרות ספרות במספר.', { field: 'phone' }); Object.assign(c.contact, Object.fromEntries(Object.entries(b).filter(([k]) => k !== 'version'))); c.contact.display_name = c.contact.name ?? c.contact.phone; c.contact.version++; event('contact.changed', { contact_id: p.id }); return c.contact; },
  'GET /leads': (q) => page([...leads.values()].filter((l) => (!q.get('status_id') || l.status_id === q.get('status_id')) && (!q.get('assignee_id') || l.assignee_id === q.get('assignee_id')) && (!q.get('contact_id') || l.contact_id === q.get('contact_id')) && (!q.get('search') || conversations.find((c) => c.contact.id === l.contact_id)?.contact.display_name.includes(q.get('search')))), q),
  'GET /leads/:id': (q, p) => leads.get(p.id),
  'PATCH /leads/:id': (q, p, b) => {
    const l = leads.get(p.id);
    if (b.version !== l.version) throw fail(409, 'changed_meanwhile', 'השתנה בינתיים', { current: l });
    if (b.status_id && b.status_id !== l.status_id) timelines.get(l.id).unshift({ seq: ++seq, kind: 'lead.changed', at: iso(), actor: { kind: 'user', user_id: 'u1', name: me.name }, facts: { what: 'status', from: l.status_id, to: b.status_id } });
    const next = { ...l, ...b, version: l.version + 1, fields: { ...l.fields, ...b.fields } };
    for (const [k, value] of Object.entries(next.fields)) if (value === null) delete next.fields[k];
    leads.set(l.id, next);
    event('lead.changed', { lead_id: l.id, contact_id: l.contact_id });
    return next;
  },
  'GET /leads/:id/timeline': (q, p) => page(timelines.get(p.id) ?? [], q),
  'GET /pipelines': () => ({ items: pipelines, next: null }),
  'GET /templates': (q) => page(templates.filter((t) => !q.get('search') || (t.title + t.name).includes(q.get('search'))), q, 100),
  'POST /templates/sync': () => ({ items: 6 }),
  'GET /quarantine': () => ({ items: quarantine, next: null }),
  'POST /quarantine/:id/retry': (q, p) => { quarantine.splice(quarantine.findIndex((x) => x.id === p.id), 1); },
  'POST /quarantine/:id/dismiss': (q, p) => { quarantine.splice(quarantine.findIndex((x) => x.id === p.id), 1); },
  'GET /attention': () => ({ items: [], next: null }),
  'POST /demo/clock': (q, p, b) => { offset += (b.to_next_due ? 3600 : b.advance_s) * 1000; emit('clock', { now: iso() }); conversations.forEach(fresh); return { now: iso() }; },
};
Object.assign(routes, channelRoutes({ data, now, iso, fail, find, event }), mailingRoutes({ data, now, iso, fail, find, event, page, touch, fresh }));
const table = Object.entries(routes).map(([key, run]) => {
  const [method, path] = key.split(' ');
  return { method, pattern: new RegExp(`^${path.replace(/:(\w+)/g, '(?<$1>[^/]+)')}$`), run };
});

const paper = (name) => `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 800 600"><rect width="800" height="600" fill="#5b4a40"/><g transform="rotate(-7 400 300)"><rect x="190" y="-40" width="440" height="720" fill="#fbf8f1"/>${Array.from({ length: 14 }, (_, i) => `<rect x="230" y="${40 + i * 42}" width="${120 + ((i * 53) % 90)}" height="12" fill="#8b9895"/><rect x="${470 - ((i * 31) % 40)}" y="${40 + i * 42}" width="110" height="12" fill="#b4bfbc"/>`).join('')}<rect x="430" y="560" width="160" height="26" fill="#2e5c63"/></g><title>${name}</title></svg>`;

/** The built screens, for pictures: `STATIC=dist/app`. */
const types = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.woff2': 'font/woff2', '.svg': 'image/svg+xml' };
async function asset(path, response) {
  const root = process.env.STATIC;
  const file = await readFile(join(root, normalize(path))).catch(() => null);
  response.writeHead(200, { 'Content-Type': types[file ? extname(path) : '.html'] ?? 'application/octet-stream' });
  response.end(file ?? (await readFile(join(root, 'index.html'))));
}

async function body(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts);
}

setInterval(() => { for (const out of streams) out.write(': still here\n\n'); }, 15_000).unref();

createServer(async (request, response) => {
  const url = new URL(request.url, 'http://x');
  const send = (status, value) => { response.writeHead(status, { 'Content-Type': status >= 400 ? 'application/problem+json' : 'application/json', 'Kesher-Now': iso() }); response.end(value === undefined ? undefined : JSON.stringify(value)); };
  if (down && !url.pathname.startsWith('/control')) return response.destroy();
  if (process.env.STATIC && !/^\/(api|control)\//.test(url.pathname)) return asset(url.pathname, response);
  const path = url.pathname.replace('/api/v1', '');
  try {
    if (path === '/live') {
      response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
      response.write(`event: clock\ndata: ${JSON.stringify({ now: iso() })}\n\n`);
      streams.add(response);
      return request.on('close', () => streams.delete(response));
    }
    const content = /^\/media\/([^/]+)\/content$/.exec(path);
    if (content) {
      const item = media.get(content[1]), own = uploads.get(content[1]);
      response.writeHead(200, { 'Content-Type': own ? item.mime_type : 'image/svg+xml' });
      return response.end(own ?? paper(item?.filename ?? 'photo'));
    }
    const raw = await body(request);
    if (path === '/media') {
      const head = raw.subarray(0, 600).toString('utf8');
      const name = /filename="([^"]*)"/.exec(head)?.[1] ?? 'file', mime = /Content-Type: ([^\r\n]+)/.exec(head)?.[1] ?? 'application/octet-stream';
      const item = data.makeMedia(mime.startsWith('image/') ? 'image' : mime.startsWith('video/') ? 'video' : mime.startsWith('audio/') ? 'audio' : 'document', name, mime, raw.length);
      uploads.set(item.id, raw.subarray(raw.indexOf('\r\n\r\n') + 4, raw.lastIndexOf('\r\n--')));
      return send(201, item);
    }
    const json = raw.length ? JSON.parse(raw.toString()) : {};
    if (url.pathname === '/control/incoming') {
      const c = find(conversations, json.conversation_id ?? 'v2');
      const message = data.makeMessage(c.id, 'in', { kind: 'text', text: json.text ?? 'הודעה חדשה' }, now());
      Object.assign(c, { unread_count: c.unread_count + 1, state: 'open', window: { state: 'open', expires_at: iso(now() + DAY), last_inbound_at: iso() } });
      touch(c, message);
      event('message.received', { conversation_id: c.id, message_id: message.id });
      return send(200, message);
    }
    if (url.pathname === '/control/typing') { emit('notice', { kind: 'typing', conversation_id: json.conversation_id }); return send(200, {}); }
    if (url.pathname === '/control/clock') { offset += json.advance_s * 1000; emit('clock', { now: iso() }); return send(200, {}); }
    if (url.pathname === '/control/empty') { conversations.length = 0; leads.clear(); return send(200, {}); }
    if (url.pathname === '/control/down') { down = json.down ?? true; if (down) for (const out of streams) out.destroy(); return send(200, {}); }
    if (!signedIn && !/^\/(session|setup|join)/.test(path)) throw fail(401, 'not_signed_in', 'נדרשת התחברות');
    const exact = table.filter((r) => r.method === request.method && r.pattern.test(path)).sort((a, b) => b.pattern.source.split('(?<').length < a.pattern.source.split('(?<').length ? 1 : -1)[0];
    if (!exact) throw fail(404, 'not_found', 'אין כתובת כזאת');
    const answer = exact.run(url.searchParams, exact.pattern.exec(path).groups ?? {}, json);
    setTimeout(() => send(answer === undefined ? 204 : request.method === 'POST' ? 201 : 200, answer), Number(process.env.DELAY ?? 60));
  } catch (error) {
    if (!error.problem) console.error(error);
    send(error.problem?.status ?? 500, error.problem ?? { title: 'שגיאה', status: 500, code: 'internal', request_id: 'r-2041' });
  }
}).listen(Number(process.env.PORT ?? 5180), '127.0.0.1', function listening() { console.log(`mock on ${this.address().port}`); });
