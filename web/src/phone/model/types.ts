/** The phone API of the sandbox, as docs/sandbox.md has it. */
export interface Person {
  id: string; phone: string | null; name: string; username: string | null; user_ids: Record<string, string>;
  hidden: boolean; on_whatsapp: boolean; phone_off: boolean; read_receipts: boolean; auto_read: boolean;
  blocked: string[]; marketing_stopped: string[]; listed: boolean;
}
export interface Business { id: string; phone: string; name: string; username: string | null; on_business_app: boolean; connected: boolean | null }
export interface ChatWindow { open: boolean; closes_at: string | null; free_entry_until: string | null }
export type Ticks = 'sending' | 'delivered' | 'read' | null;
export type Speaker = 'person' | 'business';
export interface Media { id: string | null; url: string; mime_type: string | null; size_bytes?: number | null }
/** Businesses write the coordinates as numbers or as texts. */
export interface Place { latitude: number | string; longitude: number | string; name?: string; address?: string; url?: string }
export interface ContactCard { name?: { formatted_name?: string }; phones?: { phone?: string; wa_id?: string }[]; org?: { company?: string; title?: string }; emails?: { email?: string }[] }
export interface Referral { source_url?: string; source_id?: string; source_type?: string; headline?: string; body?: string; media_type?: string; image_url?: string; ctwa_clid?: string; welcome_message?: { text: string } }

export type Header =
  | { type: 'text'; text: string }
  | { type: 'image' | 'video' | 'document'; media: Media; filename?: string }
  | { type: 'location'; location: Place };
export type ButtonType = 'quick_reply' | 'url' | 'phone' | 'copy_code' | 'flow' | 'location_request' | 'contact_request' | 'call' | 'catalog' | 'call_permission';
export interface CardButton { index: number; type: ButtonType; text: string; id?: string; url?: string; phone?: string; code?: string }
export interface ListRow { id: string; title: string; description?: string }
export interface CardList { button: string; sections: { title?: string; rows: ListRow[] }[] }
export interface Card {
  header: Header | null; body: string; footer: string | null; offer?: string | null; buttons: CardButton[]; list: CardList | null;
  cards: { header: Header | null; body: string; buttons: CardButton[] }[] | null;
  template: { name: string; language: string; category: string } | null;
}
export interface MediaContent { media: Media; caption?: string; filename?: string; voice?: boolean; animated?: boolean }

export type Content =
  | { type: 'text'; content: { body: string; preview_url?: boolean } }
  | { type: 'image' | 'video' | 'audio' | 'document' | 'sticker'; content: MediaContent }
  | { type: 'location'; content: Place }
  | { type: 'contacts'; content: { contacts: ContactCard[] } }
  | { type: 'template' | 'interactive'; content: Card }
  | { type: 'button'; content: { text: string; payload?: string } }
  | { type: 'reply'; content: { id: string; title: string; description?: string } }
  | { type: 'form'; content: { body: string; response: Record<string, unknown> } }
  | { type: 'order'; content: { order: { product_items?: unknown[]; text?: string } } }
  | { type: 'system'; content: { body: string } }
  | { type: 'unsupported'; content: { kind?: string } };

export interface Quoted { id: string; from: Speaker; type: string; preview: string }
interface MessageFacts {
  id: string; seq: number; from: Speaker; at: string; ticks: Ticks; quoted: Quoted | null; reactions: { from: Speaker; emoji: string }[];
  edited: boolean; revoked: boolean; forwarded: boolean; referral: Referral | null; answered: string | null;
}
export type Message = MessageFacts & Content;
export type MessageOf<Type extends Content['type']> = Extract<Message, { type: Type }>;

export interface Chat {
  person: Person; business: Business; window: ChatWindow; blocked: boolean; marketing_stopped: boolean; open: boolean;
  typing_until: string | null; unread: number; messages: Message[];
}
export interface ChatRow { number: string; unread: number; last: Message | null }
export interface ClockState { now: string; real_now: string; offset_ms: number }
export interface Preset { name: string; on: boolean; params: Record<string, unknown> }
export interface Activity {
  seq: number; at: string; kind: string; what: string; outcome: string; number: string | null; person: string | null;
  summary: { type?: string; text?: string; wamid?: string } | null; attempt?: number; json: unknown;
}
export interface World {
  now: string; settings: Record<string, unknown>;
  apps: { id: string; name: string; callback_url: string | null }[];
  wabas: { id: string; timezone?: string }[];
  templates: { id?: string; name: string; language: string; status: string }[];
}
export interface Pressed { message: Message | null; opened?: { type: 'url' | 'phone' | 'copy_code'; url?: string; phone?: string; code?: string } }
