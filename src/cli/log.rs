//! The log on standard error: one line for each request, and what else is worth knowing.

use super::failure::Failure;
use super::output::Log;
use crate::control::clock::real_time;
use crate::server::REQUEST_LOG;
use clap::{Args, ValueEnum};
use std::fmt;
use std::io::IsTerminal;
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;

/// What is logged, and how.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Log")]
pub struct LogArguments {
    /// What to log on standard error: off, error, warn, info (a line for each request), debug (also
    /// one for each call of the controls) or trace, or a filter such as warn,fake_dropbox=debug.
    /// [default: info; for exec warn]
    #[arg(long, value_name = "LEVEL")]
    log: Option<String>,

    /// Lines for people, or one JSON object each. [default: human]
    #[arg(long, value_name = "FORMAT")]
    log_format: Option<LogFormat>,
}

/// How a line looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// Time, status, route, path, size, duration, and why in words: at most 100 columns.
    #[default]
    Human,
    /// One JSON object on each line.
    Json,
}

impl LogArguments {
    /// Logs from now on; `default` where no level is asked for.
    pub fn init(&self, default: &str) -> Result<(), Failure> {
        let asked = self.log.as_deref().unwrap_or(default);
        let filter = filter(asked)?;
        let ansi = std::io::stderr().is_terminal()
            && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        let subscriber = tracing_subscriber::fmt()
            .with_env_filter(filter)
            .with_writer(|| Log)
            .with_ansi(ansi)
            .log_internal_errors(false)
            .event_format(Lines(self.log_format.unwrap_or_default()));
        subscriber
            .try_init()
            .map_err(|error| Failure::cannot_start(format_args!("cannot log: {error}")))
    }
}

fn filter(asked: &str) -> Result<EnvFilter, Failure> {
    let refused = |reason: String| {
        Failure::cannot_start(format_args!(
            "--log {asked}: {reason}; write off, error, warn, info, debug, trace, or a filter such as \
             warn,fake_dropbox=debug"
        ))
    };
    let is_level = ["off", "error", "warn", "info", "debug", "trace"].contains(&asked);
    let directives = match asked {
        // What the libraries below have to say is for those who ask for it by name.
        "info" | "debug" | "trace" => format!("warn,fake_dropbox={asked}"),
        _ if is_level || asked.contains(['=', ',']) => asked.to_owned(),
        _ => return Err(refused("it is no level".to_owned())),
    };
    EnvFilter::try_new(directives).map_err(|error| refused(error.to_string()))
}

/// Writes events as lines.
struct Lines(LogFormat);

impl<S, N> FormatEvent<S, N> for Lines
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        _context: &FmtContext<'_, S, N>,
        writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let mut fields = Fields::default();
        event.record(&mut fields);
        let metadata = event.metadata();
        match self.0 {
            LogFormat::Json => json(writer, *metadata.level(), metadata.target(), fields),
            LogFormat::Human if metadata.target() == REQUEST_LOG => {
                request(writer, *metadata.level(), &fields)
            }
            LogFormat::Human => other(writer, *metadata.level(), &fields),
        }
    }
}

/// The fields of an event, in their order.
#[derive(Debug, Default)]
struct Fields(Vec<(&'static str, serde_json::Value)>);

impl Fields {
    fn text(&self, name: &str) -> String {
        match self.0.iter().find(|(field, _)| *field == name) {
            Some((_, serde_json::Value::String(text))) => text.clone(),
            Some((_, value)) => value.to_string(),
            None => String::new(),
        }
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0
            .push((field.name(), shortened(&format!("{value:?}")).into()));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.push((field.name(), shortened(value).into()));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.0.push((field.name(), value.into()));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.0.push((field.name(), value.into()));
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.0.push((field.name(), value.into()));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.0.push((field.name(), value.into()));
    }
}

fn json(mut writer: Writer<'_>, level: Level, target: &str, fields: Fields) -> fmt::Result {
    let mut object = serde_json::Map::new();
    object.insert("time".to_owned(), now().to_string().into());
    object.insert("level".to_owned(), level.as_str().to_lowercase().into());
    object.insert("target".to_owned(), target.into());
    for (name, value) in fields.0 {
        object.insert(name.to_owned(), value);
    }
    let line = serde_json::Value::Object(object).to_string();
    // Outside of ASCII too, what drives a terminal stands escaped, which means the same.
    for letter in line.chars() {
        if is_seen(letter) {
            writer.write_char(letter)?;
        } else {
            for unit in letter.encode_utf16(&mut [0; 2]) {
                write!(writer, "\\u{unit:04x}")?;
            }
        }
    }
    writeln!(writer)
}

/// The columns of a line about a request: what does not fit stands in the journal.
const COLUMNS: usize = 100;

/// One line about a request: time, sign and status, route, path, size, duration, and why in words.
fn request(mut writer: Writer<'_>, level: Level, fields: &Fields) -> fmt::Result {
    let status = fields.text("status");
    let (colour, sign) = match status.as_bytes().first() {
        Some(b'2' | b'3') => ("32", "✓"),
        Some(b'4') => ("33", "✗"),
        Some(b'5') => ("31", "✗"),
        _ => ("31", "↯"),
    };
    let status = if status.is_empty() { "---" } else { &status };
    let mut facts = String::new();
    if level == Level::DEBUG {
        facts.push_str("control ");
    }
    let method = fields.text("method");
    if method != "POST" {
        facts.push_str(&method);
        facts.push(' ');
    }
    let route = fields.text("route");
    facts.push_str(route.strip_prefix("files/").unwrap_or(&route));
    let path = fields.text("path");
    if !path.is_empty() {
        facts.push(' ');
        facts.push_str(&middle_out(&path, 30));
    }
    let bytes = |name| fields.text(name).parse::<u64>().unwrap_or(0);
    let (came, went) = (bytes("bytes_in"), bytes("bytes_out"));
    let size = size(if came > 0 { came } else { went });
    facts.push_str(&format!(" {size} {}", spelled(bytes("microseconds"))));
    let facts = printable(&facts);
    time(&mut writer)?;
    coloured(&mut writer, colour, &format!("{sign} {status}"))?;
    write!(writer, " {facts}")?;
    let why = printable(&fields.text("why"));
    let used = "00:00:00.000 ✓ 200 ".chars().count() + facts.chars().count() + 2;
    if !why.is_empty() {
        // A sentence of a few letters helps nobody, so a long path pushes it over the edge.
        let room = COLUMNS.saturating_sub(used).max(30);
        coloured(&mut writer, "2", &format!("  {}", beginning(&why, room)))?;
    }
    writeln!(writer)
}

/// A size as people read it.
fn size(bytes: u64) -> String {
    match bytes {
        0..10_000 => format!("{bytes} B"),
        10_000..10_000_000 => format!("{} kB", bytes / 1000),
        _ => format!("{} MB", bytes / 1_000_000),
    }
}

/// The beginning of a text, at most so many characters.
fn beginning(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some(_) => text.chars().take(most - 1).chain(['…']).collect(),
        None => text.to_owned(),
    }
}

/// A text of at most so many characters, which leaves out its middle: a path begins and ends with what tells it apart.
fn middle_out(text: &str, most: usize) -> String {
    let length = text.chars().count();
    if length <= most {
        return text.to_owned();
    }
    let tail = most / 2;
    let head = text.chars().take(most - tail - 1);
    head.chain(['…'])
        .chain(text.chars().skip(length - tail))
        .collect()
}

fn other(mut writer: Writer<'_>, level: Level, fields: &Fields) -> fmt::Result {
    let colour = match level {
        Level::ERROR => "31",
        Level::WARN => "33",
        _ => "2",
    };
    time(&mut writer)?;
    coloured(
        &mut writer,
        colour,
        &format!("{:<6}", level.as_str().to_lowercase()),
    )?;
    write!(writer, " {}", printable(&fields.text("message")))?;
    for (name, value) in &fields.0 {
        if *name != "message" {
            let value = value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned);
            write!(writer, " {name}={}", printable(&value))?;
        }
    }
    writeln!(writer)
}

fn time(writer: &mut Writer<'_>) -> fmt::Result {
    // The date is known to whoever watches.
    let now = now().to_string();
    let time = now.get(11..23).unwrap_or(&now);
    coloured(writer, "2", time)?;
    writer.write_str(" ")
}

fn now() -> jiff::Timestamp {
    let now = jiff::Timestamp::try_from(real_time()).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    // Always with three digits, so that columns stay columns.
    let milliseconds = now.as_millisecond();
    jiff::Timestamp::from_microsecond(milliseconds * 1000 + 1).unwrap_or(now)
}

fn coloured(writer: &mut Writer<'_>, colour: &str, text: &str) -> fmt::Result {
    if writer.has_ansi_escapes() {
        write!(writer, "\x1b[{colour}m{text}\x1b[0m")
    } else {
        writer.write_str(text)
    }
}

fn spelled(microseconds: u64) -> String {
    let (whole, tenth) = (microseconds / 1000, microseconds / 100 % 10);
    format!("{whole}.{tenth} ms")
}

/// Text from a client, without the characters that could drive a terminal or forge a line.
fn printable(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for letter in text.chars() {
        if is_seen(letter) {
            shown.push(letter);
        } else {
            shown.extend(letter.escape_default());
        }
    }
    shown
}

/// Whether a character is one that is seen, or joins one: no control, and nothing that turns the
/// direction of what follows.
fn is_seen(letter: char) -> bool {
    matches!(letter, ' '..='~') || {
        // The standard library knows which characters are printed; behind another, marks are, too.
        let (mut buffer, first) = ([0; 5], b'x');
        buffer[0] = first;
        let length = 1 + letter.encode_utf8(&mut buffer[1..]).len();
        std::str::from_utf8(&buffer[..length])
            .is_ok_and(|text| text.escape_debug().nth(1) != Some('\\'))
    }
}

/// The longest text of a client that is logged whole, in bytes.
const LONGEST: usize = 2000;

fn shortened(text: &str) -> String {
    if text.len() <= LONGEST {
        return text.to_owned();
    }
    let end = text.floor_char_boundary(LONGEST);
    format!("{}… ({} bytes)", &text[..end], text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_from_a_client_cannot_forge_a_line_or_drive_the_terminal() {
        assert_eq!(printable("/a\n\x1b[31m/é"), "/a\\n\\u{1b}[31m/é");
        assert_eq!(
            printable("/\u{202e}gpj.exe\u{2066}\u{85}"),
            "/\\u{202e}gpj.exe\\u{2066}\\u{85}"
        );
        // A decomposed letter, quotes, a backslash and an emoji stay what they are.
        let plain = "/e\u{301} \"it's\" \\ 日本 🎉";
        assert_eq!(printable(plain), plain);
    }

    #[test]
    fn a_long_text_of_a_client_is_cut_between_characters_and_its_length_is_told() {
        let text = "é".repeat(2_000_000);
        let shown = shortened(&text);
        assert_eq!(shown, format!("{}… (4000000 bytes)", "é".repeat(1000)));
        assert_eq!(shortened("/a"), "/a");
    }

    #[test]
    fn a_level_that_is_none_is_refused_with_those_that_there_are() {
        for asked in ["loud", "", "fake_dropbox=loud"] {
            let message = filter(asked).unwrap_err().message;
            assert!(message.contains("off, error, warn"), "{message}");
        }
        for asked in ["off", "info", "trace", "warn,fake_dropbox=debug", "error"] {
            assert!(filter(asked).is_ok(), "{asked}");
        }
    }

    #[test]
    fn a_long_path_keeps_its_beginning_and_its_end() {
        assert_eq!(middle_out("/in/a.txt", 30), "/in/a.txt");
        let shown = middle_out("/incoming/2026/november/28/report-of-the-day.pdf", 30);
        assert_eq!(shown, "/incoming/2026…-of-the-day.pdf");
        assert_eq!(beginning("abcdef", 4), "abc…");
        assert_eq!(
            (size(5), size(12_345), size(1 << 30)),
            ("5 B".into(), "12 kB".into(), "1073 MB".into())
        );
    }

    #[test]
    fn a_duration_has_one_decimal() {
        assert_eq!(spelled(1234), "1.2 ms");
        assert_eq!(spelled(99), "0.0 ms");
    }
}
