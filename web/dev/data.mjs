// Invented people of an invented mortgage and insurance agency. Every kind of message is somewhere in here.
import { makeChannels } from './channels.mjs';

export const START = Date.parse('2026-11-22T12:42:00Z');
const MIN = 60_000, HOUR = 60 * MIN, DAY = 24 * HOUR;
const iso = (ms) => new Date(ms).toISOString();
let seed = 7;
const rnd = () => ((seed = (seed * 1103515245 + 12345) & 0x7fffffff) / 0x7fffffff);
const pick = (list) => list[Math.floor(rnd() * list.length)];

export const users = [
  { id: 'u1', name: 'אמיר', email: 'amir@example.com', role: 'owner', locale: 'he', disabled_at: null, invited: false },
  { id: 'u2', name: 'בר', email: 'bar@example.com', role: 'agent', locale: 'he', disabled_at: null, invited: false },
  { id: 'u3', name: 'נועה', email: 'noa@example.com', role: 'manager', locale: 'he', disabled_at: null, invited: true },
  { id: 'u4', name: 'Dana', email: 'dana@example.com', role: 'viewer', locale: 'en', disabled_at: iso(START - 9 * DAY), invited: false },
];
const s = (id, he, en, group, position, is_closed = false) => ({ id, name: { he, en }, group, position, is_closed });
export const pipelines = [{
  id: 'p1', name: { he: 'משכנתאות', en: 'Mortgages' },
  statuses: [
    s('s1', 'חדש', 'New', 'new', 0), s('s2', 'בטיפול', 'In progress', 'active', 1), s('s3', 'אין מענה', 'No answer', 'active', 2),
    s('s4', 'ממתין למסמכים', 'Waiting for documents', 'waiting', 3), s('s5', 'נקבעה פגישה', 'Meeting set', 'meeting', 4),
    s('s6', 'הצעה נשלחה', 'Offer sent', 'offer', 5), s('s7', 'נסגרה עסקה', 'Won', 'won', 6, true), s('s8', 'לא נסגר', 'Lost', 'lost', 7, true), s('s9', 'לא תקין', 'Invalid', 'invalid', 8, true),
  ],
  fields: [
    { key: 'own_capital', label: { he: 'הון עצמי', en: 'Own capital' }, kind: 'number' },
    { key: 'town', label: { he: 'יישוב', en: 'Town' }, kind: 'text' },
    { key: 'stage', label: { he: 'שלב', en: 'Stage' }, kind: 'choice', options: ['מתחילים לבדוק', 'יש אישור עקרוני', 'חתמנו על חוזה'] },
    { key: 'signing', label: { he: 'מועד חתימה', en: 'Signing date' }, kind: 'date' },
  ],
}];
export const channels = makeChannels(START);
const v = (key, label, example = null, component = 'body') => ({ key, label, example, component });
const tpl = (id, name, title, body, variables, more = {}) => ({ id, account_id: 'a1', name, title, language: 'he', category: 'utility', status: 'APPROVED', quality: 'green', sendable: true, not_sendable_reason: null, header: null, body, footer: null, buttons: [], variables, rejected_reason: null, synced_at: iso(START - DAY), ...more });
export const templates = [
  tpl('t1', 'missing_documents', 'השלמת מסמכים', 'שלום {{1}}, לצורך המשך הטיפול נדרשת השלמת מסמכים: {{2}}. הקישור בתוקף {{3}}.', [v('body.1', 'שם פרטי', 'יעל'), v('body.2', 'מסמכים', 'תלושי שכר, עו״ש'), v('body.3', 'תוקף הקישור', '72 שעות')], { buttons: [{ kind: 'url', text: 'העלאה מאובטחת', url: 'https://kesher.example.com/u/1' }, { kind: 'quick_reply', text: 'אשלח כאן' }] }),
  tpl('t2', 'meeting_reminder', 'תזכורת לפגישה', 'שלום {{first_name}}, נפגשים ב־{{day}} בשעה {{time}}. נוח עדיין?', [v('body.first_name', 'שם פרטי', 'דוד'), v('body.day', 'יום', 'ראשון'), v('body.time', 'שעה', '10:30')], { footer: 'סוכנות דוגמה', buttons: [{ kind: 'quick_reply', text: 'נוח' }, { kind: 'quick_reply', text: 'נשנה מועד' }, { kind: 'phone_number', text: 'חיוג למשרד' }] }),
  tpl('t3', 'tried_to_reach', 'ניסינו להשיג אותך', 'שלום {{1}}, ניסינו להתקשר. מתי נוח לדבר?', [v('body.1', 'שם פרטי', 'אולג')]),
  tpl('t4', 'monthly_rates', 'ריביות החודש', 'עדכון ריביות לחודש {{1}}: פריים, קבועה ומשתנה.', [v('body.1', 'חודש', 'נובמבר')], { category: 'marketing', header: { format: 'image' }, sendable: true }),
  tpl('t5', 'offer_ready', 'ההצעה מוכנה', 'ההצעה על סך {{1}} מוכנה.', [v('body.1', 'סכום', '₪1,240,000')], { status: 'REJECTED', sendable: false, not_sendable_reason: 'Meta דחתה את התבנית: משתנה בתחילת הטקסט.', rejected_reason: 'INVALID_FORMAT' }),
  tpl('t6', 'hello_english', 'Welcome', 'Hello {{1}}, thank you for writing to Example Agency. How can we help?', [v('body.1', 'First name', 'Yael')], { language: 'en' }),
];

const names = ['יעל לדוגמה', 'סרגיי הדגמה', null, 'מרים הדגמה', 'דוד לדוגמה', 'ליאן מת׳אל', 'אולג הדגמה', 'תמי לדוגמה', 'אבי הדגמה', 'John Example', 'רות לדוגמה', 'איתן הדגמה', 'נורית לדוגמה', 'מוחמד הדגמה', 'Olga Sample', 'שירה לדוגמה', 'יוסי הדגמה', 'דנה לדוגמה', null, 'גיל הדגמה', 'מאיה לדוגמה', 'רון הדגמה', 'הילה לדוגמה', 'אורי הדגמה', 'סיוון לדוגמה', 'עומר הדגמה', 'טל לדוגמה', 'לאה הדגמה', 'נדב לדוגמה', 'קרן הדגמה', 'אסף לדוגמה', 'מיכל הדגמה', 'Peter Sample', 'אילנה לדוגמה', 'בועז הדגמה', 'ענת לדוגמה', 'רועי הדגמה', 'גלית לדוגמה', 'שמעון הדגמה', 'ורד לדוגמה'];
const lines = ['אפשר לדבר היום אחרי 17:00?', 'מעולה, קבענו למחר ב־10:30', 'מה הריבית כרגע?', 'שלחתי את המסמכים', 'תודה רבה!', 'כמה זמן לוקח אישור עקרוני?', 'אשמח לפרטים על משכנתא לדירה ראשונה', 'אפשר הצעה בכתב?', 'اهلا، متى ممكن نحكي؟', 'iPhone 15 במבצע? סתם, רציתי לשאול על מחזור', 'קיבלתי, אעבור על זה בערב', 'Is there a branch in Haifa?'];
const answers = ['בטח, ב־17:30 נוח?', 'נבדוק ונחזור עוד היום.', 'צריך תלושי שכר של שלושה חודשים ותדפיס עו״ש.', 'ההצעה בדרך.', 'תודה, המסמכים התקבלו.'];
const sources = [{ kind: 'whatsapp', detail: null }, { kind: 'whatsapp_ad', detail: 'משכנתא ראשונה' }, { kind: 'form', detail: 'דף הבית' }, { kind: 'manual', detail: null }];

export const messages = new Map();
export const conversations = [];
export const leads = new Map();
export const timelines = new Map();
export const media = new Map();
let counter = 1000;
export const nextId = (prefix) => `${prefix}${++counter}`;

export function makeMedia(kind, filename, mime, size, state = 'stored') {
  const id = nextId('md');
  const item = { id, state, media_kind: kind, mime_type: mime, size_bytes: size, filename, url: state === 'stored' ? `/api/v1/media/${id}/content` : null, next_try_at: state === 'pending' ? iso(START + 4 * MIN) : null };
  media.set(id, item);
  return item;
}
export function makeMessage(conversation_id, direction, content, at, more = {}) {
  const kind = direction === 'in' ? 'person' : 'user';
  const message = {
    id: nextId('m'), conversation_id, direction, author: { kind, user_id: kind === 'user' ? 'u1' : null, name: kind === 'user' ? 'אמיר' : null },
    content, at: iso(at), received_at: direction === 'in' ? iso(at + 400) : null, late: false, delivery: direction === 'out' ? 'read' : null, send_at: null,
    receipts: direction === 'out' ? { accepted_at: iso(at + 300), sent_at: iso(at + 600), delivered_at: iso(at + 1500), read_at: iso(at + 90_000) } : {},
    failure: null, reply_to: null, reactions: [], edited_at: null, revoked_at: null, forwarded: false, referral: null, media: null, resend_of: null, resent_as: null, pricing: null, ...more,
  };
  if (!messages.has(conversation_id)) messages.set(conversation_id, []);
  messages.get(conversation_id).push(message);
  return message;
}
export function summary(message) {
  const c = message.content;
  const text = c.kind === 'text' ? c.text : c.kind === 'media' ? c.caption ?? c.filename ?? '' : c.kind === 'template' ? c.rendered?.body ?? c.name : c.kind === 'interactive' ? c.body : c.title ?? c.body ?? c.name ?? '';
  const kind = c.kind === 'media' ? (c.voice ? 'voice' : c.media_kind) : c.kind;
  return { id: message.id, direction: message.direction, kind, text, author_kind: message.author.kind, delivery: message.delivery, failure_reason: message.failure?.reason ?? null, at: message.at };
}
const text = (t) => ({ kind: 'text', text: t });

names.forEach((name, i) => {
  const id = `v${i + 1}`, contact_id = `k${i + 1}`;
  const phone = i === 9 ? null : `+9725000000${String(i === 0 ? 12 : i === 2 ? 31 : 40 + i).slice(-2)}`;
  const closed = [6, 7, 8].includes(i) || i > 24;
  const inbound = START - (i === 0 ? 20 * HOUR + 18 * MIN : i === 5 ? 22.5 * HOUR : closed ? (26 + i * 9) * HOUR : i * 38 * MIN + 11 * MIN);
  // A few conversations on numbers of the other families: by hand, at a gateway's pace, restricted, unlinked.
  const channel = channels[{ 4: 2, 13: 3, 15: 4, 19: 5, 21: 7 }[i] ?? (i % 7 === 2 ? 1 : 0)];
  const status_id = i === 0 ? 's4' : [1, 2].includes(i) ? 's1' : i === 3 ? 's5' : i === 7 ? 's6' : i === 6 ? 's3' : pick(['s1', 's2', 's2', 's3', 's4', 's5', 's6', 's7', 's8']);
  const assignee_id = [1, 2, 8, 11, 17].includes(i) ? null : i % 3 === 1 ? 'u2' : 'u1';
  const contact = { id: contact_id, version: 1, name, display_name: name ?? '050-000-0031', profile_name: name?.split(' ')[0] ?? null, phone, username: i === 9 ? 'john.example' : null, email: i % 4 ? null : `person${i}@example.com`, marketing: i === 8 ? { state: 'opted_out', at: iso(START - 10 * DAY) } : { state: i % 2 ? 'unknown' : 'allowed', at: null } };
  if (i === 2) contact.display_name = '+972500000031';
  if (i === 18) contact.display_name = '+972500000058';
  const lead = { id: `l${i + 1}`, version: 1, contact_id, pipeline_id: 'p1', status_id, title: null, assignee_id, source: i === 0 ? sources[1] : sources[i % 4], fields: i % 2 ? {} : { own_capital: '400000', town: pick(['חיפה', 'רמת גן', 'אשדוד', 'מודיעין']) }, created_at: iso(inbound - 3 * DAY), closed_at: ['s7', 's8'].includes(status_id) ? iso(inbound) : null, amount_minor: i % 3 ? null : 124000000 - i * 1000000, currency: 'ILS' };
  leads.set(lead.id, lead);
  const conversation = { id, version: 1, contact, channel: { id: channel.id, name: channel.name, phone: channel.phone, level: channel.level, link: channel.link }, lead, state: i > 33 ? 'resolved' : 'open', assignee_id, unread_count: [1, 2, 5].includes(i) ? [0, 2, 1, 0, 0, 1][i] : 0, window: ['api', 'coexistence'].includes(channel.link) ? { state: closed ? 'closed' : 'open', expires_at: iso(inbound + DAY), last_inbound_at: iso(inbound) } : { state: 'none', expires_at: null, last_inbound_at: iso(inbound) }, last_message: null, last_at: iso(inbound) };
  conversations.push(conversation);
  if (i === 0) story(id);
  else if (i === 9) zoo(id, inbound);
  else {
    const n = i === 10 ? 160 : 3 + Math.floor(rnd() * 9);
    for (let j = n; j > 0; j--) makeMessage(id, rnd() < 0.5 ? 'in' : 'out', text(pick(rnd() < 0.5 ? lines : answers)), inbound - j * (i === 10 ? 53 : 47) * MIN);
    makeMessage(id, 'in', i === 2 ? { kind: 'media', media_kind: 'image', media_id: 'x' } : text(i === 5 ? 'مرحبا، متى ممكن نحكي؟' : lines[i % 3 === 1 ? 0 : i % lines.length]), inbound, i === 2 ? { media: makeMedia('image', null, 'image/jpeg', 240000) } : {});
    if (![1, 2, 5, 11, 17].includes(i)) makeMessage(id, 'out', text(pick(answers)), inbound + 6 * MIN, { delivery: i === 6 ? 'failed' : pick(['read', 'delivered', 'sent']), failure: i === 6 ? { reason: 'ההודעה לא נמסרה. ייתכן שהמספר אינו בוואטסאפ.', next_step: 'wait_and_retry', code: 131026, details: 'Message undeliverable' } : null, author: i === 4 ? { kind: 'automation', user_id: null, name: 'אישור קבלת מסמכים' } : { kind: 'user', user_id: 'u1', name: 'אמיר' } });
  }
  const last = messages.get(id).at(-1);
  conversation.last_message = summary(last);
  conversation.last_at = last.at;
  timelines.set(lead.id, [
    { seq: 9, kind: 'lead.changed', at: iso(inbound + 5 * MIN), actor: { kind: 'user', user_id: 'u1', name: 'אמיר' }, facts: { what: 'status', from: 's1', to: status_id } },
    { seq: 8, kind: 'message.received', at: iso(inbound), actor: { kind: 'person', name: null }, facts: { kind: 'text' } },
    { seq: 7, kind: 'lead.changed', at: iso(inbound - 2 * DAY), actor: { kind: 'system', name: null }, facts: assignee_id ? { what: 'assignee', to: assignee_id } : { what: 'assignee' } },
    { seq: 6, kind: 'lead.created', at: lead.created_at, actor: { kind: 'system', name: null }, facts: {} },
  ]);
});

function story(id) {
  const day = START - 20 * HOUR - 18 * MIN;
  makeMessage(id, 'in', text('שלום, ראיתי את המודעה שלכם על משכנתא לדירה ראשונה'), day - 2 * DAY, { referral: { source_type: 'ad', source_url: 'https://example.com/ad', headline: 'משכנתא ראשונה בלי כאב ראש', body: 'בדיקת זכאות בחמש דקות', media_url: null } });
  makeMessage(id, 'out', text('שלום יעל, קיבלנו את פנייתך. מה הסכום המבוקש בערך?'), day - 2 * DAY + 2000, { author: { kind: 'flow', user_id: null, name: 'קליטת משכנתא' } });
  makeMessage(id, 'in', text('בערך מיליון ומאתיים'), day - 2 * DAY + 3 * MIN);
  makeMessage(id, 'note', text('לבדוק ריבית לפני השיחה'), day - DAY);
  makeMessage(id, 'out', { kind: 'template', template_id: 't1', name: 'missing_documents', language: 'he', rendered: { body: 'שלום יעל, לצורך המשך הטיפול נדרשת השלמת מסמכים: תלושי שכר, עו״ש ונסח טאבו. איך נוח לשלוח?', buttons: [{ kind: 'url', text: 'העלאה מאובטחת', url: 'https://example.com' }, { kind: 'quick_reply', text: 'אשלח כאן' }] } }, day - 42 * MIN, { pricing: { category: 'utility', kind: 'regular' } });
  const photo = makeMessage(id, 'in', { kind: 'media', media_kind: 'image', media_id: 'x', caption: 'הנה התלוש של אוקטובר' }, day - 22 * MIN, { media: makeMedia('image', null, 'image/jpeg', 380000), reactions: [{ emoji: '❤️', by: 'business' }] });
  makeMessage(id, 'out', text('תודה! החלק התחתון מטושטש. אפשר עוד צילום שלו?'), day - 14 * MIN, { reply_to: { message_id: photo.id, direction: 'in', kind: 'image', text: 'הנה התלוש של אוקטובר' } });
  makeMessage(id, 'in', text('בטח, שולחת צילום חדש עוד מעט. ומה לגבי ריבית פריים מול קבועה?'), day);
  makeMessage(id, 'out', { kind: 'media', media_kind: 'document', media_id: 'x', filename: 'דוגמה לצילום.heic' }, START - 8 * MIN, { delivery: 'failed', media: makeMedia('document', 'דוגמה לצילום.heic', 'image/heic', 900000), failure: { reason: 'וואטסאפ לא מקבל קובצי HEIC. אפשר להמיר ל־JPG ולשלוח.', next_step: 'wait_and_retry', code: 131053, details: 'Media upload error: unsupported type image/heic' } });
}

function zoo(id, at) {
  let clock = at - 3 * HOUR;
  const add = (direction, content, more) => makeMessage(id, direction, content, (clock += 4 * MIN), more);
  add('in', text('Hello! I found you on the web: https://example.com/mortgage. Can you help?'));
  add('out', { kind: 'interactive', header: { type: 'text', text: 'סוכנות דוגמה' }, body: 'נוח לדבר עכשיו, או לכתוב כאן?', footer: 'אפשר לשנות בכל רגע', action: { type: 'buttons', buttons: [{ id: '1', title: 'נוח לדבר' }, { id: '2', title: 'אעדיף לכתוב' }] } }, { author: { kind: 'flow', user_id: null, name: 'פתיחה' } });
  add('in', { kind: 'button_reply', id: '2', title: 'אעדיף לכתוב' });
  add('out', { kind: 'interactive', body: 'באיזה שלב התהליך?', action: { type: 'list', button: 'בחירה מהרשימה', sections: [{ title: 'השלבים', rows: [{ id: 'a', title: 'מתחילים לבדוק', description: 'עוד לא פנינו לבנק' }, { id: 'b', title: 'יש אישור עקרוני', description: 'מבנק אחד או יותר' }] }] } }, { author: { kind: 'flow', user_id: null, name: 'פתיחה' } });
  add('in', { kind: 'list_reply', id: 'b', title: 'יש אישור עקרוני', description: 'מבנק אחד או יותר' });
  add('in', { kind: 'media', media_kind: 'audio', voice: true, media_id: 'x' }, { media: makeMedia('audio', null, 'audio/ogg', 42000) });
  add('in', { kind: 'media', media_kind: 'video', media_id: 'x', caption: 'The flat' }, { media: makeMedia('video', null, 'video/mp4', 4_200_000) });
  add('in', { kind: 'media', media_kind: 'document', media_id: 'x', filename: 'Purchase contract signed and scanned 2026.pdf' }, { media: makeMedia('document', 'Purchase contract signed and scanned 2026.pdf', 'application/pdf', 1_840_000) });
  add('in', { kind: 'media', media_kind: 'image', media_id: 'x' }, { media: makeMedia('image', null, 'image/jpeg', 240000, 'pending') });
  add('in', { kind: 'media', media_kind: 'sticker', media_id: 'x' }, { media: makeMedia('sticker', null, 'image/webp', 24000) });
  add('in', { kind: 'location', latitude: 32.0853, longitude: 34.7818, name: 'משרד לדוגמה', address: 'רחוב הדוגמה 1, תל אביב' });
  add('in', { kind: 'contacts', cards: [{ formatted_name: 'עו״ד לדוגמה', phones: [{ phone: '+972500000077' }], emails: [{ value: 'lawyer@example.com' }], company: 'משרד לדוגמה' }] });
  add('in', { kind: 'order', catalog_id: '1', text: 'אפשר במשלוח?', items: [{ product_retailer_id: 'policy-12', quantity: 1, item_price: 240, currency: 'ILS' }, { product_retailer_id: 'policy-14', quantity: 2, item_price: 99.9, currency: 'ILS' }] });
  add('in', { kind: 'form_reply', name: 'intake', body: 'נשלח', response: '{"income":"18000","kids":"2"}' });
  add('in', { kind: 'call_permission_reply', accepted: true });
  add('in', text('ההודעה הזאת תוקנה אחר כך'), { edited_at: iso(clock + MIN) });
  add('in', text(''), { revoked_at: iso(clock + MIN) });
  add('in', text('הועבר מקבוצה אחרת'), { forwarded: true });
  add('in', text('הודעה שהתעכבה בדרך'), { late: true, received_at: iso(clock + 3 * HOUR) });
  add('in', { kind: 'unsupported', original: 'poll', code: 131051 });
  add('in', { kind: 'unknown', original: 'hologram', raw: '{"type":"hologram","hologram":{"id":"8812"}}' });
  add('out', text('נבדק, תשובה בדרך'), { delivery: 'unclear', receipts: {} });
  add('out', text('נשלח מהטלפון של המשרד'), { delivery: 'delivered', author: { kind: 'phone', user_id: null, name: null } });
  add('out', text('תזכורת לפגישה של מחר'), { delivery: 'queued', send_at: iso(START + 18 * HOUR), receipts: {} });
  add('out', { kind: 'media', media_kind: 'audio', voice: true, media_id: 'x' }, { delivery: 'played', media: makeMedia('audio', null, 'audio/ogg', 22000) });
  add('out', { kind: 'interactive', body: 'אפשר לשלוח את מיקום הנכס?', action: { type: 'location_request' } }, { delivery: 'delivered' });
}

export const quarantine = [
  { id: 'q1', received_at: iso(START - 3 * HOUR), reason: 'number_unknown', field: 'messages', position: null, phone_number_id: '999000111222', raw: '{"object":"whatsapp_business_account","entry":[{"id":"0","changes":[{"field":"messages","value":{"metadata":{"phone_number_id":"999000111222"}}}]}]}', source: 'meta' },
  { id: 'q2', received_at: iso(START - DAY), reason: 'not_json', field: null, position: null, phone_number_id: null, raw: '<html>not what was expected</html>', source: 'meta' },
];
export const apiKeys = [{ id: 'ak1', name: 'טופס האתר', scopes: ['conversations.read', 'leads.write'], created_at: iso(START - 20 * DAY), last_used_at: iso(START - 2 * HOUR), revoked_at: null, last4: '9fQ2' }];
