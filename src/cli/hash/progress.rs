//! A bar for files that take a while.

use super::read::Source;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Files below this size are done before anybody could look.
const WORTH_A_BAR: u64 = 64 << 20;

/// How far the hashing of one file is. Shown on a terminal only.
#[derive(Clone, Debug)]
pub struct Progress(ProgressBar);

impl Progress {
    /// Nothing done yet.
    pub fn over(source: &Source) -> Self {
        let size = source.expected_size();
        if size.is_some_and(|size| size < WORTH_A_BAR) {
            return Self(ProgressBar::hidden());
        }
        let bar = ProgressBar::with_draw_target(size, ProgressDrawTarget::stderr());
        let template = match size {
            Some(_) => "{wide_bar} {bytes}/{total_bytes} {bytes_per_sec} {eta} {msg}",
            None => "{spinner} {bytes} {bytes_per_sec} {msg}",
        };
        let style = ProgressStyle::with_template(template).expect("the template is right");
        bar.set_style(style);
        bar.set_message(source.name());
        Self(bar)
    }

    /// So many bytes more.
    pub fn add(&self, bytes: u64) {
        self.0.inc(bytes);
    }

    /// Done: the bar goes.
    pub fn end(&self) {
        self.0.finish_and_clear();
    }
}
