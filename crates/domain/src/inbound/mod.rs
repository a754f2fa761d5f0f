//! What follows from what a provider reports.
//!
//! A lane loads a [`World`] (all that a batch of reports touches), folds the reports into it one by one, and saves
//! what has changed, in one transaction. The fold is pure, and the order of reports does not change where it ends:
//! people are found by any of their names and joined when two turn out to be one; receipts, edits and reactions are
//! facts kept by the provider's id even before their message is known (see [`crate::message`]).

mod answers;
mod fold;
mod people;
mod told;
mod world;

pub use answers::{Answer, asks_to_stop};
pub use fold::Place;
pub use world::{IdentityRow, Mint, Move, ProviderKey, StoredFact, Tracked, World};

#[cfg(test)]
mod tests;
