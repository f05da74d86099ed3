//! What a run leaves behind: the screen, a stream of JSON lines, `JUnit`, a page.

pub mod ndjson;
pub mod screen;
