/** The shapes of `/api/v1`. Names follow the API's own document, from which this file will be drawn. */

export type Role = 'owner' | 'admin' | 'manager' | 'agent' | 'viewer';
export type Locale = 'he' | 'en';
export type Localised = { he?: string; en?: string };
export type Level = 'personal_app' | 'business_app' | 'business_api';
export type Link = 'none' | 'gateway_one_way' | 'gateway_two_way' | 'coexistence' | 'api';
export type Direction = 'in' | 'out' | 'note';
export type AuthorKind = 'person' | 'user' | 'automation' | 'flow' | 'api' | 'phone' | 'import' | 'system';
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
  /** Why it has not left yet. */
  waits?: { until: string; reason: Decision['reason'] | null } | null;
  receipts: { accepted_at?: string; sent_at?: string; delivered_at?: string; read_at?: string; played_at?: string; failed_at?: string };
  failure: { reason: string; next_step: string; code: number | null; details: string | null } | null;
  reply_to: { message_id: string | null; direction: Direction | null; kind: string | null; text: string | null } | null;
  reactions: { emoji: string; by: 'person' | 'business' }[];
  edited_at: string | null; revoked_at: string | null; forwarded: boolean; referral: Referral | null; media: Media | null;
  resend_of: string | null; resent_as: string | null; pricing: { category: string | null; kind: string | null } | null;
}

export type MendCode =
  | 'choose_template' | 'choose_other_template' | 'wait' | 'reconnect_channel' | 'link_again' | 'call' | 'add_phone' | 'ask_manager' | 'raise_level' | 'open_app' | 'send_as_text' | 'release_installation';
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

export type Family = 'none' | 'official' | 'unofficial';
/** The rows of the comparison table; each is an ability of a pair of level and link. */
export type AbilityRow =
  | 'connect' | 'write' | 'mailing' | 'triggered' | 'replies' | 'phone_messages' | 'instant_reply' | 'bot' | 'multi_step' | 'many_agents' | 'pace' | 'risk';
export type Abilities = Record<AbilityRow, string | boolean>;
export type Purpose = 'by_hand' | 'instant_reply' | 'triggered' | 'mailing' | 'multi_step' | 'bot';
export type Way = 'sends' | 'sends_by_window' | 'opens_app' | 'becomes_task' | 'refused';
export type CellTone = 'yes' | 'limited' | 'no';
export interface Cell { row: AbilityRow; code: string; tone: CellTone; text: Localised }
export interface Pair { level: Level; link: Link; title: Localised; cells: Cell[]; purposes: Record<Purpose, Way> }
export interface Need {
  field: 'base_url' | 'number' | 'account' | 'token' | 'app' | 'waba_id' | 'phone'; label: Localised; hint: Localised; secret: boolean;
  example: string | null; default: string | null; required: boolean;
}
export type ProviderCan = 'templates' | 'buttons' | 'lists' | 'reactions' | 'mark_read' | 'typing' | 'reports_replies' | 'reports_own_messages' | 'echoes_our_id';
export interface ProviderInfo {
  provider: string; name: string; family: Family; verified: boolean; available?: boolean; pairs: { level: Level; link: Link }[]; needs: Need[]; note: Localised;
  can: Partial<Record<ProviderCan, boolean>>;
}
export interface Capabilities { rows: { row: AbilityRow; title: Localised; help: Localised }[]; pairs: Pair[]; providers: ProviderInfo[] }

export type LinkState = 'unknown' | 'unlinked' | 'starting' | 'awaiting_code' | 'linked' | 'restricted' | 'banned';
export interface Linking { state: LinkState; last_event_at: string | null; restricted_until: string | null; checked_at: string | null }
export interface Linked { state: LinkState; qr: string | null; qr_png: string | null; code: string | null; phone: string | null }
export interface Hours { from: string; to: string }
/** What a gateway's number may still send: counted over the last 24 hours. */
export interface Today {
  sent_24h: number; cap: number; reachable: number; gap_s: number; next_at: string | null; window: Hours; warm_up: { day: number; cap_tomorrow: number } | null;
}
export type RiskSignal = 'young_link' | 'few_replies' | 'many_new_people' | 'failed_sends' | 'opt_outs' | 'held_back' | 'timelock' | 'same_text' | 'fast';
export interface Risk {
  level: 'low' | 'raised' | 'high'; slowed: boolean; signals: { code: RiskSignal; value: number | string }[]; accepted_by: string | null; accepted_at: string | null;
}
export interface InstantReply { enabled: boolean; text: string; period_hours: number; in_app: boolean }
export interface Channel {
  id: string; version: number; name: string; level: Level; link: Link; provider: string; phone: string | null; pipeline_id: string; connected: boolean;
  account: { id: string; waba_id: string | null; portfolio_id: string | null; app_key: string | null; token_last4: string | null } | null;
  phone_number_id: string | null;
  health: {
    state: 'ok' | 'warning' | 'disconnected' | 'unknown'; quality: string | null; tier: string | null; throughput_mps: number | null;
    reason: string | null; checked_at: string | null; last_webhook_at: string | null; waiting: number;
  };
  webhook: { url: string; verify_token_set: boolean };
  abilities: Abilities | null; linking: Linking | null; today: Today | null; risk: Risk | null; instant_reply: InstantReply | null; working_hours: Hours | null; verified: boolean;
}
export interface Check { key: string; state: 'ok' | 'failed' | 'warning' | 'skipped'; code: string | null; details: string | null }
export type NewChannel =
  | { name: string; provider: 'meta'; level: Level; link: Link; app: { app_id: string; app_secret: string; verify_token: string }; waba_id: string; phone_number_id: string; token: string }
  | { name: string; provider: string; level: Level; link: Link; phone?: string; accept_risk?: true } & Partial<Record<'base_url' | 'number' | 'account' | 'token' | 'waba_id', string>>;
export interface ChannelChange {
  version: number; name?: string; token?: string; app_secret?: string; link?: Link; working_hours?: Hours; instant_reply?: Pick<InstantReply, 'enabled' | 'text' | 'period_hours'>;
}
export type SetupKey = 'business_verification' | 'number_added' | 'code_requested' | 'code_verified' | 'registered' | 'display_name' | 'two_factor';
export interface SetupStep { key: SetupKey; state: 'done' | 'todo' | 'waiting' | 'failed'; detail?: string | null; reason?: string | null }

/** A text that was opened in the agent's own WhatsApp; whether it was sent, only the agent knows. */
export interface Handoff { id: string; conversation_id: string; text: string; url: string; state: 'open' | 'sent' | 'dropped'; opened_at: string }
export interface Wording { id: string; name: string; text: string }

export type CampaignState = 'preparing' | 'running' | 'stopped' | 'done';
export type RecipientState = 'waiting' | 'sent' | 'delivered' | 'read' | 'failed' | 'unclear' | 'answered' | 'opted_out' | 'cancelled';
export interface Campaign {
  id: string; name: string; channel_id: string; text: string; state: CampaignState; counts: Record<RecipientState, number>;
  next_at: string | null; finishes_at: string | null; created_at: string; created_by: string | null;
}
export interface Recipient { contact: { id: string; name: string | null; phone: string | null }; state: RecipientState; at: string | null; reason: string | null; conversation_id: string | null }
export interface NewCampaign { channel_id: string; name: string; text: string; to: { contact_ids?: string[]; pasted?: string } }
export interface DryRun {
  recipients: number; invalid: { line: number; text: string; reason: string }[]; duplicates: number; opted_out: number; finishes_at: string | null; days: number; first_at: string | null;
  opt_out_link: boolean;
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
