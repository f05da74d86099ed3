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
                writeln!(out, "$env:{name} = '{}'", value.replace('\'', "''"))
            }
            (Self::Powershell, None) => {
                writeln!(out, "Remove-Item Env:{name} -ErrorAction SilentlyContinue")
            }
            (Self::Dotenv, Some(value)) => {
                let mut escaped = String::new();
                for letter in value.chars() {
                    if matches!(letter, '"' | '\\' | '$' | '`') {
                        escaped.push('\\');
                    }
                    escaped.push(letter);
                }
                writeln!(out, "{name}=\"{}\"", escaped.replace('\n', "\\n"))
            }
            (Self::Dotenv, None) => writeln!(out, "# {name} must not be set"),
            (Self::Json, _) => Ok(()),
        }
    }
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
