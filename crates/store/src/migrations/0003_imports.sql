-- Exported chats that people brought, and by what their messages are known again.

CREATE TABLE imports (
  workspace_id TEXT NOT NULL,
  id TEXT NOT NULL,
  channel_id TEXT NOT NULL,
  -- preview, applying, applied, undoing, undone, failed.
  state TEXT NOT NULL,
  file_name TEXT,
  file_bytes BIGINT NOT NULL,
  choices TEXT NOT NULL,
  preview TEXT NOT NULL,
  contact_id TEXT,
  conversation_id TEXT,
  lead_id TEXT,
  -- What did not exist before, so that an undo takes it away again.
  made TEXT NOT NULL,
  -- Entries that are done, of so many; where it goes on after a restart.
  done BIGINT NOT NULL,
  total BIGINT NOT NULL,
  added BIGINT NOT NULL,
  failure TEXT,
  actor TEXT NOT NULL,
  created_by TEXT,
  created_at BIGINT NOT NULL,
  applied_at BIGINT,
  undone_at BIGINT,
  PRIMARY KEY (workspace_id, id)
);
CREATE INDEX imports_of_conversation ON imports (workspace_id, conversation_id) WHERE conversation_id IS NOT NULL;

-- One row for each message that came with an export. The key is equal in every export of the same chat, so a message
-- is kept once; the row says whose undo takes it away.
CREATE TABLE imported_messages (
  workspace_id TEXT NOT NULL,
  conversation_id TEXT NOT NULL,
  import_key TEXT NOT NULL,
  import_id TEXT NOT NULL,
  message_id TEXT NOT NULL,
  media_id TEXT,
  -- As the export names whoever wrote it.
  sender TEXT,
  PRIMARY KEY (workspace_id, conversation_id, import_key)
);
CREATE INDEX imported_messages_of_import ON imported_messages (workspace_id, import_id, message_id);
CREATE UNIQUE INDEX imported_messages_by_message ON imported_messages (workspace_id, message_id);

-- Whether any message still has a file.
CREATE INDEX media_by_object ON media (sha256) WHERE sha256 IS NOT NULL;
