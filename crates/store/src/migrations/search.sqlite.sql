
-- What can be searched, in its searchable form (see `domain::text`). The index keeps no second copy of the text.
CREATE TABLE search_documents (
  id INTEGER PRIMARY KEY,
  workspace_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  subject_id TEXT NOT NULL,
  conversation_id TEXT,
  text TEXT NOT NULL
);
CREATE UNIQUE INDEX search_documents_of ON search_documents (workspace_id, kind, subject_id);
CREATE VIRTUAL TABLE search_index USING fts5 (
  text, content = 'search_documents', content_rowid = 'id', tokenize = "unicode61 remove_diacritics 0", prefix = '2 3'
);
