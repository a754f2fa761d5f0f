/** The shapes of `/api/v1`. Names follow the API's own document, from which this file will be drawn. */

export type Role = 'owner' | 'admin' | 'manager' | 'agent' | 'viewer';
export type Locale = 'he' | 'en';
export type Localised = { he?: string; en?: string };
export type Level = 'personal_app' | 'business_app' | 'business_api';
export type Link = 'none' | 'gateway_one_way' | 'gateway_two_way' | 'coexistence' | 'api';
export type Direction = 'in' | 'out' | 'note';
export type AuthorKind = 'person' | 'user' | 'automation' | 'flow' | 'api' | 'phone' | 'system';
export type Delivery =
  | 'queued' | 'sending' | 'unclear' | 'accepted' | 'sent' | 'failed' | 'delivered' | 'read' | 'played' | 'refused' | 'cancelled';

export interface List<Item> { items: Item[]; next: string | null }

export interface Problem {
  type?: string; title: string; status: number; code: string; detail?: string | null; field?: string | null; mend?: string | null;
  request_id?: string; current?: unknown;
}

export interface User { id: string; name: string; email: string; role: Role; locale: Locale; disabled_at: string | null; invited: boolean }
export interface Me {
  user: User;
  workspace: { id: string; name: string; locale: Locale; time_zone: string };
  permissions: string[];
  demo: boolean;
  sandbox_phone_url: string | null;
  now: string;
}
export interface ApiKey {
  id: string; name: string; scopes: string[]; created_at: string; last_used_at: string | null; revoked_at: string | null; last4: string;
}

export interface Contact {
  id: string; version: number; name: string | null; display_name: string; profile_name: string | null; phone: string | null;
  username: string | null; email: string | null; marketing: { state: 'unknown' | 'allowed' | 'opted_out'; at: string | null };
}
export type SourceKind = 'whatsapp' | 'whatsapp_ad' | 'manual' | 'form' | 'import' | 'api';
export interface Lead {
  id: string; version: number; contact_id: string; pipeline_id: string; status_id: string; title: string | null; assignee_id: string | null;
  source: { kind: SourceKind; detail: string | null };
  fields: Record<string, string>;
  created_at: string; closed_at: string | null; amount_minor: number | null; currency: string | null;
}
export type StatusGroup = 'new' | 'active' | 'waiting' | 'meeting' | 'offer' | 'won' | 'lost' | 'invalid';
export interface Status { id: string; name: Localised; group: StatusGroup; position: number; is_closed: boolean }
export interface PipelineField { key: string; label: Localised; kind: 'text' | 'number' | 'date' | 'choice'; options?: string[] }
export interface Pipeline { id: string; name: Localised; statuses: Status[]; fields: PipelineField[] }
export interface TimelineItem {
  seq: number; kind: string; at: string; actor: { kind: string; user_id?: string | null; name?: string | null }; facts: Record<string, string>;
}

export interface LastMessage {
  id: string; direction: Direction; kind: string; text: string; author_kind: AuthorKind; delivery: Delivery | null;
  failure_reason: string | null; at: string;
}
export interface Window { state: 'open' | 'closed' | 'none'; expires_at: string | null; last_inbound_at: string | null }
export interface Conversation {
  id: string; version: number; contact: Contact;
  channel: { id: string; name: string; phone: string | null; level: Level; link: Link };
  lead: Lead | null; state: 'open' | 'resolved'; assignee_id: string | null; unread_count: number; window: Window;
  last_message: LastMessage | null; last_at: string;
}
export type View = 'mine' | 'unassigned' | 'waiting' | 'all' | 'resolved';
export interface Counts { mine: number; unassigned: number; waiting: number; all: number }

export type MediaKind = 'image' | 'video' | 'audio' | 'document' | 'sticker';
export interface Media {
  id: string; state: 'pending' | 'stored' | 'unavailable'; media_kind: MediaKind; mime_type: string | null; size_bytes: number | null;
  filename: string | null; url: string | null; next_try_at: string | null;
}
export type Uploaded = Media & { problem?: { code: string; mend: string | null } | null };

export interface ContactCard {
  formatted_name?: string; first_name?: string; last_name?: string; phones?: { phone: string; wa_id?: string; label?: string }[];
  emails?: { value: string; label?: string }[]; urls?: { value: string; label?: string }[]; company?: string; own?: boolean;
}
export type InteractiveAction =
  | { type: 'buttons'; buttons: { id: string; title: string }[] }
  | { type: 'list'; button: string; sections: { title?: string; rows: { id: string; title: string; description?: string }[] }[] }
  | { type: 'url_button'; display_text: string; url: string }
  | { type: 'location_request' }
  | { type: 'contact_request' };
export interface Interactive {
  kind: 'interactive';
  header?: { type: 'text'; text: string } | { type: 'media'; media_kind: string; media_id?: string };
  body: string; footer?: string; action: InteractiveAction;
}
export interface RenderedTemplate {
  header?: string; header_media?: object; body: string; footer?: string; buttons?: { kind: string; text: string; url?: string }[];
}
export interface Place { kind: 'location'; latitude: number; longitude: number; name?: string; address?: string; url?: string }
export type Content =
  | { kind: 'text'; text: string; preview_url?: boolean }
  | { kind: 'media'; media_kind: string; media_id?: string; caption?: string; filename?: string; voice?: boolean; animated?: boolean; mime_type?: string }
  | Place
  | { kind: 'contacts'; cards: ContactCard[] }
  | Interactive
  | { kind: 'template'; template_id?: string; name: string; language: string; rendered?: RenderedTemplate }
  | { kind: 'button_reply'; id: string; title: string }
  | { kind: 'list_reply'; id: string; title: string; description?: string }
  | { kind: 'form_reply'; name: string; body: string; response: string }
  | { kind: 'call_permission_reply'; accepted: boolean }
  | { kind: 'order'; catalog_id: string; text?: string; items: { product_retailer_id: string; quantity: number; item_price: number; currency: string }[] }
  | { kind: 'unsupported'; original?: string; code?: number }
  | { kind: 'unknown'; original: string; raw: string };
export type SendContent =
  | { kind: 'text'; text: string; preview_url?: boolean }
  | { kind: 'media'; media_id: string; caption?: string; voice?: boolean }
  | Interactive
  | Place
  | { kind: 'template'; template_id: string; variables: { key: string; value: string }[]; header_media_id?: string };

export interface Referral { source_type?: string; source_url?: string; headline?: string; body?: string; media_url?: string }
export interface Message {
  id: string; conversation_id: string; direction: Direction;
  author: { kind: AuthorKind; user_id: string | null; name: string | null };
  content: Content; at: string; received_at: string | null; late: boolean; delivery: Delivery | null; send_at: string | null;
  receipts: { accepted_at?: string; sent_at?: string; delivered_at?: string; read_at?: string; played_at?: string; failed_at?: string };
  failure: { reason: string; next_step: string; code: number | null; details: string | null } | null;
  reply_to: { message_id: string | null; direction: Direction | null; kind: string | null; text: string | null } | null;
  reactions: { emoji: string; by: 'person' | 'business' }[];
  edited_at: string | null; revoked_at: string | null; forwarded: boolean; referral: Referral | null; media: Media | null;
  resend_of: string | null; resent_as: string | null; pricing: { category: string | null; kind: string | null } | null;
}

export type MendCode =
  | 'choose_template' | 'choose_other_template' | 'wait' | 'reconnect_channel' | 'call' | 'add_phone' | 'ask_manager' | 'use_level' | 'release_installation';
export interface Decision {
  verdict: 'now' | 'later' | 'refused' | 'opens_app'; until: string | null;
  reason: { code: string; params: Record<string, string | number> };
  mends: { code: MendCode; params: Record<string, string | number> }[];
  levels: Level[];
  from: { channel_id: string; phone: string | null };
}

export interface TemplateVariable { key: string; label: string; example: string | null; component: 'header' | 'body' | 'button' }
export interface Template {
  id: string; account_id: string; name: string; title: string; language: string; category: string; status: string; quality: string | null;
  sendable: boolean; not_sendable_reason: string | null;
  header: { format: 'text' | 'image' | 'video' | 'document' | 'location'; text?: string } | null;
  body: string; footer: string | null;
  buttons: { kind: 'quick_reply' | 'url' | 'phone_number' | 'copy_code' | 'otp' | 'form' | 'other'; text: string; url?: string }[];
  variables: TemplateVariable[]; rejected_reason: string | null; synced_at: string;
}

export interface Channel {
  id: string; version: number; name: string; level: Level; link: Link; provider: string; phone: string | null; pipeline_id: string; connected: boolean;
  account: { id: string; waba_id: string; portfolio_id: string | null; app_key: string | null; token_last4: string | null } | null;
  phone_number_id: string | null;
  health: {
    state: 'ok' | 'warning' | 'disconnected' | 'unknown'; quality: string | null; tier: string | null; throughput_mps: number | null;
    reason: string | null; checked_at: string | null; last_webhook_at: string | null; waiting: number;
  };
  webhook: { url: string; verify_token_set: boolean };
}
export type CheckKey =
  | 'token' | 'scopes' | 'number' | 'registered' | 'app_subscribed' | 'webhook_field' | 'webhook_reachable' | 'templates' | 'signature_seen';
export interface Check { key: CheckKey; state: 'ok' | 'failed' | 'warning' | 'skipped'; code: string | null; details: string | null }
export interface NewChannel {
  name: string; provider: 'meta'; level: 'business_api'; link: 'api'; base_url?: string;
  app: { app_id: string; app_secret: string; verify_token: string }; waba_id: string; phone_number_id: string; token: string;
}
export interface Quarantined {
  id: string; received_at: string; reason: string; field: string | null; position: number | null; phone_number_id: string | null; raw: string; source: string;
}
export interface LiveEvent {
  seq: number; kind: string; at: string;
  ids: { conversation_id?: string; message_id?: string; lead_id?: string; contact_id?: string; channel_id?: string; template_id?: string; user_id?: string };
  facts: Record<string, unknown>;
}
export interface LiveNotice { kind: 'receipt' | 'typing' | 'progress'; conversation_id?: string; message_id?: string; [key: string]: unknown }
