//! Loads and their judges: the crash rig (`faults`) and the measurements (`bench`). Both start the real binary and look
//! at it from outside.

pub mod measure;
pub mod rig;
