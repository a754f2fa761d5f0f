// What the pretend server says of texts opened in WhatsApp, saved wordings and mailings.
const MIN = 60_000, DAY = 86_400_000;
const empty = () => ({ waiting: 0, sent: 0, delivered: 0, read: 0, failed: 0, unclear: 0, answered: 0, opted_out: 0, cancelled: 0 });

export function mailingRoutes({ data, now, iso, fail, find, event, page, touch, fresh }) {
  const { conversations, channels, leads, messages } = data;
  const handoffs = [], wordings = [
    { id: 'w1', name: 'חזרה לפונה', text: 'שלום {{contact.first_name}}, כאן {{user.name}} מ{{business.name}}. קיבלתי את הפנייה שלך, מתי נוח לדבר?' },
    { id: 'w2', name: 'תזכורת מסמכים', text: 'שלום {{contact.first_name}}, כדי להתקדם עם {{lead.title}} חסרים לנו תלושי שכר ותדפיס עו״ש. אפשר לצלם ולשלוח כאן.' },
    { id: 'w3', name: 'Follow-up', text: 'Hello {{contact.first_name}}, this is {{user.name}}. Shall we talk this week?' },
  ];
  const campaigns = [
    { id: 'g1', name: 'ריביות נובמבר', channel_id: 'c4', text: 'שלום {{contact.first_name}}, הריבית ירדה החודש. כדאי לבדוק מחדש?', state: 'running', counts: { ...empty(), waiting: 214, sent: 31, delivered: 88, read: 132, failed: 6, answered: 24, opted_out: 3 }, next_at: iso(now() + 2 * MIN), finishes_at: iso(now() + 2 * DAY), created_at: iso(now() - DAY), created_by: 'אמיר' },
    { id: 'g2', name: 'הזמנה לערב לקוחות', channel_id: 'c5', text: 'מוזמנים לערב לקוחות ביום חמישי.', state: 'stopped', counts: { ...empty(), sent: 40, delivered: 62, read: 71, failed: 12, answered: 9, opted_out: 7, cancelled: 199 }, next_at: null, finishes_at: null, created_at: iso(now() - 4 * DAY), created_by: 'אמיר' },
    { id: 'g3', name: 'ברכת שנה טובה', channel_id: 'c4', text: 'שנה טובה מכולנו!', state: 'done', counts: { ...empty(), sent: 12, delivered: 40, read: 180, failed: 3, answered: 66, opted_out: 1 }, next_at: null, finishes_at: iso(now() - 50 * DAY), created_at: iso(now() - 52 * DAY), created_by: 'בר' },
  ];
  const recipients = (campaign) => {
    const { answered, opted_out, ...places } = campaign.counts;
    const states = Object.entries(places).flatMap(([state, n]) => Array.from({ length: n }, () => state)).sort((a, b) => (a === 'read' ? 0 : 1) - (b === 'read' ? 0 : 1));
    return states.map((place, i) => {
      const state = i < answered ? 'answered' : i < answered + opted_out ? 'opted_out' : place;
      const c = conversations[i % conversations.length];
      return { contact: { id: i < conversations.length ? c.contact.id : `${c.contact.id}-${i}`, name: c.contact.name, phone: c.contact.phone ?? `+9725000009${String(i % 100).padStart(2, '0')}` }, state, at: ['waiting', 'cancelled'].includes(state) ? null : iso(now() - i * 3 * MIN), reason: state === 'failed' ? 'undeliverable' : null, conversation_id: state === 'answered' ? c.id : null };
    });
  };
  const fill = (text, lead, conversation) => {
    const c = conversation ?? conversations.find((one) => one.lead?.id === lead?.id);
    const name = c?.contact.name ?? null;
    const values = { 'contact.name': name, 'contact.first_name': name?.split(' ')[0], 'lead.title': (lead ?? c?.lead)?.title, 'user.name': 'אמיר', 'business.name': 'סוכנות דוגמה' };
    const missing = [];
    return { text: text.replace(/\{\{\s*([\w.]+)\s*\}\}/g, (_, key) => { if (!values[key]) missing.push(key); return values[key] ?? ''; }), missing };
  };
  const readList = (to) => {
    const seen = new Set(), invalid = [];
    let duplicates = 0, opted_out = 0;
    (to.pasted ?? '').split('\n').forEach((text, i) => {
      if (!text.trim()) return;
      const phone = text.split(',')[0].replace(/\D/g, '').replace(/^0/, '972');
      if (!/^972(5\d{8}|7\d{8}|[23489]\d{7})$/.test(phone)) invalid.push({ line: i + 1, text: text.slice(0, 60), reason: 'phone_invalid' });
      else if (seen.has(phone)) duplicates++;
      else seen.add(phone);
    });
    for (const id of to.contact_ids ?? []) {
      const contact = conversations.find((c) => c.contact.id === id)?.contact;
      if (contact?.marketing.state === 'opted_out') opted_out++;
      else seen.add(id);
    }
    return { recipients: seen.size, invalid, duplicates, opted_out };
  };
  return {
    'POST /conversations': (q, p, b) => {
      const found = conversations.find((c) => c.contact.id === b.contact_id && c.channel.id === b.channel_id);
      if (found) return fresh(found);
      const like = conversations.find((c) => c.contact.id === b.contact_id), channel = find(channels, b.channel_id);
      const c = { ...like, id: data.nextId('v'), channel: { id: channel.id, name: channel.name, phone: channel.phone, level: channel.level, link: channel.link }, state: 'open', unread_count: 0, window: { state: ['api', 'coexistence'].includes(channel.link) ? 'closed' : 'none', expires_at: null, last_inbound_at: null }, last_message: null, last_at: iso() };
      conversations.push(c);
      messages.set(c.id, []);
      event('conversation.created', { conversation_id: c.id });
      return c;
    },
    'POST /conversations/:id/handoffs': (q, p, b) => {
      const c = find(conversations, p.id);
      const handoff = { id: data.nextId('h'), conversation_id: c.id, text: b.text, url: `https://wa.me/${c.contact.phone.slice(1)}?text=${encodeURIComponent(b.text)}`, state: 'open', opened_at: iso() };
      handoffs.push(handoff);
      event('handoff.opened', { conversation_id: c.id });
      return handoff;
    },
    'GET /handoffs': () => ({ items: handoffs.filter((one) => one.state === 'open'), next: null }),
    'POST /handoffs/:id/confirm': (q, p) => {
      const handoff = find(handoffs, p.id), c = find(conversations, handoff.conversation_id);
      handoff.state = 'sent';
      const message = data.makeMessage(c.id, 'out', { kind: 'text', text: handoff.text }, now(), { delivery: 'sent', receipts: { sent_at: iso() } });
      touch(c, message);
      event('message.queued', { conversation_id: c.id, message_id: message.id });
      return message;
    },
    'POST /handoffs/:id/drop': (q, p) => { find(handoffs, p.id).state = 'dropped'; },
    'GET /wordings': () => ({ items: wordings, next: null }),
    'POST /wordings': (q, p, b) => { const wording = { id: data.nextId('w'), ...b }; wordings.push(wording); return wording; },
    'PATCH /wordings/:id': (q, p, b) => Object.assign(find(wordings, p.id), b),
    'DELETE /wordings/:id': (q, p) => { wordings.splice(wordings.findIndex((one) => one.id === p.id), 1); },
    'POST /wordings/:id/fill': (q, p, b) => fill(find(wordings, p.id).text, b.lead_id && leads.get(b.lead_id), b.conversation_id && find(conversations, b.conversation_id)),
    'GET /campaigns': () => ({ items: campaigns, next: null }),
    'POST /campaigns': (q, p, b) => {
      const channel = find(channels, b.channel_id), list = readList(b.to), gap = channel.today?.gap_s ?? 48;
      if (b.dry_run) {
        if (!list.recipients && !list.invalid.length) throw fail(422, 'no_recipients', 'אין נמענים.', { field: 'to' });
        const first = now() + 4 * MIN, perDay = Math.min(channel.today?.cap ?? 1000, Math.floor((12 * 3600) / gap)), days = Math.max(1, Math.ceil(list.recipients / perDay));
        return { ...list, days, first_at: iso(first), finishes_at: iso(first + (days - 1) * DAY + (list.recipients % perDay) * gap * 1000), opt_out_link: channel.provider === 'green_api' };
      }
      const campaign = { id: data.nextId('g'), name: b.name, channel_id: b.channel_id, text: b.text, state: 'running', counts: { ...empty(), waiting: list.recipients }, next_at: iso(now() + 4 * MIN), finishes_at: iso(now() + DAY), created_at: iso(), created_by: 'אמיר' };
      campaigns.unshift(campaign);
      return campaign;
    },
    'GET /campaigns/:id': (q, p) => find(campaigns, p.id),
    'GET /campaigns/:id/recipients': (q, p) => page(recipients(find(campaigns, p.id)).filter((one) => !q.get('state') || one.state === q.get('state')), q, 50),
    'POST /campaigns/:id/stop': (q, p) => { const campaign = find(campaigns, p.id); campaign.counts.cancelled += campaign.counts.waiting; campaign.counts.waiting = 0; Object.assign(campaign, { state: 'stopped', next_at: null, finishes_at: null }); return campaign; },
  };
}
