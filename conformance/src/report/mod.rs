//! What a run leaves behind: the screen, a stream of JSON lines, `JUnit`, a page.

pub mod html;
pub mod junit;
pub mod ndjson;
pub mod screen;
mod summary;
