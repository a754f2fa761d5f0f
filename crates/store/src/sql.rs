//! One text for both databases. Parameters are `?1`, `?2`; three marks stand for what the two say differently:
//!
//! - `in_list(?1)`: the column is one of a list,
//! - `{lock}`: at the end of a select, holds the rows until the end of the transaction (SQLite has one writer anyway),
//! - `{share}`: the same, but shared.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

/// Marks a text as SQL of this crate, so that a test finds every one and prepares it on both databases.
#[macro_export]
macro_rules! sql {
    ($text:expr) => {
        $text
    };
}

/// Values for a statement, in the order of its parameters.
#[macro_export]
macro_rules! params {
    ($($value:expr),* $(,)?) => { &[$($crate::value::Value::from($value)),*] };
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Dialect {
    Sqlite,
    Postgres,
}

/// Whether a transaction may hold rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Access {
    Read,
    Write,
}

/// The text as this database wants it; each is translated once.
#[must_use]
pub(crate) fn translate(sql: &'static str, dialect: Dialect, access: Access) -> Arc<str> {
    type Key = (usize, usize, Dialect, Access);
    static KNOWN: LazyLock<Mutex<HashMap<Key, Arc<str>>>> = LazyLock::new(Mutex::default);
    let key = (sql.as_ptr() as usize, sql.len(), dialect, access);
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    let text = known.entry(key).or_insert_with(|| match access {
        Access::Write => translated(sql, dialect).into(),
        // A transaction that only reads may not hold rows, and need not.
        Access::Read => {
            translated(&sql.replace("{lock}", "").replace("{share}", ""), dialect).into()
        }
    });
    Arc::clone(text)
}

/// The text as this database wants it.
#[must_use]
pub fn translated(sql: &str, dialect: Dialect) -> String {
    match dialect {
        Dialect::Sqlite => in_lists(sql, |parameter| {
            format!("IN (SELECT value FROM json_each({parameter}))")
        })
        .replace("{lock}", "")
        .replace("{share}", ""),
        Dialect::Postgres => in_lists(sql, |parameter| format!("= ANY({parameter})"))
            .replace("{lock}", "FOR UPDATE")
            .replace("{share}", "FOR SHARE")
            .replace('?', "$"),
    }
}

fn in_lists(sql: &str, write: impl Fn(&str) -> String) -> String {
    let mut out = String::with_capacity(sql.len() + 64);
    let mut rest = sql;
    while let Some((before, after)) = rest.split_once("in_list(") {
        let Some((parameter, behind)) = after.split_once(')') else {
            break;
        };
        out.push_str(before);
        out.push_str(&write(parameter));
        rest = behind;
    }
    out.push_str(rest);
    out
}

/// The type of a column, for writing many rows at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Column {
    Int,
    Text,
    Bytes,
}

/// How many rows go into a table at once.
#[derive(Debug)]
pub struct Insert {
    pub table: &'static str,
    pub columns: &'static [(&'static str, Column)],
    /// What follows `ON CONFLICT`, or nothing.
    pub on_conflict: &'static str,
}

impl Insert {
    /// One row's text for SQLite, all rows' text (one array a column) for PostgreSQL.
    #[must_use]
    pub fn text(&self, dialect: Dialect) -> String {
        let names = self
            .columns
            .iter()
            .map(|(name, _)| *name)
            .collect::<Vec<_>>()
            .join(", ");
        let conflict = if self.on_conflict.is_empty() {
            String::new()
        } else {
            format!(" ON CONFLICT {}", self.on_conflict)
        };
        match dialect {
            Dialect::Sqlite => {
                let places = (1..=self.columns.len())
                    .map(|n| format!("?{n}"))
                    .collect::<Vec<_>>()
                    .join(", ");
                format!(
                    "INSERT INTO {} ({names}) VALUES ({places}){conflict}",
                    self.table
                )
            }
            Dialect::Postgres => {
                let arrays = self.columns.iter().enumerate().map(|(n, (_, column))| {
                    let kind = match column {
                        Column::Int => "bigint",
                        Column::Text => "text",
                        Column::Bytes => "bytea",
                    };
                    format!("${}::{kind}[]", n + 1)
                });
                let arrays = arrays.collect::<Vec<_>>().join(", ");
                format!(
                    "INSERT INTO {} ({names}) SELECT * FROM UNNEST({arrays}){conflict}",
                    self.table
                )
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_two_databases_get_their_own_words() {
        let sql = "SELECT a FROM t WHERE w = ?1 AND id in_list(?2) ORDER BY id {lock}";
        assert_eq!(
            translated(sql, Dialect::Postgres),
            "SELECT a FROM t WHERE w = $1 AND id = ANY($2) ORDER BY id FOR UPDATE"
        );
        assert_eq!(
            translated(sql, Dialect::Sqlite),
            "SELECT a FROM t WHERE w = ?1 AND id IN (SELECT value FROM json_each(?2)) ORDER BY id "
        );
    }
}
