//! What can go wrong with memory.

use domain::id::NotAnId;

pub type Result<T> = std::result::Result<T, Error>;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A row that must be there is not, or belongs to another workspace.
    #[error("{0} not found")]
    NotFound(&'static str),
    /// Somebody changed the row after the caller read it.
    #[error("{0} was changed meanwhile")]
    ChangedMeanwhile(&'static str),
    /// A unique index said no.
    #[error("already taken")]
    Taken,
    /// Another process is the active one now; what was about to be written is void.
    #[error("another process has taken over")]
    Fenced,
    /// A row holds what this version cannot read.
    #[error("{table} holds an unreadable {column}: {why}")]
    Corrupt {
        table: &'static str,
        column: &'static str,
        why: String,
    },
    /// The database refused a value (too long, NUL in text): sending it again would not help.
    #[error("the database refused a value: {0}")]
    BadValue(String),
    /// The database is not there, busy beyond patience, or full. Trying later may help.
    #[error("the database is not available: {0}")]
    Unavailable(String),
    #[error("cannot open the database: {0}")]
    Open(String),
    /// A write waited for something; that is a mistake in the write.
    #[error("a transaction waited for something other than the database")]
    Waited,
}

impl Error {
    /// Whether the same work may succeed later without any change.
    #[must_use]
    pub const fn is_transient(&self) -> bool {
        matches!(self, Self::Unavailable(_))
    }
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode as Code;
        match error.sqlite_error_code() {
            Some(Code::ConstraintViolation) if is_unique(&error) => Self::Taken,
            Some(Code::ConstraintViolation | Code::TypeMismatch | Code::TooBig) => {
                Self::BadValue(error.to_string())
            }
            _ => Self::Unavailable(error.to_string()),
        }
    }
}

fn is_unique(error: &rusqlite::Error) -> bool {
    let code = error.sqlite_error().map(|inner| inner.extended_code);
    code == Some(rusqlite::ffi::SQLITE_CONSTRAINT_UNIQUE)
        || code == Some(rusqlite::ffi::SQLITE_CONSTRAINT_PRIMARYKEY)
}

impl From<tokio_postgres::Error> for Error {
    fn from(error: tokio_postgres::Error) -> Self {
        let Some(inner) = error.as_db_error() else {
            return Self::Unavailable(error.to_string());
        };
        // The server's message alone: its details may repeat the values of the row.
        let told = format!("{} ({})", inner.message(), inner.code().code());
        match inner.code().code() {
            "23505" => Self::Taken,
            // Class 22 is bad data, class 23 a broken constraint.
            code if code.starts_with("22") || code.starts_with("23") => Self::BadValue(told),
            _ => Self::Unavailable(told),
        }
    }
}

impl From<deadpool_postgres::PoolError> for Error {
    fn from(error: deadpool_postgres::PoolError) -> Self {
        Self::Unavailable(error.to_string())
    }
}

impl From<NotAnId> for Error {
    fn from(error: NotAnId) -> Self {
        Self::Corrupt {
            table: "?",
            column: "id",
            why: error.to_string(),
        }
    }
}
