//! Documented exchanges: what somebody saw the service answer, as facts (`fixtures/exchanges/`). They are asked
//! of a target again, and what comes is held against what was seen, byte for byte but for symbols.

mod form;
mod replay;
mod symbols;

pub use form::{Answer, Exchange, Host, Step, Who};
pub use replay::{Came, Ground, replay};
pub use symbols::Symbols;
