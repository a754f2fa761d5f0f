//! A transaction, the same for both databases.

use domain::event::NewEvent;
use domain::id::{ChannelId, WorkspaceId};
use tokio_postgres::types::ToSql;

use crate::error::{Error, Result};
use crate::events;
use crate::sql::{Access, Column, Dialect, Insert, translate};
use crate::value::{Row, Value};

/// What a commit tells the rest of the process. Only a hint: whoever is woken looks, and looks by itself from time
/// to time as well.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Wake {
    /// New events up to this number.
    Events(WorkspaceId, i64),
    /// Something to apply or to react to.
    Lane(WorkspaceId),
    /// Something to send.
    Outbox(WorkspaceId, ChannelId),
    /// Slow work.
    Jobs,
    /// Channels, connections or secrets have changed.
    Channels,
}

/// One transaction. Whoever gets one may read and write with it and nothing else: it can be grouped with others and
/// tried again, so it must not call out, wait, or remember anything.
pub struct Tx {
    pub(crate) engine: Engine,
    access: Access,
    pub(crate) events: Vec<(WorkspaceId, NewEvent)>,
    pub(crate) wakes: Vec<Wake>,
}

pub(crate) enum Engine {
    Sqlite(rusqlite::Connection),
    Postgres(Lease),
}

/// A connection with an open transaction. Dropped before the end (its caller went away) it is closed, so that nobody
/// else continues in the middle.
pub(crate) struct Lease(Option<deadpool_postgres::Object>);

impl Lease {
    pub(crate) const fn new(client: deadpool_postgres::Object) -> Self {
        Self(Some(client))
    }

    fn client(&self) -> Result<&deadpool_postgres::Object> {
        self.0.as_ref().ok_or(Error::Waited)
    }

    /// Runs a text of several statements.
    pub(crate) async fn script(&self, sql: &str) -> Result<()> {
        Ok(self.client()?.batch_execute(sql).await?)
    }

    /// Ends the transaction and gives the connection back; one that does not answer is closed.
    pub(crate) async fn end(mut self, sql: &str) -> Result<()> {
        let client = self.client()?;
        let ended = client.batch_execute(sql).await;
        if ended.is_ok() {
            drop(self.0.take());
        }
        Ok(ended?)
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if let Some(client) = self.0.take() {
            drop(deadpool_postgres::Object::take(client));
        }
    }
}

impl Tx {
    pub(crate) const fn new(engine: Engine, access: Access) -> Self {
        Self {
            engine,
            access,
            events: Vec::new(),
            wakes: Vec::new(),
        }
    }

    #[must_use]
    pub const fn dialect(&self) -> Dialect {
        match self.engine {
            Engine::Sqlite(_) => Dialect::Sqlite,
            Engine::Postgres(_) => Dialect::Postgres,
        }
    }

    /// Runs a statement; says how many rows it touched.
    ///
    /// # Errors
    /// As the database says.
    pub async fn execute(&mut self, sql: &'static str, params: &[Value]) -> Result<u64> {
        match &mut self.engine {
            Engine::Sqlite(connection) => {
                let mut statement =
                    connection.prepare_cached(&translate(sql, Dialect::Sqlite, self.access))?;
                let count = statement.execute(rusqlite::params_from_iter(params))?;
                Ok(count as u64)
            }
            Engine::Postgres(lease) => {
                let client = lease.client()?;
                let statement = client
                    .prepare_cached(&translate(sql, Dialect::Postgres, self.access))
                    .await?;
                Ok(client.execute(&statement, &as_sql(params)).await?)
            }
        }
    }

    /// All rows of a select. `table` names them in errors.
    ///
    /// # Errors
    /// As the database says.
    pub async fn query(
        &mut self,
        table: &'static str,
        sql: &'static str,
        params: &[Value],
    ) -> Result<Vec<Row>> {
        match &mut self.engine {
            Engine::Sqlite(connection) => {
                let mut statement =
                    connection.prepare_cached(&translate(sql, Dialect::Sqlite, self.access))?;
                let columns = statement.column_count();
                let mut rows = statement.query(rusqlite::params_from_iter(params))?;
                let mut all = Vec::new();
                while let Some(row) = rows.next()? {
                    let values = (0..columns)
                        .map(|index| Value::from_sqlite(row.get_ref(index)?))
                        .collect::<Result<Vec<_>>>()?;
                    all.push(Row::new(table, values));
                }
                Ok(all)
            }
            Engine::Postgres(lease) => {
                let client = lease.client()?;
                let statement = client
                    .prepare_cached(&translate(sql, Dialect::Postgres, self.access))
                    .await?;
                let rows = client.query(&statement, &as_sql(params)).await?;
                rows.iter()
                    .map(|row| {
                        let values = (0..row.len()).map(|index| Value::from_postgres(row, index));
                        Ok(Row::new(table, values.collect::<Result<Vec<_>>>()?))
                    })
                    .collect()
            }
        }
    }

    /// The one row of a select, if there is one.
    ///
    /// # Errors
    /// As the database says.
    pub async fn query_opt(
        &mut self,
        table: &'static str,
        sql: &'static str,
        params: &[Value],
    ) -> Result<Option<Row>> {
        Ok(self.query(table, sql, params).await?.into_iter().next())
    }

    /// Inserts many rows, each with the columns of `insert`, in its order.
    ///
    /// On PostgreSQL this is one statement: rows that would conflict with each other must be made one before, and a
    /// batch is best sorted by its conflict key, else two batches can wait for each other.
    ///
    /// # Errors
    /// As the database says.
    pub async fn insert_many(
        &mut self,
        insert: &'static Insert,
        rows: Vec<Vec<Value>>,
    ) -> Result<u64> {
        if rows.is_empty() {
            return Ok(0);
        }
        match &mut self.engine {
            Engine::Sqlite(connection) => {
                let mut statement = connection.prepare_cached(&insert.text(Dialect::Sqlite))?;
                let mut count = 0;
                for row in &rows {
                    count += statement.execute(rusqlite::params_from_iter(row))? as u64;
                }
                Ok(count)
            }
            Engine::Postgres(lease) => {
                let client = lease.client()?;
                let statement = client
                    .prepare_cached(&insert.text(Dialect::Postgres))
                    .await?;
                let arrays = columns_of(insert, rows)?;
                let arrays: Vec<&(dyn ToSql + Sync)> =
                    arrays.iter().map(|array| &**array as _).collect();
                Ok(client.execute(&statement, &arrays).await?)
            }
        }
    }

    /// Records an event; it gets its number when the transaction ends.
    pub fn emit(&mut self, workspace_id: WorkspaceId, event: NewEvent) {
        self.events.push((workspace_id, event));
    }

    /// Tells somebody when the transaction is committed.
    pub fn wake(&mut self, wake: Wake) {
        if !self.wakes.contains(&wake) {
            self.wakes.push(wake);
        }
    }

    /// Numbers and writes the events: the last thing that a transaction does, so that the workspace's row is held as
    /// briefly as can be and the order of numbers is the order of commits.
    pub(crate) async fn finish(&mut self) -> Result<()> {
        let events = std::mem::take(&mut self.events);
        for (workspace_id, last) in events::append(self, events).await? {
            self.wake(Wake::Events(workspace_id, last));
            self.wake(Wake::Lane(workspace_id));
        }
        Ok(())
    }
}

fn as_sql(params: &[Value]) -> Vec<&(dyn ToSql + Sync)> {
    params
        .iter()
        .map(|value| value as &(dyn ToSql + Sync))
        .collect()
}

type Array = Box<dyn ToSql + Sync + Send>;

fn columns_of(insert: &Insert, rows: Vec<Vec<Value>>) -> Result<Vec<Array>> {
    let mut rows: Vec<_> = rows.into_iter().map(Vec::into_iter).collect();
    let bad = |name: &str| Error::BadValue(format!("{}.{name} has another type", insert.table));
    insert
        .columns
        .iter()
        .map(|(name, column)| {
            let values = rows.iter_mut().map(|row| row.next().unwrap_or(Value::Null));
            Ok(match column {
                Column::Int => Box::new(
                    values
                        .map(|value| match value {
                            Value::Null => Ok(None),
                            Value::Int(number) => Ok(Some(number)),
                            _ => Err(bad(name)),
                        })
                        .collect::<Result<Vec<Option<i64>>>>()?,
                ) as Array,
                Column::Text => Box::new(
                    values
                        .map(|value| match value {
                            Value::Null => Ok(None),
                            Value::Text(text) => Ok(Some(text)),
                            _ => Err(bad(name)),
                        })
                        .collect::<Result<Vec<Option<String>>>>()?,
                ) as Array,
                Column::Bytes => Box::new(
                    values
                        .map(|value| match value {
                            Value::Null => Ok(None),
                            Value::Bytes(bytes) => Ok(Some(bytes)),
                            _ => Err(bad(name)),
                        })
                        .collect::<Result<Vec<Option<Vec<u8>>>>>()?,
                ) as Array,
            })
        })
        .collect()
}
