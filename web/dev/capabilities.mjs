// The table of capabilities, as the server draws it: what a number may do by its level and link, and what each provider can.
const b = (en, he) => ({ en, he });

export const rows = [
  ['connect', b('Connecting', 'חיבור'), b('What it takes before the first message.', 'מה נדרש עד להודעה הראשונה.')],
  ['write', b('Writing to a lead', 'כתיבה לליד'), b('A message that a person writes.', 'הודעה שאדם כותב.')],
  ['mailing', b('Mailing', 'דיוור'), b('One message to many people.', 'הודעה אחת להרבה אנשים.')],
  ['triggered', b('Single message by a rule', 'הודעה בודדת לפי כלל'), b('Such as a reminder before a meeting.', 'למשל תזכורת לפני פגישה.')],
  ['replies', b('Replies', 'תשובות נכנסות'), b('Where answers are read.', 'איפה קוראים את התשובות.')],
  ['phone_messages', b('Typed on the phone', 'מה שמוקלד בטלפון'), b('Whether it shows in Kesher.', 'האם זה מופיע בקשר.')],
  ['instant_reply', b('Instant reply', 'מענה מיידי'), b('One automatic answer to an enquirer.', 'תשובה אוטומטית אחת לפונה.')],
  ['bot', b('Bot', 'בוט'), b('A flow that asks and answers.', 'תסריט ששואל ועונה.')],
  ['multi_step', b('Automation of several steps', 'אוטומציה רב־שלבית'), b('A series with waiting in between.', 'סדרה עם המתנות.')],
  ['many_agents', b('Many agents', 'כמה נציגים'), b('Several people answer on one number.', 'כמה אנשים עונים ממספר אחד.')],
  ['pace', b('Pace', 'קצב'), b('How many messages, how fast.', 'כמה הודעות, ובאיזה קצב.')],
  ['risk', b('Risk', 'סיכון'), b('Whether the account may be blocked.', 'האם החשבון עלול להיחסם.')],
].map(([row, title, help]) => ({ row, title, help }));

const TEXTS = {
  connect: { nothing: ['yes', b('Nothing to connect', 'אין מה לחבר')], code: ['limited', b('QR or pairing code', 'סריקת קוד או קוד צימוד')], onboarding: ['limited', b('Meta’s onboarding', 'הצטרפות אצל Meta')], verification: ['limited', b('Business and number verification', 'אימות עסק ומספר')] },
  write: { opens_app: ['limited', b('The app opens with the text', 'האפליקציה נפתחת עם הטקסט')], free_text: ['yes', b('Free text', 'טקסט חופשי')], window_and_templates: ['yes', b('Template always, free for 24 h', 'תבנית תמיד, חופשי ב־24 שעות')] },
  mailing: { task: ['limited', b('A task with the text ready', 'משימה עם טקסט מוכן')], free_text: ['yes', b('One-way', 'חד־כיווני')], templates: ['yes', b('Approved templates', 'תבניות מאושרות')] },
  triggered: { task: ['limited', b('A task with the text ready', 'משימה עם טקסט מוכן')], free_text: ['yes', b('Free text', 'טקסט חופשי')], templates: ['yes', b('Approved templates', 'תבניות מאושרות')] },
  replies: { stay_in_app: ['no', b('Stay on the phone', 'נשארות בטלפון')], reduced: ['limited', b('Only who and when', 'רק מי ומתי')], arrive: ['yes', b('Arrive', 'מגיעות')] },
  phone_messages: { false: ['no', b('No', 'לא')], true: ['yes', b('Yes', 'כן')] },
  instant_reply: { none: ['no', b('No', 'לא')], set_in_app: ['limited', b('Text kept here, set in the app', 'הטקסט כאן, ההגדרה באפליקציה')], once_per_period: ['limited', b('One per person and period', 'אחד לפונה בתקופה')], yes: ['yes', b('Yes', 'כן')] },
  bot: { false: ['no', b('No', 'לא')], true: ['yes', b('Yes', 'כן')] },
  multi_step: { false: ['no', b('No', 'לא')], true: ['yes', b('Yes', 'כן')] },
  many_agents: { false: ['no', b('No', 'לא')], true: ['yes', b('Yes', 'כן')] },
  pace: { hands: ['limited', b('A person’s hands', 'ידיים של אדם')], rhythm: ['limited', b('Up to 1,000 a day', 'עד 1,000 ביממה')], twenty_per_second: ['yes', b('20 a second', '20 בשנייה')], provider: ['yes', b('By the number’s tier', 'לפי דרגת המספר')] },
  risk: { none: ['yes', b('None', 'אין')], ban: ['no', b('The account may be blocked', 'החשבון עלול להיחסם')], little: ['limited', b('Little', 'נמוך')] },
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
const levelNames = { personal_app: b('Personal app', 'אפליקציה אישית'), business_app: b('Business app', 'אפליקציה עסקית'), business_api: b('Official API', 'API רשמי') };
const linkNames = { none: b('no link', 'בלי קישור'), gateway_one_way: b('one-way gateway', 'שער חד־כיווני'), gateway_two_way: b('two-way gateway', 'שער דו־כיווני'), coexistence: b('coexistence', 'דו־קיום'), api: b('of Meta', 'של Meta') };
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
    level, link, title: b(`${levelNames[level].en}, ${linkNames[link].en}`, `${levelNames[level].he}, ${linkNames[link].he}`),
    cells: rows.map(({ row }) => { const [tone, text] = TEXTS[row][String(can[row])]; return { row, code: String(can[row]), tone, text }; }),
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
const can = (list) => Object.fromEntries(['templates', 'buttons', 'lists', 'reactions', 'mark_read', 'typing', 'reports_replies', 'echoes_our_id'].map((name) => [name, list.includes(name)]));
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
