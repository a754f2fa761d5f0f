//! What SQLite is told of the sizes of its tables, so that it plans every statement for a long history from the first day.
//!
//! Without figures SQLite takes a workspace for a handful of rows, and walks the whole of it where an index on more
//! columns stands ready: the cost of one message grew with all the messages before it. Figures that are gathered
//! (`ANALYZE`) change with the data, and plans with them. These do not: they say of each column how many rows share a
//! value in a large installation, and a test holds the plan of every statement to them.

use crate::error::Result;
use crate::params;
use crate::sql::Dialect;
use crate::tx::Tx;

/// Rows of every table, as SQLite is told.
const ROWS: i64 = 10_000_000;
/// Rows of an index over what waits: a queue is short.
const WAITING_ROWS: i64 = 1_000;

/// Columns with few values: how many.
const FEW: &[(&str, i64)] = &[
    ("workspace_id", 2),
    ("kind", 4),
    ("state", 4),
    ("class", 3),
    ("waiting", 2),
    ("scope", 4),
    ("provider", 8),
    ("pipeline_id", 5),
    ("app_id", 5),
    ("status_id", 10),
    ("account_id", 20),
    ("channel_id", 20),
    ("connection_id", 20),
    ("assignee_id", 20),
    ("user_id", 50),
    ("name", 50),
];

/// Columns with many values: how many rows share one.
const MANY: &[(&str, i64)] = &[
    ("conversation_id", 100),
    ("lead_id", 20),
    ("contact_id", 3),
    ("campaign_id", 1_000),
    ("import_id", 1_000),
];

/// Tells SQLite, where it is SQLite. The connection that does it plans by it at once, others when they open.
pub(crate) async fn tell(tx: &mut Tx) -> Result<()> {
    if tx.dialect() == Dialect::Postgres {
        return Ok(());
    }
    let indexes = tx
        .query(
            "sqlite_schema",
            "SELECT m.tbl_name, m.name, coalesce(m.sql, '') FROM sqlite_schema m \
             WHERE m.type = 'index' AND m.tbl_name NOT LIKE 'search_index%'",
            &[],
        )
        .await?;
    // Makes the table of figures where it is not there yet; empty tables get none.
    tx.execute("ANALYZE sqlite_schema", &[]).await?;
    tx.execute("DELETE FROM sqlite_stat1", &[]).await?;
    for mut index in indexes {
        let (table, name, text): (String, String, String) =
            (index.get()?, index.get()?, index.get()?);
        let columns = tx
            .query(
                "sqlite_schema",
                "SELECT i.name, l.\"unique\" FROM pragma_index_info(?1) i, pragma_index_list(?2) l \
                 WHERE l.name = ?1 ORDER BY i.seqno",
                params![&name, &table],
            )
            .await?;
        let mut names: Vec<String> = Vec::new();
        let mut is_unique = false;
        for mut column in columns {
            names.push(column.get()?);
            is_unique = column.get::<i64>()? == 1;
        }
        let figures = figures(&names, is_unique, waits(&text));
        tx.execute(
            "INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES (?1, ?2, ?3)",
            params![&table, &name, figures],
        )
        .await?;
    }
    tx.execute("ANALYZE sqlite_schema", &[]).await?;
    Ok(())
}

/// An index over what waits, and not over what was.
fn waits(index: &str) -> bool {
    let condition = index.split(" WHERE ").nth(1).unwrap_or_default();
    [
        "'queued'",
        "'sending'",
        "'pending'",
        "'open'",
        "dismissed_at IS NULL",
    ]
    .iter()
    .any(|mark| condition.contains(mark))
}

/// The figures of an index, as `sqlite_stat1` has them: its rows, and for each of its columns how many rows share the
/// values of that column and all before it.
fn figures(columns: &[String], is_unique: bool, waits: bool) -> String {
    let rows = if waits { WAITING_ROWS } else { ROWS };
    let mut left = rows;
    let mut out = vec![rows.to_string()];
    for (place, column) in columns.iter().enumerate() {
        let few = FEW.iter().find(|(name, _)| name == column);
        let many = MANY.iter().find(|(name, _)| name == column);
        left = match (few, many) {
            _ if is_unique && place + 1 == columns.len() => 1,
            (Some((_, values)), _) => (left / values).max(1),
            (None, Some((_, shared))) => left.min(*shared),
            // Ids, instants, texts: nearly each row has its own.
            (None, None) => left.min(2),
        };
        out.push(left.to_string());
    }
    out.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_fall_from_column_to_column() {
        let columns = |names: &[&str]| {
            names
                .iter()
                .map(|name| (*name).to_owned())
                .collect::<Vec<_>>()
        };
        let thread = columns(&["workspace_id", "conversation_id", "at", "id"]);
        assert_eq!(figures(&thread, false, false), "10000000 5000000 100 2 2");
        let key = columns(&["workspace_id", "id"]);
        assert_eq!(figures(&key, true, false), "10000000 5000000 1");
        assert!(waits(
            "CREATE INDEX a ON outbox (id) WHERE state = 'queued'"
        ));
        assert!(!waits(
            "CREATE INDEX a ON messages (id) WHERE provider_id IS NOT NULL"
        ));
    }
}
