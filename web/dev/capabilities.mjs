// The table of capabilities, as the server draws it: what a number may do by its level and link, and what each provider can.
const b = (en, he) => ({ en, he });

export const rows = [
  ['connect', b('Connecting', 'חיבור'), b('What has to be done once.', 'מה צריך לעשות פעם אחת.')],
  ['write', b('Writing to a lead', 'כתיבה לליד'), b('A message that a person writes.', 'הודעה שאדם כותב.')],
  ['triggered', b('Message on a trigger', 'הודעה לפי אירוע'), b('A single message that a rule sends: “we looked for you”.', 'הודעה בודדת שכלל שולח: ״חיפשנו אתכם״.')],
  ['mailing', b('Mailing', 'דיוור'), b('One text to many people.', 'נוסח אחד לאנשים רבים.')],
  ['replies', b('Replies', 'תשובות'), b('Where the answers are read.', 'היכן קוראים את התשובות.')],
  ['instant_reply', b('Instant reply', 'מענה מיידי'), b('The one automatic answer to somebody who writes.', 'המענה האוטומטי האחד למי שכותב.')],
  ['bot', b('Bots and multi-step automations', 'בוטים ואוטומציות רב-שלביות'), b('Conversations that go on without a person.', 'שיחות שמתנהלות בלי אדם.')],
  ['many_agents', b('Many agents on the number', 'כמה נציגים על המספר'), b('Several people answer from one number.', 'כמה אנשים עונים ממספר אחד.')],
  ['phone_messages', b('What is typed on the phone', 'מה שנכתב בטלפון'), b('Whether it appears in the conversation here.', 'האם זה מופיע בשיחה כאן.')],
  ['pace', b('Pace', 'קצב'), b('How much, and how fast.', 'כמה, ובאיזו מהירות.')],
  ['risk', b('Risk', 'סיכון'), b('What can happen to the account.', 'מה עלול לקרות לחשבון.')],
].map(([row, title, help]) => ({ row, title, help }));

const TEXTS = {
  connect: { nothing: ['yes', b("Nothing to connect: the agent's own app.", 'אין מה לחבר: האפליקציה של הנציג.')], code: ['limited', b('QR or pairing code at an unofficial gateway.', 'קוד QR או קוד צימוד בשער לא רשמי.')], onboarding: ['limited', b("Meta's onboarding of the Business app.", 'תהליך החיבור של Meta לאפליקציית Business.')], verification: ['limited', b('Business and number verification, and a token; several numbers a business.', 'אימות עסק ומספר, ואסימון; כמה מספרים לעסק.')] },
  write: { opens_app: ['limited', b('“Write on WhatsApp” opens the app with the text; the agent sends, Kesher records it.', '״כתיבה ב-WhatsApp״ פותחת את האפליקציה עם הנוסח; הנציג שולח ו-Kesher רושם.')], free_text: ['yes', b('Free text of any wording, as WhatsApp takes it.', 'טקסט חופשי בכל נוסח, כפי ש-WhatsApp מקבלת.')], window_and_templates: ['yes', b("An approved template always; free text within 24 hours of the person's last message.", 'תבנית מאושרת תמיד; טקסט חופשי עד 24 שעות מההודעה האחרונה של האדם.')] },
  mailing: { task: ['limited', b('Becomes a task, with the text ready to open.', 'הופך למשימה, עם הנוסח מוכן לפתיחה.')], free_text: ['yes', b("One-way mailing at a human's pace.", 'דיוור חד-כיווני בקצב אנושי.')], templates: ['yes', b('Approved templates.', 'תבניות מאושרות.')] },
  triggered: { task: ['limited', b('Becomes a task, with the text ready to open.', 'הופך למשימה, עם הנוסח מוכן לפתיחה.')], free_text: ['yes', b('A single free message.', 'הודעה חופשית בודדת.')], templates: ['yes', b('Approved templates.', 'תבניות מאושרות.')] },
  replies: { stay_in_app: ['no', b('Stay in the app; an exported chat can be imported.', 'נשארות באפליקציה; אפשר לייבא צ׳אט שיוצא.')], reduced: ['limited', b('Stay in the app; Kesher hears only who answered and when, or asked to stop.', 'נשארות באפליקציה; Kesher יודעת רק מי ענה ומתי, או ביקש להפסיק.')], arrive: ['yes', b('Arrive here.', 'מגיעות לכאן.')] },
  instant_reply: { none: ['no', b('None.', 'אין.')], set_in_app: ['limited', b('The text is kept here and set in the app by a person.', 'הנוסח נשמר כאן ואדם מגדיר אותו באפליקציה.')], once_per_period: ['limited', b('Kesher sends it, once per enquirer and period.', 'Kesher שולחת, פעם אחת לפונה בכל תקופה.')], yes: ['yes', b('Yes.', 'כן.')] },
  bot: { yes: ['yes', b('Yes.', 'כן.')], no: ['no', b('Refused: WhatsApp allows it on the API only.', 'לא: WhatsApp מתירה זאת רק ב-API.')] },
  many_agents: { yes: ['yes', b('Yes.', 'כן.')], no: ['no', b('No: one phone, one person.', 'לא: טלפון אחד, אדם אחד.')] },
  phone_messages: { yes: ['yes', b('Is a message like any other, by “phone”.', 'הודעה ככל הודעה, מאת ״טלפון״.')], no: ['no', b('Does not appear.', 'אינו מופיע.')] },
  pace: { hands: ['limited', b("A person's hands.", 'ידיים של אדם.')], rhythm: ['limited', b("At most 1,000 in a rolling day and a human's rhythm, counted durably, what is typed included; less while the number warms up.", 'עד 1,000 ביממה מתגלגלת ובקצב אנושי, בספירה שאינה נשכחת, כולל מה שנכתב בטלפון; פחות בתקופת החימום.')], twenty_per_second: ['yes', b('20 a second.', '20 בשנייה.')], provider: ['yes', b("No cap of ours: the portfolio's tier, the number's throughput, the pair limit.", 'ללא תקרה שלנו: דרגת התיק, קצב המספר ומגבלת הזוג.')] },
  risk: { ban: ['no', b('The account may be banned: told, measured, slowed.', 'החשבון עלול להיחסם: נאמר, נמדד, מואט.')], little: ['limited', b('Little.', 'מעט.')], none: ['yes', b('None.', 'אין.')] },
};
const gateway = { connect: 'code', write: 'free_text', mailing: 'free_text', triggered: 'free_text', replies: 'reduced', phone_messages: false, instant_reply: 'none', bot: false, multi_step: false, many_agents: false, pace: 'rhythm', risk: 'ban' };
const none = { ...gateway, connect: 'nothing', write: 'opens_app', mailing: 'task', triggered: 'task', replies: 'stay_in_app', pace: 'hands', risk: 'none' };
const api = { connect: 'verification', write: 'window_and_templates', mailing: 'templates', triggered: 'templates', replies: 'arrive', phone_messages: false, instant_reply: 'yes', bot: true, multi_step: true, many_agents: true, pace: 'provider', risk: 'none' };
const two = { ...gateway, replies: 'arrive', phone_messages: true };
const table = {
  'personal_app none': none, 'personal_app gateway_one_way': gateway, 'personal_app gateway_two_way': two,
  'business_app none': { ...none, instant_reply: 'set_in_app' }, 'business_app gateway_one_way': gateway, 'business_app gateway_two_way': { ...two, instant_reply: 'once_per_period' },
  'business_app coexistence': { ...api, connect: 'onboarding', phone_messages: true, pace: 'twenty_per_second', risk: 'little' }, 'business_api api': api,
};
const titles = {
  'personal_app none': b('Personal app', 'אפליקציה אישית'),
  'business_app none': b('Business app', 'אפליקציה עסקית'),
  'personal_app gateway_one_way': b('Personal app, one-way link', 'אפליקציה אישית, קישור חד־כיווני'),
  'business_app gateway_one_way': b('Business app, one-way link', 'אפליקציה עסקית, קישור חד־כיווני'),
  'personal_app gateway_two_way': b('Personal app, two-way link', 'אפליקציה אישית, קישור דו־כיווני'),
  'business_app gateway_two_way': b('Business app, two-way link', 'אפליקציה עסקית, קישור דו־כיווני'),
  'business_app coexistence': b('Business app with API (coexistence)', 'אפליקציה עסקית עם API (דו־קיום)'),
  'business_api api': b('Official API', 'API רשמי'),
};
export const abilitiesOf = (level, link) => table[`${level} ${link}`];

const way = (can, purpose) => {
  const outreach = { task: 'becomes_task', free_text: 'sends', templates: 'sends_by_window' };
  const hand = { opens_app: 'opens_app', free_text: 'sends', window_and_templates: 'sends_by_window' }[can.write];
  if (purpose === 'by_hand') return hand;
  if (purpose === 'mailing' || purpose === 'triggered') return outreach[can[purpose]];
  if (purpose === 'instant_reply') return ['none', 'set_in_app'].includes(can.instant_reply) ? 'refused' : hand;
  return can[purpose] ? hand : 'refused';
};
export const pairs = Object.entries(table).map(([key, can]) => {
  const [level, link] = key.split(' ');
  return {
    level, link, title: titles[key],
    cells: rows.map(({ row }) => { const code = typeof can[row] === 'boolean' ? (can[row] ? 'yes' : 'no') : can[row], [tone, text] = TEXTS[row][code]; return { row, code, tone, text }; }),
    purposes: Object.fromEntries(['by_hand', 'instant_reply', 'triggered', 'mailing', 'multi_step', 'bot'].map((purpose) => [purpose, way(can, purpose)])),
  };
});
export const purposesOf = (level, link) => pairs.find((pair) => pair.level === level && pair.link === link).purposes;

const need = (field, label, hint, more = {}) => ({ field, label, hint, secret: false, example: null, default: null, required: true, ...more });
const base = (url, hint, preset = null) => need('base_url', b('Address of the gateway', 'כתובת השער'), hint, { example: url, default: preset });
const instance = (hint, example, label = b('Name of the session', 'שם החיבור אצל השער')) => need('number', label, hint, { example });
const key = (label, hint) => need('token', label, hint, { secret: true });
const phone = need('phone', b('Phone number', 'מספר הטלפון'), b('The number that people write to.', 'המספר שאליו כותבים.'), { example: '03-000-0100' });
const levels = { none: ['personal_app', 'business_app'], gateway_one_way: ['personal_app', 'business_app'], gateway_two_way: ['personal_app', 'business_app'], coexistence: ['business_app'], api: ['business_api'] };
const pairsOf = (...links) => links.flatMap((link) => levels[link].map((level) => ({ level, link })));
const can = (list) => Object.fromEntries(['templates', 'buttons', 'lists', 'reactions', 'mark_read', 'typing', 'reports_replies', 'reports_own_messages', 'echoes_our_id'].map((name) => [name, list.includes(name)]));
const official = (provider, name, needs, note, list = 'templates buttons lists reactions mark_read reports_replies') => ({ provider, name, family: 'official', verified: false, pairs: pairsOf('api'), needs: [...needs, phone], note, can: can(list) });
const unofficial = (provider, name, needs, note, list) => ({ provider, name, family: 'unofficial', verified: false, pairs: pairsOf('gateway_one_way', 'gateway_two_way'), needs, note, can: can(list) });

export const providers = [
  { provider: 'none', name: 'WhatsApp', family: 'none', verified: false, pairs: pairsOf('none'), needs: [phone], note: b('Nothing to install. Messages are sent by hand from your own app.', 'אין מה להתקין. ההודעות נשלחות ביד, מהאפליקציה שלכם.'), can: can('') },
  { ...official('meta', 'Meta Cloud API', [], b('Meta itself, without a partner in between.', 'Meta עצמה, בלי שותף באמצע.'), 'templates buttons lists reactions mark_read typing reports_replies'), pairs: pairsOf('api', 'coexistence'), needs: [need('app', b('App', 'אפליקציה'), b('', ''))] },
  { ...official('360dialog', '360dialog', [need('waba_id', b('WABA id', 'מזהה החשבון העסקי'), b('In the 360dialog hub, beside the number.', 'ב־Hub של 360dialog, ליד המספר.'), { example: '102290129340398' }), key(b('API key', 'מפתח API'), b('In the hub, under the number, Generate API key.', 'ב־Hub, מתחת למספר, Generate API key.'))], b('Close to Meta’s own API.', 'קרוב ל־API של Meta עצמה.')), pairs: pairsOf('api', 'coexistence') },
  official('twilio', 'Twilio', [need('account', b('Account SID', 'Account SID'), b('On the console’s first page.', 'בדף הראשון של הקונסולה.'), { example: 'AC…' }), key(b('Auth token', 'Auth token'), b('Beside the account SID.', 'ליד ה־Account SID.'))], b('Templates are kept as Twilio Content.', 'התבניות נשמרות כ־Content של Twilio.'), 'templates buttons lists reports_replies'),
  official('vonage', 'Vonage', [need('account', b('Application id', 'מזהה האפליקציה'), b('In the dashboard, Applications.', 'בלוח הבקרה, Applications.')), key(b('Private key', 'מפתח פרטי'), b('The whole file, with its first and last line.', 'כל הקובץ, עם השורה הראשונה והאחרונה.'))], b('Messages API.', 'Messages API.'), 'templates buttons lists reports_replies echoes_our_id'),
  official('gupshup', 'Gupshup', [need('account', b('App name', 'שם האפליקציה'), b('As it is written in the list of apps.', 'כפי שכתוב ברשימת האפליקציות.')), key(b('API key', 'מפתח API'), b('In the profile menu.', 'בתפריט הפרופיל.'))], b('Self-serve API.', 'Self-serve API.'), 'templates buttons lists reports_replies'),
  official('infobip', 'Infobip', [base('https://xxxxx.api.infobip.com', b('Your own address, on the portal’s first page.', 'הכתובת האישית, בדף הראשון של הפורטל.')), key(b('API key', 'מפתח API'), b('Developer tools, API keys.', 'Developer tools, API keys.'))], b('Own address per account.', 'כתובת נפרדת לכל חשבון.'), 'templates buttons lists mark_read reports_replies echoes_our_id'),
  unofficial('waha', 'WAHA', [base('http://127.0.0.1:3000', b('Where WAHA runs. Best in your own network.', 'איפה WAHA פועל. עדיף ברשת שלכם.'), 'http://127.0.0.1:3000'), instance(b('A new name makes a new session.', 'שם חדש יוצר חיבור חדש.'), 'sales', b('Session', 'Session')), key(b('API key', 'מפתח API'), b('The value of WAHA_API_KEY.', 'הערך של WAHA_API_KEY.'))], b('Free and self-hosted. Any number of sessions.', 'חינמי, על השרת שלכם. כמה חיבורים שרוצים.'), 'reactions mark_read typing reports_replies echoes_our_id'),
  unofficial('green_api', 'Green API', [base('https://7103.api.greenapi.com', b('In the console, apiUrl of the instance.', 'בקונסולה, apiUrl של ה־instance.'), 'https://api.green-api.com'), instance(b('In the console, idInstance.', 'בקונסולה, idInstance.'), '7103000001', b('Instance', 'Instance')), key(b('apiTokenInstance', 'apiTokenInstance'), b('In the console, beside the instance.', 'בקונסולה, ליד ה־instance.'))], b('A paid cloud service; nothing to install.', 'שירות ענן בתשלום. אין מה להתקין.'), 'mark_read typing reports_replies'),
  unofficial('evolution', 'Evolution API', [base('http://127.0.0.1:8080', b('Where Evolution runs.', 'איפה Evolution פועל.'), 'http://127.0.0.1:8080'), instance(b('The name of the instance.', 'שם ה־instance.'), 'sales', b('Instance', 'Instance')), key(b('API key', 'מפתח API'), b('AUTHENTICATION_API_KEY, or the instance’s own.', 'AUTHENTICATION_API_KEY, או המפתח של ה־instance.'))], b('Self-hosted. Newer versions need activation by the vendor.', 'על השרת שלכם. גרסאות חדשות דורשות הפעלה אצל היצרן.'), 'reactions mark_read typing reports_replies'),
  unofficial('wuzapi', 'wuzapi', [base('http://127.0.0.1:8080', b('Where wuzapi runs.', 'איפה wuzapi פועל.'), 'http://127.0.0.1:8080'), instance(b('A name of your choice.', 'שם לבחירתכם.'), 'sales', b('User', 'משתמש')), key(b('User token', 'אסימון המשתמש'), b('Set when the user was made.', 'נקבע כשהמשתמש נוצר.'))], b('One small program, self-hosted.', 'תוכנה קטנה אחת, על השרת שלכם.'), 'reactions mark_read typing reports_replies echoes_our_id'),
];
export const capabilities = { rows, pairs, providers };
