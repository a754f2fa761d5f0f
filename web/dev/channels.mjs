// Numbers of every level and family, in the states that the screens must show.
import { abilitiesOf } from './capabilities.mjs';

const MIN = 60_000, HOUR = 60 * MIN, DAY = 24 * HOUR;

export function makeChannels(START) {
  const iso = (ms) => new Date(ms).toISOString();
  const hook = (path) => ({ url: `https://kesher.example.com/webhooks/${path}`, verify_token_set: true });
  const meta = { id: 'a1', waba_id: '102290129340398', portfolio_id: '507168342', app_key: 'main', token_last4: 'k3Zd' };
  const health = (state, more = {}) => ({ state, quality: null, tier: null, throughput_mps: null, reason: null, checked_at: iso(START - 6 * MIN), last_webhook_at: iso(START - 2 * MIN), waiting: 0, ...more });
  const channel = (id, name, provider, level, link, phone, more) => ({
    id, version: 1, name, level, link, provider, phone, pipeline_id: 'p1', connected: true, account: null, phone_number_id: null, health: health('ok'), webhook: hook(`${provider}/${id}`),
    abilities: abilitiesOf(level, link), linking: null, today: null, risk: null, instant_reply: null, working_hours: null, verified: false, ...more,
  });
  const gateway = (id, name, provider, level, link, phone, { linking = {}, today = {}, risk = {}, ...more } = {}) => channel(id, name, provider, level, link, phone, {
    account: { id: `a-${id}`, waba_id: null, portfolio_id: null, app_key: null, token_last4: '7c1e' }, working_hours: { from: '08:00', to: '20:00' },
    linking: { state: 'linked', last_event_at: iso(START - 3 * MIN), restricted_until: null, checked_at: iso(START - 5 * MIN), ...linking },
    today: { sent_24h: 0, cap: 1000, reachable: 0, gap_s: 48, next_at: null, window: { from: '08:00', to: '20:00' }, warm_up: null, ...today },
    risk: { level: 'low', slowed: false, signals: [], accepted_by: 'אמיר', accepted_at: iso(START - 9 * DAY), ...risk }, ...more,
  });
  const reply = (text, more = {}) => ({ enabled: true, text, period_hours: 24, in_app: false, ...more });
  return [
    channel('c1', 'משכנתאות', 'meta', 'business_api', 'api', '+97230000100', { account: meta, phone_number_id: '106540352242922', webhook: hook('meta'), health: health('ok', { quality: 'green', tier: 'TIER_10K', throughput_mps: 80 }), instant_reply: reply('תודה שפניתם לסוכנות דוגמה. נחזור אליכם עוד היום.', { enabled: false }) }),
    channel('c2', 'שירות', 'meta', 'business_api', 'api', '+97230000101', { connected: false, account: { ...meta, id: 'a2', token_last4: 'x81Q' }, phone_number_id: '106540352242923', webhook: hook('meta'), health: health('disconnected', { quality: 'yellow', tier: 'TIER_1K', throughput_mps: 80, reason: 'token_expired', checked_at: iso(START - 12 * MIN), last_webhook_at: iso(START - 40 * MIN), waiting: 14 }) }),
    channel('c3', 'הנייד של בר', 'none', 'personal_app', 'none', '+972500000140', { health: health('ok', { checked_at: null, last_webhook_at: null }) }),
    gateway('c4', 'מכירות חיפה', 'waha', 'business_app', 'gateway_two_way', '+972500000177', {
      health: health('ok', { waiting: 36 }), today: { sent_24h: 72, cap: 120, reachable: 41, gap_s: 420, next_at: iso(START + 2 * MIN), warm_up: { day: 9, cap_tomorrow: 120 } },
      risk: { level: 'raised', slowed: true, signals: [{ code: 'few_replies', value: 11 }, { code: 'young_link', value: 8 }] }, instant_reply: reply('היי, קיבלנו את ההודעה. נציג יחזור אליכם בקרוב.'),
    }),
    gateway('c5', 'דיוור', 'green_api', 'personal_app', 'gateway_one_way', '+972500000188', {
      health: health('warning', { reason: 'restricted', waiting: 120, last_webhook_at: iso(START - 50 * MIN) }), linking: { state: 'restricted', restricted_until: iso(START + 21 * HOUR) },
      today: { sent_24h: 800, cap: 800, reachable: 0, gap_s: 54, next_at: iso(START + 21 * HOUR) },
      risk: { level: 'high', slowed: true, signals: [{ code: 'held_back', value: 2 }, { code: 'many_new_people', value: 64 }, { code: 'opt_outs', value: 7 }, { code: 'failed_sends', value: 12 }] },
    }),
    gateway('c6', 'סניף צפון', 'evolution', 'business_app', 'gateway_one_way', '+972500000199', {
      connected: false, health: health('disconnected', { reason: 'logged_out', waiting: 14, last_webhook_at: iso(START - 12 * MIN) }), linking: { state: 'unlinked', last_event_at: iso(START - 12 * MIN) },
      today: { sent_24h: 186, cap: 1000, reachable: 540, gap_s: 48 },
    }),
    channel('c7', 'ביטוח', '360dialog', 'business_api', 'api', '+97230000102', { account: { ...meta, id: 'a3', app_key: null, token_last4: 'p0Lq' }, health: health('unknown', { quality: 'green', tier: 'TIER_250', checked_at: null, last_webhook_at: null }), instant_reply: reply('', { enabled: false }) }),
    channel('c8', 'קו המשרד', 'none', 'business_app', 'none', '+97230000103', { health: health('ok', { checked_at: null, last_webhook_at: null }), instant_reply: reply('שלום, הגעתם לסוכנות דוגמה. נחזור אליכם בשעות הפעילות, 09:00 עד 18:00.', { in_app: true }) }),
    gateway('c9', 'מספר ישן', 'wuzapi', 'personal_app', 'gateway_two_way', '+972500000166', { connected: false, health: health('disconnected', { reason: 'banned', last_webhook_at: iso(START - 3 * DAY) }), linking: { state: 'banned', last_event_at: iso(START - 3 * DAY) }, today: { sent_24h: 0, cap: 0, reachable: 0 }, risk: { level: 'high', slowed: true, signals: [{ code: 'many_new_people', value: 96 }] } }),
  ];
}
