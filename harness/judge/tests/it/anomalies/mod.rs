//! The checkers that know no lines: told histories, and histories of a right server at random.
//!
//! - `story`: histories, told step by step. `told`: one for each anomaly, and a right one close to it.
//! - `apart`: what one node may not do and two may.
//! - `server`: a right server that does things in any order it may. `random`: what becomes of it.

mod apart;
mod random;
mod server;
mod story;
mod told;
