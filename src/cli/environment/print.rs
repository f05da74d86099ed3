//! Variables as each shell spells them.

use super::Variable;
use clap::ValueEnum;
use std::io::{self, Write};

/// Who shall read them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// sh, bash, zsh: eval "$(fake-dropbox env)"
    Sh,
    /// fish: fake-dropbox env --format fish | source
    Fish,
    /// PowerShell: fake-dropbox env --format powershell | Out-String | Invoke-Expression
    Powershell,
    /// A .env file; it cannot remove variables
    Dotenv,
    /// One JSON object; null for variables to be removed
    Json,
}

impl Format {
    /// Writes the variables.
    pub fn write(self, out: &mut impl Write, variables: &[Variable]) -> io::Result<()> {
        if self == Self::Json {
            let object: serde_json::Map<_, _> = variables
                .iter()
                .map(|Variable { name, value }| ((*name).to_owned(), value.clone().into()))
                .collect();
            return writeln!(out, "{:#}", serde_json::Value::Object(object));
        }
        for variable in variables {
            self.line(out, variable)?;
        }
        Ok(())
    }

    /// A command that fails, for whoever evaluates what is printed: the exit code of a program inside
    /// `$(…)` is lost.
    pub fn failing(self, why: &str) -> String {
        match self {
            Self::Sh | Self::Fish => "false\n".to_owned(),
            Self::Powershell => format!("throw '{}'\n", powershell(why)),
            // Nothing evaluates these.
            Self::Dotenv | Self::Json => String::new(),
        }
    }

    /// The variables that readers of this format may take for something else than they are.
    pub fn ambiguous(self, variables: &[Variable]) -> Vec<&'static str> {
        let is_ambiguous =
            |variable: &&Variable| variable.value.as_deref().is_some_and(is_ambiguous);
        match self {
            Self::Dotenv => variables
                .iter()
                .filter(is_ambiguous)
                .map(|variable| variable.name)
                .collect(),
            _ => Vec::new(),
        }
    }

    fn line(self, out: &mut impl Write, Variable { name, value }: &Variable) -> io::Result<()> {
        match (self, value) {
            (Self::Sh, Some(value)) => {
                writeln!(out, "export {name}='{}'", value.replace('\'', "'\\''"))
            }
            (Self::Sh, None) => writeln!(out, "unset {name}"),
            (Self::Fish, Some(value)) => {
                let value = value.replace('\\', "\\\\").replace('\'', "\\'");
                writeln!(out, "set -gx {name} '{value}'")
            }
            (Self::Fish, None) => writeln!(out, "set -e {name}"),
            (Self::Powershell, Some(value)) => {
                writeln!(out, "$env:{name} = '{}'", powershell(value))
            }
            (Self::Powershell, None) => {
                writeln!(out, "Remove-Item Env:{name} -ErrorAction SilentlyContinue")
            }
            (Self::Dotenv, Some(value)) => writeln!(out, "{name}={}", dotenv(value)),
            (Self::Dotenv, None) => writeln!(out, "# {name} must not be set"),
            (Self::Json, _) => Ok(()),
        }
    }
}

/// PowerShell takes typographic quotes for single quotes too, and each of them is written twice.
fn powershell(value: &str) -> String {
    let mut escaped = String::new();
    for letter in value.chars() {
        escaped.push(letter);
        if matches!(letter, '\'' | '\u{2018}'..='\u{201b}') {
            escaped.push(letter);
        }
    }
    escaped
}

/// A value as readers of .env files take it. They agree on single quotes, in which all is what it
/// seems, and not on what a backslash does in double quotes.
fn dotenv(value: &str) -> String {
    if !value.contains('\'') {
        return format!("'{value}'");
    }
    let mut escaped = String::new();
    for letter in value.chars() {
        if matches!(letter, '"' | '\\' | '$' | '`') {
            escaped.push('\\');
        }
        escaped.push(letter);
    }
    format!("\"{escaped}\"")
}

/// Whether readers of .env files differ in what they take this value for.
fn is_ambiguous(value: &str) -> bool {
    let has_both = value.contains('\'') && value.contains(['"', '\\', '$', '`']);
    // Python's reader puts variables in and makes one backslash of two, in single quotes too.
    has_both || value.contains("${") || value.contains("\\\\")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn printed(format: Format) -> String {
        let variables = [
            Variable {
                name: "A",
                value: Some("it's \"a\" $b\\c".to_owned()),
            },
            Variable {
                name: "B",
                value: None,
            },
        ];
        let mut out = Vec::new();
        format.write(&mut out, &variables).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn powershell_is_given_every_kind_of_single_quote_twice() {
        assert_eq!(
            powershell("it's \u{2019}x\" $a"),
            "it''s \u{2019}\u{2019}x\" $a"
        );
    }

    #[test]
    fn a_dotenv_file_has_single_quotes_where_it_can() {
        for (value, spelled, differs) in [
            ("a b", "'a b'", false),
            ("\"-Da=$b\" C:\\x\ny", "'\"-Da=$b\" C:\\x\ny'", false),
            ("it's", "\"it's\"", false),
            ("${a}", "'${a}'", true),
            (r"\\a", r"'\\a'", true),
            ("it's \"a\" $b", "\"it's \\\"a\\\" \\$b\"", true),
        ] {
            assert_eq!(dotenv(value), spelled);
            let variable = Variable {
                name: "A",
                value: Some(value.to_owned()),
            };
            let variables = [variable];
            assert_eq!(!Format::Dotenv.ambiguous(&variables).is_empty(), differs);
            assert!(Format::Sh.ambiguous(&variables).is_empty());
        }
    }

    #[test]
    fn each_shell_has_its_own_quotes() {
        for (format, text) in [
            (Format::Sh, "export A='it'\\''s \"a\" $b\\c'\nunset B\n"),
            (Format::Fish, "set -gx A 'it\\'s \"a\" $b\\\\c'\nset -e B\n"),
            (
                Format::Powershell,
                "$env:A = 'it''s \"a\" $b\\c'\nRemove-Item Env:B -ErrorAction SilentlyContinue\n",
            ),
            (
                Format::Dotenv,
                "A=\"it's \\\"a\\\" \\$b\\\\c\"\n# B must not be set\n",
            ),
            (
                Format::Json,
                "{\n  \"A\": \"it's \\\"a\\\" $b\\\\c\",\n  \"B\": null\n}\n",
            ),
        ] {
            assert_eq!(printed(format), text);
        }
    }
}
