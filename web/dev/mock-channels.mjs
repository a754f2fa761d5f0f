// What the pretend server says of channels: capabilities, connecting, linking, setting a number up, and its decisions.
import { abilitiesOf, capabilities, providers, purposesOf } from './capabilities.mjs';

const LINK_AFTER = 4; // polls of a code until the phone has "scanned" it
const gatewayLinks = ['gateway_one_way', 'gateway_two_way'];
const allChecks = {
  meta: ['token', 'scopes', 'number', 'registered', 'app_subscribed', 'webhook_field', 'webhook_reachable', 'templates', 'signature_seen'],
  official: ['token', 'number', 'webhook_reachable', 'templates', 'signature_seen'], unofficial: ['token', 'linked', 'webhook_field', 'webhook_reachable'], none: ['number'],
};

export function channelRoutes({ data, iso, fail, find, event }) {
  const { channels } = data;
  const links = new Map(), setups = new Map();
  const of = (p) => find(channels, p.id);
  const changed = (channel) => { channel.version++; event('channel.changed', { channel_id: channel.id }); return channel; };
  const digits = (phone) => phone && `+${String(phone).replace(/\D/g, '').replace(/^0/, '972')}`;
  const setup = (channel) => {
    if (!setups.has(channel.id)) {
      const steps = ['business_verification', 'number_added', 'code_verified', 'registered', 'display_name', 'two_factor'].map((key) => ({ key, state: channel.id === 'c1' ? 'done' : 'todo', detail: null, reason: null }));
      if (channel.id === 'c2') { steps[0].state = 'done'; steps[1].state = 'done'; Object.assign(steps[4], { state: 'failed', detail: 'שירות לקוחות', reason: 'השם כללי מדי. השם צריך לכלול את שם העסק.' }); }
      setups.set(channel.id, steps);
    }
    return setups.get(channel.id);
  };
  const done = (channel, ...keys) => { for (const step of setup(channel)) if (keys.includes(step.key)) step.state = 'done'; return { steps: setup(channel) }; };
  return {
    'GET /capabilities': () => capabilities,
    'GET /channels': () => ({ items: channels, next: null }),
    'POST /channels': (q, p, b) => {
      const provider = providers.find((one) => one.provider === b.provider) ?? (() => { throw fail(422, 'provider_unknown', 'הספק אינו מוכר'); })();
      if (b.token === 'wrong') throw fail(422, 'token_refused', 'השער דחה את המפתח.', { field: 'token', mend: 'העתיקו אותו שוב מהגדרות השער.' });
      if (provider.family === 'unofficial' && b.accept_risk !== true) throw fail(422, 'risk_not_accepted', 'נדרש אישור של הסיכון.');
      const isGateway = gatewayLinks.includes(b.link), template = find(channels, isGateway ? 'c4' : b.link === 'none' ? 'c3' : 'c7');
      const channel = structuredClone({ ...template, id: data.nextId('c'), version: 1, name: b.name, provider: b.provider, level: b.level, link: b.link, phone: digits(b.phone) ?? null, connected: !isGateway, abilities: abilitiesOf(b.level, b.link) });
      Object.assign(channel.health, { state: 'unknown', waiting: 0, checked_at: null, last_webhook_at: null });
      if (isGateway) Object.assign(channel, { linking: { ...channel.linking, state: 'unlinked', last_event_at: null }, today: { ...channel.today, sent_24h: 0, cap: 20, reachable: 20, warm_up: { day: 1, cap_tomorrow: 20 } }, risk: { ...channel.risk, level: 'low', slowed: false, signals: [], accepted_at: iso() } });
      channels.push(channel);
      return channel;
    },
    'PATCH /channels/:id': (q, p, b) => {
      const channel = of(p);
      if (b.version !== channel.version) throw fail(409, 'changed_meanwhile', 'השתנה בינתיים', { current: channel });
      if (b.name) channel.name = b.name;
      if (b.link) Object.assign(channel, { link: b.link, abilities: abilitiesOf(channel.level, b.link) });
      if (b.working_hours) { channel.working_hours = b.working_hours; if (channel.today) channel.today.window = b.working_hours; }
      if (b.instant_reply) channel.instant_reply = { in_app: channel.abilities.instant_reply === 'set_in_app', ...channel.instant_reply, ...b.instant_reply };
      return changed(channel);
    },
    'POST /channels/:id/check': (q, p) => {
      const channel = of(p), { family } = providers.find((one) => one.provider === channel.provider);
      const bad = channel.connected ? null : 'token';
      if (channel.health.state === 'unknown') channel.health.state = 'ok';
      channel.health.checked_at = iso();
      return { checks: (allChecks[channel.provider] ?? allChecks[family]).map((key) => ({ key, state: key === bad ? 'failed' : key === 'linked' && channel.linking?.state !== 'linked' ? 'failed' : bad ? 'skipped' : key === 'signature_seen' ? 'warning' : 'ok', code: null, details: null })) };
    },
    'POST /channels/:id/link': (q, p, b) => {
      const channel = of(p);
      if (channel.linking.state === 'banned') throw fail(409, 'number_banned', 'החשבון חסום בוואטסאפ.', { mend: 'אפשר לערער מתוך האפליקציה.' });
      if (b.method === 'code' && !/\d{7,}/.test(String(b.phone).replace(/\D/g, ''))) throw fail(422, 'phone_invalid', 'חסרות ספרות במספר.', { field: 'phone' });
      links.set(p.id, { method: b.method, phone: digits(b.phone), polls: 0 });
      channel.linking.state = 'starting';
      changed(channel);
      return { state: 'starting', qr: null, qr_png: null, code: b.method === 'code' ? 'KSHR2026' : null, phone: null };
    },
    'GET /channels/:id/link': (q, p) => {
      const channel = of(p), link = links.get(p.id);
      const nothing = { qr: null, qr_png: null, code: null, phone: channel.phone };
      if (!link || channel.linking.state === 'linked') return { ...nothing, state: channel.linking.state };
      if (process.env.NEVER_LINKS !== '1' && link.polls > LINK_AFTER) {
        channel.phone ??= link.phone ?? '+972500000155';
        Object.assign(channel, { connected: true, linking: { ...channel.linking, state: 'linked', last_event_at: iso(), checked_at: iso() } });
        channel.health.state = 'ok';
        changed(channel);
        return { ...nothing, state: 'linked', phone: channel.phone };
      }
      if (link.polls++ === 0) return { ...nothing, state: 'starting' };
      channel.linking.state = 'awaiting_code';
      return { ...nothing, state: 'awaiting_code', qr: '2@INVENTED+NOT+A+REAL+CODE/0123456789abcdefghijklmnopqrstuvwxyz,ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789,invented,not-real==' };
    },
    'DELETE /channels/:id/link': (q, p) => { const channel = of(p); links.delete(p.id); Object.assign(channel, { connected: false, linking: { ...channel.linking, state: 'unlinked', last_event_at: iso() } }); channel.health.state = 'disconnected'; changed(channel); },
    'GET /channels/:id/setup': (q, p) => { const channel = of(p); if (channel.provider !== 'meta') throw fail(409, 'not_at_meta', 'הרשימה קיימת רק במספר של Meta.'); return { steps: setup(channel) }; },
    'POST /channels/:id/setup/request-code': (q, p) => done(of(p), 'number_added'),
    'POST /channels/:id/setup/verify-code': (q, p, b) => { if (b.code === '000000') throw fail(422, 'code_wrong', 'הקוד אינו נכון.', { field: 'code', mend: 'אפשר לבקש קוד חדש.' }); return done(of(p), 'code_verified'); },
    'POST /channels/:id/setup/register': (q, p) => done(of(p), 'registered', 'two_factor'),
  };
}

/** What a number of a family says to a message; `null` where the window decides. */
export function decideByFamily(channel, at, purpose = 'by_hand') {
  const way = purposesOf(channel.level, channel.link)[purpose];
  const say = (verdict, code, params = {}, until = null, mends = []) => ({ ...at, verdict, until, reason: { code, params }, mends: mends.map((mend) => ({ code: mend, params: {} })) });
  if (way === 'opens_app') return say('opens_app', 'opens_app');
  if (way !== 'sends') return null;
  if (channel.linking.state === 'banned') return say('refused', 'number_banned', {}, null, ['call']);
  if (channel.linking.state === 'restricted') return say('later', 'number_restricted', { until: channel.linking.restricted_until }, channel.linking.restricted_until);
  if (channel.linking.state !== 'linked') return say('later', 'number_unlinked', {}, null, ['link_again']);
  if (channel.today.sent_24h >= channel.today.cap) return say('later', 'day_cap', { sent: channel.today.sent_24h, cap: channel.today.cap }, channel.today.next_at);
  return say('later', 'rhythm_gap', {}, channel.today.next_at);
}
