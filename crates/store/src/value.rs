//! Values on their way in and out, the same for both databases: whole numbers, text and bytes. Instants are whole
//! milliseconds of UTC, yes and no are 1 and 0, ids are their 26 letters, structures are JSON text.

use domain::id::{Id, Kind};
use jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};

use crate::error::{Error, Result};

#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    Null,
    Int(i64),
    Text(String),
    Bytes(Vec<u8>),
    /// For `in_list(?n)`.
    List(Vec<String>),
    Ints(Vec<i64>),
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}
impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Int(i64::from(value))
    }
}
impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}
impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::Text(value)
    }
}
impl From<&String> for Value {
    fn from(value: &String) -> Self {
        Self::Text(value.clone())
    }
}
impl From<Vec<u8>> for Value {
    fn from(value: Vec<u8>) -> Self {
        Self::Bytes(value)
    }
}
impl From<&[u8]> for Value {
    fn from(value: &[u8]) -> Self {
        Self::Bytes(value.to_vec())
    }
}
impl From<Vec<String>> for Value {
    fn from(value: Vec<String>) -> Self {
        Self::List(value)
    }
}
impl From<&[i64]> for Value {
    fn from(value: &[i64]) -> Self {
        Self::Ints(value.to_vec())
    }
}
impl From<Timestamp> for Value {
    fn from(value: Timestamp) -> Self {
        Self::Int(value.as_millisecond())
    }
}
impl<K: Kind> From<Id<K>> for Value {
    fn from(value: Id<K>) -> Self {
        Self::Text(value.bare())
    }
}
impl<T> From<Option<T>> for Value
where
    Self: From<T>,
{
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Self::from)
    }
}

/// A structure as JSON text.
///
/// # Errors
/// Never for the types of `domain`; a map with keys that are not text would.
pub fn json<T: Serialize>(value: &T) -> Result<Value> {
    serde_json::to_string(value)
        .map(Value::Text)
        .map_err(|error| Error::BadValue(error.to_string()))
}

/// A word of an enum, as serde writes it.
///
/// # Errors
/// When the enum's variant is not a plain word.
pub fn word<T: Serialize>(value: &T) -> Result<Value> {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => Ok(Value::Text(word)),
        Ok(other) => Err(Error::BadValue(format!("{other} is not a word"))),
        Err(error) => Err(Error::BadValue(error.to_string())),
    }
}

/// Ids for `in_list(?n)`.
pub fn list<K: Kind>(ids: impl IntoIterator<Item = Id<K>>) -> Value {
    Value::List(ids.into_iter().map(Id::bare).collect())
}

/// One row, read from the first column to the last.
#[derive(Debug)]
pub struct Row {
    pub(crate) values: std::vec::IntoIter<Value>,
    /// The table, for errors.
    pub(crate) table: &'static str,
    pub(crate) column: usize,
}

impl Row {
    #[must_use]
    pub fn new(table: &'static str, values: Vec<Value>) -> Self {
        Self {
            values: values.into_iter(),
            table,
            column: 0,
        }
    }

    fn value(&mut self) -> Value {
        self.column += 1;
        self.values.next().unwrap_or(Value::Null)
    }

    fn corrupt(&self, why: impl ToString) -> Error {
        const NAMES: [&str; 40] = [
            "column 1",
            "column 2",
            "column 3",
            "column 4",
            "column 5",
            "column 6",
            "column 7",
            "column 8",
            "column 9",
            "column 10",
            "column 11",
            "column 12",
            "column 13",
            "column 14",
            "column 15",
            "column 16",
            "column 17",
            "column 18",
            "column 19",
            "column 20",
            "column 21",
            "column 22",
            "column 23",
            "column 24",
            "column 25",
            "column 26",
            "column 27",
            "column 28",
            "column 29",
            "column 30",
            "column 31",
            "column 32",
            "column 33",
            "column 34",
            "column 35",
            "column 36",
            "column 37",
            "column 38",
            "column 39",
            "column 40",
        ];
        let column = NAMES
            .get(self.column.wrapping_sub(1))
            .copied()
            .unwrap_or("a column");
        Error::Corrupt {
            table: self.table,
            column,
            why: why.to_string(),
        }
    }

    /// The next column.
    ///
    /// # Errors
    /// [`Error::Corrupt`] when it holds something else.
    pub fn get<T: FromColumn>(&mut self) -> Result<T> {
        let value = self.value();
        T::from_column(value).map_err(|why| self.corrupt(why))
    }

    /// The next column, a structure as JSON text.
    ///
    /// # Errors
    /// [`Error::Corrupt`] when it is not that structure.
    pub fn json<T: DeserializeOwned>(&mut self) -> Result<T> {
        match self.value() {
            Value::Text(text) => serde_json::from_str(&text).map_err(|error| self.corrupt(error)),
            _ => Err(self.corrupt("not JSON")),
        }
    }

    /// The next column, a structure as JSON text or nothing.
    ///
    /// # Errors
    /// [`Error::Corrupt`] when it is something but not that structure.
    pub fn opt_json<T: DeserializeOwned>(&mut self) -> Result<Option<T>> {
        match self.value() {
            Value::Null => Ok(None),
            Value::Text(text) => serde_json::from_str(&text)
                .map(Some)
                .map_err(|error| self.corrupt(error)),
            _ => Err(self.corrupt("not JSON")),
        }
    }

    /// The next column, a word of an enum.
    ///
    /// # Errors
    /// [`Error::Corrupt`] when the enum has no such word.
    pub fn word<T: DeserializeOwned>(&mut self) -> Result<T> {
        self.opt_word()?.ok_or_else(|| self.corrupt("no word"))
    }

    /// The next column, a word of an enum or nothing.
    ///
    /// # Errors
    /// [`Error::Corrupt`] when the enum has no such word.
    pub fn opt_word<T: DeserializeOwned>(&mut self) -> Result<Option<T>> {
        match self.value() {
            Value::Null => Ok(None),
            Value::Text(text) => serde_json::from_value(serde_json::Value::String(text))
                .map(Some)
                .map_err(|error| self.corrupt(error)),
            _ => Err(self.corrupt("not a word")),
        }
    }
}

/// What a column can hold.
pub trait FromColumn: Sized {
    /// # Errors
    /// Says what stands there instead.
    fn from_column(value: Value) -> std::result::Result<Self, String>;
}

impl FromColumn for i64 {
    fn from_column(value: Value) -> std::result::Result<Self, String> {
        if let Value::Int(number) = value {
            Ok(number)
        } else {
            Err("not a number".to_owned())
        }
    }
}
impl FromColumn for bool {
    fn from_column(value: Value) -> std::result::Result<Self, String> {
        i64::from_column(value).map(|number| number != 0)
    }
}
impl FromColumn for String {
    fn from_column(value: Value) -> std::result::Result<Self, String> {
        if let Value::Text(text) = value {
            Ok(text)
        } else {
            Err("not text".to_owned())
        }
    }
}
impl FromColumn for Vec<u8> {
    fn from_column(value: Value) -> std::result::Result<Self, String> {
        if let Value::Bytes(bytes) = value {
            Ok(bytes)
        } else {
            Err("not bytes".to_owned())
        }
    }
}
impl FromColumn for Timestamp {
    fn from_column(value: Value) -> std::result::Result<Self, String> {
        i64::from_column(value)
            .and_then(|ms| Self::from_millisecond(ms).map_err(|error| error.to_string()))
    }
}
impl<K: Kind> FromColumn for Id<K> {
    fn from_column(value: Value) -> std::result::Result<Self, String> {
        String::from_column(value)
            .and_then(|text| Self::from_bare(&text).map_err(|error| error.to_string()))
    }
}
impl<T: FromColumn> FromColumn for Option<T> {
    fn from_column(value: Value) -> std::result::Result<Self, String> {
        if value == Value::Null {
            Ok(None)
        } else {
            T::from_column(value).map(Some)
        }
    }
}

impl rusqlite::ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<rusqlite::types::ToSqlOutput<'_>> {
        use rusqlite::types::{ToSqlOutput, Value as Owned, ValueRef};
        Ok(match self {
            Self::Null => ToSqlOutput::Owned(Owned::Null),
            Self::Int(number) => ToSqlOutput::Owned(Owned::Integer(*number)),
            Self::Text(text) => ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes())),
            Self::Bytes(bytes) => ToSqlOutput::Borrowed(ValueRef::Blob(bytes)),
            Self::List(texts) => ToSqlOutput::Owned(Owned::Text(
                serde_json::to_string(texts)
                    .map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))?,
            )),
            Self::Ints(numbers) => ToSqlOutput::Owned(Owned::Text(
                serde_json::to_string(numbers)
                    .map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))?,
            )),
        })
    }
}

impl Value {
    pub(crate) fn from_sqlite(value: rusqlite::types::ValueRef<'_>) -> Result<Self> {
        use rusqlite::types::ValueRef;
        Ok(match value {
            ValueRef::Null => Self::Null,
            ValueRef::Integer(number) => Self::Int(number),
            #[expect(
                clippy::cast_possible_truncation,
                reason = "sums of whole numbers come back as whole reals"
            )]
            ValueRef::Real(number) => Self::Int(number as i64),
            ValueRef::Text(text) => Self::Text(String::from_utf8_lossy(text).into_owned()),
            ValueRef::Blob(bytes) => Self::Bytes(bytes.to_vec()),
        })
    }

    pub(crate) fn from_postgres(row: &tokio_postgres::Row, index: usize) -> Result<Self> {
        let Some(column) = row.columns().get(index) else {
            return Ok(Self::Null);
        };
        let value = match *column.type_() {
            Type::INT8 => row.try_get::<_, Option<i64>>(index)?.map(Self::Int),
            Type::INT4 => row
                .try_get::<_, Option<i32>>(index)?
                .map(|number| Self::Int(i64::from(number))),
            Type::BOOL => row.try_get::<_, Option<bool>>(index)?.map(Self::from),
            Type::BYTEA => row.try_get::<_, Option<Vec<u8>>>(index)?.map(Self::Bytes),
            _ => row.try_get::<_, Option<String>>(index)?.map(Self::Text),
        };
        Ok(value.unwrap_or(Self::Null))
    }
}

impl ToSql for Value {
    fn to_sql(
        &self,
        ty: &Type,
        out: &mut bytes::BytesMut,
    ) -> std::result::Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Self::Null => Ok(IsNull::Yes),
            Self::Int(number) if *ty == Type::INT4 => i32::try_from(*number)?.to_sql(ty, out),
            Self::Int(number) if *ty == Type::BOOL => (*number != 0).to_sql(ty, out),
            Self::Int(number) => number.to_sql(ty, out),
            Self::Text(text) => text.to_sql(ty, out),
            Self::Bytes(bytes) => bytes.to_sql(ty, out),
            Self::List(texts) => texts.to_sql(ty, out),
            Self::Ints(numbers) => numbers.to_sql(ty, out),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}
