//! The chat notation: one text for scenarios, transcripts and counterexamples.
//!
//! # Layout
//! - [`ast`], [`names`], [`value`], [`span`], [`words`]: what a file says, as data.
//! - [`parse`](fn@parse): text to [`ast::Scenario`]. Text becomes lines of tokens (`lex`), lines
//!   become headers and steps (`parse`), and what the whole says is checked against itself
//!   (`check`).
//! - [`ParseError`]: every mistake of the file, each with its place and what to write instead.
//! - [`print`](mod@print): the canonical text, as `Display`; parsing it gives back an equal scenario.
//! - [`suggest`]: "did you mean ...?", for other tools too.
//!
//! ```
//! # fn main() -> Result<(), chatspec_notation::ParseError> {
//! let text = "\
//! ## Nobody hears their own message.
//! must     seed.relay.others
//! clients  ana ben
//! rooms    lobby
//! in       lobby: ana ben
//!
//! ana -> new_message \"hi\" lobby => ()
//! ben <- new_message \"Ana: hi\"
//! ";
//! let scenario = chatspec_notation::parse("chat/relay/not-to-sender.chat", text)?;
//! assert_eq!(scenario.reason, "Nobody hears their own message.");
//! assert_eq!(scenario.to_string(), text);
//! # Ok(())
//! # }
//! ```

mod check;
mod error;
mod lex;
mod mistake;
mod parse;

pub mod ast;
pub mod names;
pub mod print;
pub mod span;
pub mod suggest;
pub mod value;
pub mod words;

pub use error::{Look, ParseError, place};
pub use mistake::{Kind, Mistake};
pub use parse::parse;
