//! What the screens read. Each is one read of a snapshot, set-based for a page: its cost is that of the page.

pub mod campaigns;
pub mod conversations;
pub mod leads;
pub mod settings;
pub mod thread;

/// A page of a list, and where the next one begins.
#[derive(Debug, Clone)]
pub struct Page<T, C> {
    pub items: Vec<T>,
    pub next: Option<C>,
}

impl<T, C> Page<T, C> {
    /// Cuts what was read with one more than `limit` down to a page.
    pub(crate) fn cut(mut items: Vec<T>, limit: i64, cursor: impl Fn(&T) -> C) -> Self {
        let limit = usize::try_from(limit).unwrap_or(0);
        let more = items.len() > limit;
        items.truncate(limit);
        let next = items.last().filter(|_| more).map(cursor);
        Self { items, next }
    }

    pub(crate) fn whole(items: Vec<T>) -> Self {
        Self { items, next: None }
    }
}
