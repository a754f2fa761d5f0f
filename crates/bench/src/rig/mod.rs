//! What a run is made of: a world in the database, a sandbox, the process under test, loads, and a witness.

pub mod check;
pub mod load;
pub mod process;
pub mod webhook;
pub mod witness;
pub mod world;

pub type Error = Box<dyn std::error::Error + Send + Sync>;
pub type Result<T> = std::result::Result<T, Error>;
