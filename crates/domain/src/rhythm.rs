//! The rhythm of an unofficial number: how many messages a day, and how far apart, so that the account that carries
//! them is used as a person would use it. (Product rule; the vendors' advice on pacing, 2026.)

/// Messages in a rolling day, those typed on the phone included.
pub const DAY_CAP: u32 = 1_000;
