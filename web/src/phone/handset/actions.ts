import { api, type Upload, uploadMedia } from '../model/api';
import { errorWords } from '../model/errors';
import { submit } from '../model/pending';
import { changeChat, changeMessage, keys, putMessage, queryClient } from '../model/queries';
import { type Ad, places } from '../model/samples';
import type { CardButton, ListRow, Message, Quoted } from '../model/types';
import { p } from '../i18n';
import { locale } from '@/i18n';
import type { Phone } from './context';
import { plainText } from './markup';

/** One line that stands for a message: in a quote, in the list of chats. */
export function previewOf(message: Message): string {
  if (message.revoked) return p('message.revoked');
  switch (message.type) {
    case 'text': return plainText(message.content.body);
    case 'template': case 'interactive': return plainText(message.content.body) || p('kind.card');
    case 'button': return message.content.text;
    case 'reply': return message.content.title;
    case 'system': return message.content.body;
    case 'document': return message.content.caption ?? message.content.filename ?? p('kind.document');
    case 'image': case 'video': return message.content.caption ?? p(`kind.${message.type}`);
    case 'audio': return message.content.voice ? p('kind.voice') : p('kind.audio');
    case 'location': return message.content.name ?? p('kind.location');
    case 'contacts': return message.content.contacts[0]?.name?.formatted_name ?? p('kind.contacts');
    default: return p(`kind.${message.type}`);
  }
}

export const quoteOf = (message: Message): Quoted => ({ id: message.id, from: message.from, type: message.type, preview: previewOf(message) });
const ids = (phone: Phone) => [phone.person.id, phone.business.id] as const;

export function sendText(phone: Phone, text: string, reply: Message | null, ad: Ad | null) {
  const [person, number] = ids(phone);
  const referral = ad ? { ...ad.referral, headline: ad.headline[locale()], body: ad.body[locale()] } : null;
  return submit(person, number, { type: 'text', content: { body: text }, quoted: reply && quoteOf(reply), referral }, () =>
    api.text(person, number, { text, ...(reply ? { reply_to: reply.id } : {}), ...(referral ? { referral } : {}) }));
}

export function sendMedia(phone: Phone, upload: Upload, reply: Message | null) {
  const [person, number] = ids(phone);
  const media = { id: '', url: URL.createObjectURL(upload.file), mime_type: upload.file.type, size_bytes: upload.file.size };
  const type = upload.kind === 'voice' ? 'audio' : upload.kind;
  const content = { media, caption: upload.caption, voice: upload.kind === 'voice', ...(upload.kind === 'document' ? { filename: upload.filename } : {}) };
  const body = { ...upload, ...(reply ? { reply_to: reply.id } : {}) };
  return submit(person, number, { type, content, quoted: reply && quoteOf(reply) }, (onProgress, signal) => uploadMedia(person, number, body, onProgress, signal));
}

export function sendPlace(phone: Phone, place: (typeof places)[number], reply: Message | null) {
  const [person, number] = ids(phone);
  const content = { latitude: place.latitude, longitude: place.longitude, name: place.name[locale()], address: place.address[locale()] };
  return submit(person, number, { type: 'location', content, quoted: reply && quoteOf(reply) }, () => api.location(person, number, { ...content, ...(reply ? { reply_to: reply.id } : {}) }));
}

export function sendContact(phone: Phone, name: string, digits: string, reply: Message | null) {
  const [person, number] = ids(phone);
  return submit(person, number, { type: 'contacts', content: { contacts: [{ name: { formatted_name: name }, phones: [{ phone: `+${digits}` }] }] }, quoted: reply && quoteOf(reply) }, () =>
    api.contacts(person, number, { contacts: [{ name, phone: digits }], ...(reply ? { reply_to: reply.id } : {}) }));
}

export function shareOwnContact(phone: Phone, message: Message) {
  const [person, number] = ids(phone);
  return submit(person, number, { type: 'contacts', content: { contacts: [{ name: { formatted_name: phone.person.name }, phones: phone.person.phone ? [{ phone: `+${phone.person.phone}` }] : [] }] }, quoted: quoteOf(message) }, () =>
    api.contacts(person, number, { share_own: true, reply_to: message.id }));
}

export function sendForm(phone: Phone, message: Message, response: Record<string, string>) {
  const [person, number] = ids(phone);
  return submit(person, number, { type: 'form', content: { body: p('form.sent'), response }, quoted: quoteOf(message) }, () => api.form(person, number, message.id, response));
}

export function sendUnsupported(phone: Phone) {
  const [person, number] = ids(phone);
  return submit(person, number, { type: 'unsupported', content: { kind: 'poll' } }, () => api.unsupported(person, number, 'poll'));
}

/** A quick reply becomes a message of the person; the other buttons only open something. */
export function pressReply(phone: Phone, message: Message, button: CardButton, card?: number) {
  const [person, number] = ids(phone);
  changeMessage(person, number, message.id, (before) => ({ ...before, answered: button.id ?? String(button.index) }));
  const draft = message.type === 'template' ? { type: 'button' as const, content: { text: button.text } } : { type: 'reply' as const, content: { id: button.id ?? '', title: button.text } };
  return submit(person, number, { ...draft, quoted: quoteOf(message) }, () => api.press(person, number, { message_id: message.id, index: button.index, ...(card === undefined ? {} : { card }) }));
}

export async function pressOther(phone: Phone, message: Message, button: CardButton, card?: number) {
  const [person, number] = ids(phone);
  try {
    const { message: sent } = await api.press(person, number, { message_id: message.id, index: button.index, ...(card === undefined ? {} : { card }) });
    if (sent) putMessage(person, number, sent);
  } catch (error) {
    phone.notice(errorWords(error));
  }
}

export function chooseRow(phone: Phone, message: Message, row: ListRow) {
  const [person, number] = ids(phone);
  changeMessage(person, number, message.id, (before) => ({ ...before, answered: row.id }));
  return submit(person, number, { type: 'reply', content: row, quoted: quoteOf(message) }, () => api.choose(person, number, message.id, row.id));
}

/** What changes on the screen at once, and is put back as it was when the sandbox refuses. */
async function atOnce(phone: Phone, show: () => void, run: () => Promise<{ message: Message | null }>) {
  const [person, number] = ids(phone);
  show();
  try {
    const { message } = await run();
    if (message) putMessage(person, number, message);
  } catch (error) {
    phone.notice(errorWords(error));
    void queryClient.invalidateQueries({ queryKey: keys.chat(person, number) });
  }
}

export function react(phone: Phone, message: Message, emoji: string) {
  const [person, number] = ids(phone);
  const others = message.reactions.filter((reaction) => reaction.from !== 'person');
  const show = () => changeMessage(person, number, message.id, (before) => ({ ...before, reactions: emoji ? [...others, { from: 'person', emoji }] : others }));
  // The answer of a reaction may be the reaction itself, which is no message of the chat: the stream brings the changed one.
  return atOnce(phone, show, () => api.react(person, number, message.id, emoji).then(() => ({ message: null })));
}

export function editText(phone: Phone, message: Message, text: string) {
  const [person, number] = ids(phone);
  const show = () => changeMessage(person, number, message.id, (before) => (before.type === 'text' ? { ...before, content: { ...before.content, body: text }, edited: true } : before));
  return atOnce(phone, show, () => api.edit(person, number, message.id, text).then(() => ({ message: null })));
}

export function revoke(phone: Phone, message: Message) {
  const [person, number] = ids(phone);
  return atOnce(phone, () => changeMessage(person, number, message.id, (before) => ({ ...before, revoked: true })), () => api.revoke(person, number, message.id).then(() => ({ message: null })));
}

export function setBlocked(phone: Phone, blocked: boolean) {
  const [person, number] = ids(phone);
  return atOnce(phone, () => changeChat(person, number, { blocked }), () => api.block(person, number, blocked).then(() => ({ message: null })));
}

export function setMarketing(phone: Phone, stopped: boolean) {
  const [person, number] = ids(phone);
  return atOnce(phone, () => changeChat(person, number, { marketing_stopped: stopped }), () => api.marketing(person, number, stopped).then(() => ({ message: null })));
}
