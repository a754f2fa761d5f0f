-- The first schema. `{serial}` and `{bytes}` are written as each database wants them. Instants are milliseconds of
-- UTC, yes and no are 1 and 0, ids are 26 letters, structures are JSON text. Every table of a workspace's data has
-- workspace_id first in its key.

CREATE TABLE installation (
  id BIGINT PRIMARY KEY,
  created_at BIGINT NOT NULL,
  -- Business time is real time plus this; only a demo or test installation may have it other than 0.
  clock_offset_ms BIGINT NOT NULL,
  clock_may_be_wound BIGINT NOT NULL,
  -- A restored or copied installation sends nothing until a person releases it.
  held BIGINT NOT NULL,
  setup_token_hash TEXT
);
INSERT INTO installation VALUES (1, 0, 0, 0, 0, NULL);

-- In which epoch may be written. Every transaction of the active process holds this row, shared; only a takeover
-- changes it.
CREATE TABLE epochs (
  name TEXT PRIMARY KEY,
  epoch BIGINT NOT NULL
);
INSERT INTO epochs VALUES ('active', 0);

-- Who is active, and until when. Apart from the epoch, so that renewing never waits for those who hold that.
CREATE TABLE leases (
  name TEXT PRIMARY KEY,
  holder TEXT NOT NULL,
  expires_at BIGINT NOT NULL
);
INSERT INTO leases VALUES ('active', '', 0);

CREATE TABLE workspaces (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  locale TEXT NOT NULL,
  time_zone TEXT NOT NULL,
  region TEXT NOT NULL,
  currency TEXT NOT NULL,
  event_seq BIGINT NOT NULL,
  -- The last event that was reacted to.
  reacted_seq BIGINT NOT NULL,
  created_at BIGINT NOT NULL
);

CREATE TABLE users (
  workspace_id TEXT NOT NULL,
  id TEXT NOT NULL,
  name TEXT NOT NULL,
  email TEXT NOT NULL UNIQUE,
  role TEXT NOT NULL,
  locale TEXT NOT NULL,
  password_hash TEXT,
  disabled_at BIGINT,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, id)
);

CREATE TABLE sessions (
  token_hash TEXT PRIMARY KEY,
  workspace_id TEXT NOT NULL,
  user_id TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  seen_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
);
CREATE INDEX sessions_of_user ON sessions (workspace_id, user_id);

-- One-time links: to sign in once, or to join and choose a password.
CREATE TABLE links (
  token_hash TEXT PRIMARY KEY,
  workspace_id TEXT NOT NULL,
  user_id TEXT NOT NULL,
  purpose TEXT NOT NULL,
  expires_at BIGINT NOT NULL
);

CREATE TABLE api_keys (
  workspace_id TEXT NOT NULL,
  id TEXT NOT NULL,
  name TEXT NOT NULL,
  key_hash TEXT NOT NULL UNIQUE,
  last4 TEXT NOT NULL,
  scopes TEXT NOT NULL,
  created_by TEXT,
  created_at BIGINT NOT NULL,
  last_used_at BIGINT,
  revoked_at BIGINT,
  PRIMARY KEY (workspace_id, id)
);

CREATE TABLE apps (
  workspace_id TEXT NOT NULL,
  id TEXT NOT NULL,
  -- Names the app in the address of its webhook; empty for the installation's first.
  app_key TEXT NOT NULL UNIQUE,
  provider TEXT NOT NULL,
  provider_app_id TEXT NOT NULL,
  -- Sealed. Two secrets may live while one is changed for another.
  secrets TEXT NOT NULL,
  verify_token TEXT NOT NULL,
  last_webhook_at BIGINT,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, id)
);
CREATE UNIQUE INDEX apps_by_provider_id ON apps (provider, provider_app_id);

CREATE TABLE accounts (
  workspace_id TEXT NOT NULL,
  id TEXT NOT NULL,
  provider TEXT NOT NULL,
  app_id TEXT,
  waba_id TEXT NOT NULL,
  portfolio_id TEXT,
  base_url TEXT NOT NULL,
  -- Sealed.
  token TEXT NOT NULL,
  token_last4 TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, id)
);
CREATE UNIQUE INDEX accounts_by_waba ON accounts (provider, waba_id);

CREATE TABLE channels (
  workspace_id TEXT NOT NULL,
  id TEXT NOT NULL,
  version BIGINT NOT NULL,
  name TEXT NOT NULL,
  level TEXT NOT NULL,
  link TEXT NOT NULL,
  provider TEXT NOT NULL,
  phone TEXT,
  pipeline_id TEXT NOT NULL,
  health TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, id)
);

CREATE TABLE connections (
  workspace_id TEXT NOT NULL,
  id TEXT NOT NULL,
  channel_id TEXT NOT NULL,
  account_id TEXT NOT NULL,
  phone_number_id TEXT NOT NULL,
  connected_at BIGINT NOT NULL,
  disconnected_at BIGINT,
  PRIMARY KEY (workspace_id, id)
);
CREATE UNIQUE INDEX connections_by_number ON connections (account_id, phone_number_id);
CREATE INDEX connections_of_channel ON connections (workspace_id, channel_id);

CREATE TABLE pipelines (
  workspace_id TEXT NOT NULL,
  id TEXT NOT NULL,
  name TEXT NOT NULL,
  fields TEXT NOT NULL,
  position BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, id)
);

CREATE TABLE statuses (
  workspace_id TEXT NOT NULL,
  id TEXT NOT NULL,
  pipeline_id TEXT NOT NULL,
  name TEXT NOT NULL,
  status_group TEXT NOT NULL,
  position BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, id)
);

CREATE TABLE contacts (
  workspace_id TEXT NOT NULL,
  id TEXT NOT NULL,
  version BIGINT NOT NULL,
  name TEXT,
  profile_name TEXT,
  profile_name_at BIGINT,
  phone TEXT,
  username TEXT,
  email TEXT,
  marketing_state TEXT NOT NULL,
  marketing_at BIGINT,
  created_at BIGINT NOT NULL,
  merged_into TEXT,
  PRIMARY KEY (workspace_id, id)
);

CREATE TABLE identities (
  workspace_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  scope TEXT NOT NULL,
  value TEXT NOT NULL,
  contact_id TEXT NOT NULL,
  retired_at BIGINT,
  PRIMARY KEY (workspace_id, kind, scope, value)
);
CREATE INDEX identities_of_contact ON identities (workspace_id, contact_id);

CREATE TABLE leads (
  workspace_id TEXT NOT NULL,
  id TEXT NOT NULL,
  version BIGINT NOT NULL,
  contact_id TEXT NOT NULL,
  pipeline_id TEXT NOT NULL,
  status_id TEXT NOT NULL,
  title TEXT,
  assignee_id TEXT,
  source TEXT NOT NULL,
  fields TEXT NOT NULL,
  amount_minor BIGINT,
  currency TEXT,
  created_at BIGINT NOT NULL,
  closed_at BIGINT,
  touched BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, id)
);
CREATE INDEX leads_of_contact ON leads (workspace_id, contact_id, created_at);
CREATE INDEX leads_in_status ON leads (workspace_id, status_id, created_at, id);
CREATE INDEX leads_by_time ON leads (workspace_id, created_at, id);

CREATE TABLE conversations (
  workspace_id TEXT NOT NULL,
  id TEXT NOT NULL,
  version BIGINT NOT NULL,
  channel_id TEXT NOT NULL,
  contact_id TEXT NOT NULL,
  state TEXT NOT NULL,
  assignee_id TEXT,
  waiting BIGINT NOT NULL,
  unread_count BIGINT NOT NULL,
  last_inbound_at BIGINT,
  last_message TEXT,
  last_at BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  merged_into TEXT,
  PRIMARY KEY (workspace_id, id)
);
CREATE UNIQUE INDEX conversations_of_contact ON conversations (workspace_id, contact_id, channel_id)
  WHERE merged_into IS NULL;
CREATE INDEX conversations_by_state ON conversations (workspace_id, state, last_at, id) WHERE merged_into IS NULL;
CREATE INDEX conversations_by_assignee ON conversations (workspace_id, assignee_id, state, last_at, id)
  WHERE merged_into IS NULL;
CREATE INDEX conversations_waiting ON conversations (workspace_id, last_at, id)
  WHERE merged_into IS NULL AND state = 'open' AND waiting = 1;
CREATE INDEX conversations_by_channel ON conversations (workspace_id, channel_id, state, last_at, id)
  WHERE merged_into IS NULL;

-- Counters that lists show: kept, never counted.
CREATE TABLE counters (
  workspace_id TEXT NOT NULL,
  name TEXT NOT NULL,
  value BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, name)
);

CREATE TABLE messages (
  workspace_id TEXT NOT NULL,
  id TEXT NOT NULL,
  conversation_id TEXT NOT NULL,
  connection_id TEXT,
  direction TEXT NOT NULL,
  author_kind TEXT NOT NULL,
  author_user_id TEXT,
  provider_id TEXT,
  content TEXT NOT NULL,
  at BIGINT NOT NULL,
  received_at BIGINT,
  late BIGINT NOT NULL,
  reply_to TEXT,
  forwarded BIGINT NOT NULL,
  referral TEXT,
  resend_of TEXT,
  send_at BIGINT,
  delivery TEXT,
  receipts TEXT NOT NULL,
  failure TEXT,
  pricing TEXT,
  edited TEXT,
  revoked_at BIGINT,
  reactions TEXT NOT NULL,
  PRIMARY KEY (workspace_id, id)
);
CREATE INDEX messages_of_conversation ON messages (workspace_id, conversation_id, at, id);
CREATE UNIQUE INDEX messages_by_provider_id ON messages (workspace_id, connection_id, provider_id)
  WHERE provider_id IS NOT NULL;

-- What is told of a message after it, by the provider's id, each once, even before the message is known.
CREATE TABLE facts (
  workspace_id TEXT NOT NULL,
  connection_id TEXT NOT NULL,
  provider_id TEXT NOT NULL,
  fact_key TEXT NOT NULL,
  at BIGINT NOT NULL,
  what TEXT NOT NULL,
  PRIMARY KEY (workspace_id, connection_id, provider_id, fact_key)
);

CREATE TABLE templates (
  workspace_id TEXT NOT NULL,
  id TEXT NOT NULL,
  account_id TEXT NOT NULL,
  provider_id TEXT,
  name TEXT NOT NULL,
  language TEXT NOT NULL,
  category TEXT NOT NULL,
  status TEXT NOT NULL,
  quality TEXT,
  rejected_reason TEXT,
  body TEXT NOT NULL,
  synced_at BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, id)
);
CREATE UNIQUE INDEX templates_by_name ON templates (workspace_id, account_id, name, language);

CREATE TABLE media (
  workspace_id TEXT NOT NULL,
  id TEXT NOT NULL,
  message_id TEXT,
  account_id TEXT,
  state TEXT NOT NULL,
  media_kind TEXT NOT NULL,
  mime_type TEXT,
  filename TEXT,
  size_bytes BIGINT,
  -- The object's name: the hash of its bytes.
  sha256 TEXT,
  source TEXT,
  -- The provider's id of our upload, and until when it can be sent.
  upload_id TEXT,
  upload_channel_id TEXT,
  upload_expires_at BIGINT,
  tries BIGINT NOT NULL,
  next_try_at BIGINT,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, id)
);
CREATE INDEX media_to_fetch ON media (next_try_at) WHERE state = 'pending';

CREATE TABLE outbox (
  workspace_id TEXT NOT NULL,
  id TEXT NOT NULL,
  channel_id TEXT NOT NULL,
  conversation_id TEXT NOT NULL,
  message_id TEXT,
  -- message, reaction, read.
  kind TEXT NOT NULL,
  -- 0 answers, 1 triggered messages, 2 campaigns.
  class BIGINT NOT NULL,
  state TEXT NOT NULL,
  due_at BIGINT NOT NULL,
  automatic BIGINT NOT NULL,
  payload TEXT,
  tries BIGINT NOT NULL,
  epoch BIGINT,
  marked_at BIGINT,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, id)
);
CREATE INDEX outbox_due ON outbox (workspace_id, channel_id, class, due_at, id) WHERE state = 'queued';
CREATE INDEX outbox_in_flight ON outbox (workspace_id, channel_id, id) WHERE state = 'sending';
CREATE INDEX outbox_of_message ON outbox (workspace_id, message_id);
CREATE INDEX outbox_recent ON outbox (workspace_id, conversation_id, marked_at);

CREATE TABLE timers (
  workspace_id TEXT NOT NULL,
  id TEXT NOT NULL,
  kind TEXT NOT NULL,
  subject_id TEXT NOT NULL,
  due_at BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, id)
);
CREATE INDEX timers_due ON timers (due_at);
CREATE INDEX timers_of_subject ON timers (workspace_id, subject_id);

CREATE TABLE attention (
  workspace_id TEXT NOT NULL,
  id TEXT NOT NULL,
  kind TEXT NOT NULL,
  conversation_id TEXT,
  message_id TEXT,
  facts TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  dismissed_at BIGINT,
  PRIMARY KEY (workspace_id, id)
);
CREATE INDEX attention_open ON attention (workspace_id, id) WHERE dismissed_at IS NULL;

CREATE TABLE events (
  workspace_id TEXT NOT NULL,
  seq BIGINT NOT NULL,
  kind TEXT NOT NULL,
  at BIGINT NOT NULL,
  actor_kind TEXT NOT NULL,
  actor_user_id TEXT,
  contact_id TEXT,
  lead_id TEXT,
  conversation_id TEXT,
  message_id TEXT,
  channel_id TEXT,
  template_id TEXT,
  user_id TEXT,
  facts TEXT NOT NULL,
  PRIMARY KEY (workspace_id, seq)
);
CREATE INDEX events_of_lead ON events (workspace_id, lead_id, seq) WHERE lead_id IS NOT NULL;
CREATE INDEX events_of_contact ON events (workspace_id, contact_id, seq)
  WHERE contact_id IS NOT NULL AND kind <> 'message.delivery';

CREATE TABLE journal (
  seq {serial},
  workspace_id TEXT NOT NULL,
  source TEXT NOT NULL,
  app_id TEXT,
  entry_id TEXT NOT NULL,
  entry_time BIGINT,
  raw {bytes} NOT NULL,
  received_at BIGINT NOT NULL
);

CREATE TABLE lane_queue (
  workspace_id TEXT NOT NULL,
  seq BIGINT NOT NULL,
  applied_items BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, seq)
);

-- Digests of changes that have no id of their own, so that a redelivery is known.
CREATE TABLE seen_changes (
  workspace_id TEXT NOT NULL,
  digest TEXT NOT NULL,
  seen_at BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, digest)
);

CREATE TABLE quarantine (
  id {identity},
  workspace_id TEXT NOT NULL,
  journal_seq BIGINT NOT NULL,
  -- The item's place in its entry; -1: the whole entry.
  position BIGINT NOT NULL,
  reason TEXT NOT NULL,
  created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX quarantine_items ON quarantine (workspace_id, journal_seq, position);
CREATE INDEX quarantine_by_id ON quarantine (workspace_id, id);

CREATE TABLE jobs (
  workspace_id TEXT NOT NULL,
  id TEXT NOT NULL,
  kind TEXT NOT NULL,
  -- Two jobs of one kind and subject are one.
  subject TEXT NOT NULL,
  payload TEXT NOT NULL,
  due_at BIGINT NOT NULL,
  tries BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, id)
);
CREATE UNIQUE INDEX jobs_once ON jobs (workspace_id, kind, subject);
CREATE INDEX jobs_due ON jobs (due_at);

CREATE TABLE idempotency_keys (
  workspace_id TEXT NOT NULL,
  key TEXT NOT NULL,
  request_hash TEXT NOT NULL,
  -- The id of what the request made.
  result TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, key)
);
