-- Every licence level and every family of providers: gateways with their caps, webhooks of each connection, what a
-- channel is set to, messages that a person sends in the own app, saved wordings, and mailings.

-- The account's id is the provider's own, and two servers of one provider may both use it.
DROP INDEX accounts_by_waba;
CREATE UNIQUE INDEX accounts_by_waba ON accounts (provider, base_url, waba_id);

ALTER TABLE channels ADD COLUMN settings TEXT NOT NULL DEFAULT '{}';

-- Sealed. What the provider signs its webhooks with; an app's secret where the provider has apps.
ALTER TABLE connections ADD COLUMN webhook_secret TEXT;
ALTER TABLE connections ADD COLUMN last_event_at BIGINT;
ALTER TABLE connections ADD COLUMN linked_at BIGINT;

ALTER TABLE outbox ADD COLUMN purpose TEXT NOT NULL DEFAULT 'by_hand';
ALTER TABLE outbox ADD COLUMN campaign_id TEXT;
-- Why it waits, when it does not wait for its own time.
ALTER TABLE outbox ADD COLUMN wait_reason TEXT;
ALTER TABLE outbox DROP COLUMN automatic;
CREATE INDEX outbox_of_campaign ON outbox (workspace_id, campaign_id, state, id) WHERE campaign_id IS NOT NULL;

-- The clock of rolling caps: real time and the boot clock, as they stood together.
CREATE TABLE cap_clock (
  id BIGINT PRIMARY KEY,
  boot_id TEXT NOT NULL,
  real_ms BIGINT NOT NULL,
  boot_ms BIGINT NOT NULL
);

-- What counts against a number's rolling cap: what we sent and what was typed on the phone. On the cap's clock.
CREATE TABLE counted_sends (
  workspace_id TEXT NOT NULL,
  channel_id TEXT NOT NULL,
  ordinal BIGINT NOT NULL,
  at BIGINT NOT NULL,
  -- The provider's id of what was typed; so that a report counts once.
  typed_id TEXT,
  PRIMARY KEY (workspace_id, channel_id, ordinal)
);
CREATE INDEX counted_sends_by_time ON counted_sends (workspace_id, channel_id, at, ordinal);
CREATE UNIQUE INDEX counted_sends_typed ON counted_sends (workspace_id, channel_id, typed_id)
  WHERE typed_id IS NOT NULL;

-- What a number did on each day, for its risk: kept, never counted.
CREATE TABLE channel_days (
  workspace_id TEXT NOT NULL,
  channel_id TEXT NOT NULL,
  day BIGINT NOT NULL,
  sent BIGINT NOT NULL,
  new_people BIGINT NOT NULL,
  answered BIGINT NOT NULL,
  opted_out BIGINT NOT NULL,
  failed BIGINT NOT NULL,
  restricted BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, channel_id, day)
);

-- Texts that were opened in an agent's own app; confirmed ones are messages.
CREATE TABLE handoffs (
  workspace_id TEXT NOT NULL,
  id TEXT NOT NULL,
  conversation_id TEXT NOT NULL,
  user_id TEXT NOT NULL,
  text TEXT NOT NULL,
  state TEXT NOT NULL,
  message_id TEXT,
  opened_at BIGINT NOT NULL,
  settled_at BIGINT,
  PRIMARY KEY (workspace_id, id)
);
CREATE INDEX handoffs_open ON handoffs (workspace_id, user_id, id) WHERE state = 'open';

CREATE TABLE wordings (
  workspace_id TEXT NOT NULL,
  id TEXT NOT NULL,
  name TEXT NOT NULL,
  text TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, id)
);

-- When a person last got a channel's instant reply.
CREATE TABLE instant_replies (
  workspace_id TEXT NOT NULL,
  channel_id TEXT NOT NULL,
  contact_id TEXT NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, channel_id, contact_id)
);

CREATE TABLE campaigns (
  workspace_id TEXT NOT NULL,
  id TEXT NOT NULL,
  channel_id TEXT NOT NULL,
  name TEXT NOT NULL,
  text TEXT NOT NULL,
  state TEXT NOT NULL,
  created_by TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  stopped_at BIGINT,
  PRIMARY KEY (workspace_id, id)
);

CREATE TABLE campaign_recipients (
  workspace_id TEXT NOT NULL,
  campaign_id TEXT NOT NULL,
  position BIGINT NOT NULL,
  contact_id TEXT NOT NULL,
  conversation_id TEXT NOT NULL,
  message_id TEXT NOT NULL,
  answered_at BIGINT,
  opted_out_at BIGINT,
  PRIMARY KEY (workspace_id, campaign_id, position)
);
CREATE INDEX campaigns_of_conversation ON campaign_recipients (workspace_id, conversation_id, campaign_id);

-- A personal link under which somebody asks to be left alone; its token, hashed.
CREATE TABLE opt_out_links (
  token_hash TEXT PRIMARY KEY,
  workspace_id TEXT NOT NULL,
  contact_id TEXT NOT NULL,
  channel_id TEXT NOT NULL,
  created_at BIGINT NOT NULL
);

-- What runs out is found by its end.
CREATE INDEX idempotency_keys_by_time ON idempotency_keys (created_at);
CREATE INDEX sessions_by_end ON sessions (expires_at);
