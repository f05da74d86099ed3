//! The operations in order, for whoever calls them by name.

use super::{ControlError, Controls, Operation, example, perform};
use super::{
    accounts, assumptions, clock, credentials, faults, files, journal, links, rules, snapshots,
    status, webhooks,
};
use crate::control::scope::Scope;
#[cfg(feature = "openapi")]
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::Value;
use std::pin::Pin;

type Running<'a> = Pin<Box<dyn Future<Output = Result<Value, ControlError>> + Send + 'a>>;

/// One operation, as it is called by name.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// Its name.
    pub name: &'static str,
    /// The method by which it is called over HTTP.
    pub method: &'static str,
    /// Its path behind `/_fake/v1`.
    pub path: &'static str,
    /// What it does.
    pub summary: &'static str,
    /// Which fields are numbers in a query.
    pub numbers: &'static [&'static str],
    /// Which fields are true or false in a query.
    pub flags: &'static [&'static str],
    run: for<'a> fn(Controls<'a>, &'a Scope, Value) -> Running<'a>,
    #[cfg(feature = "openapi")]
    argument: fn(&mut SchemaGenerator) -> Schema,
    #[cfg(feature = "openapi")]
    answer: fn(&mut SchemaGenerator) -> Schema,
}

impl Row {
    const fn of<O: Operation>() -> Self {
        Self {
            name: O::NAME,
            method: O::METHOD,
            path: O::PATH,
            summary: O::SUMMARY,
            numbers: O::NUMBERS,
            flags: O::FLAGS,
            run: run::<O>,
            #[cfg(feature = "openapi")]
            argument: schema::<O>,
            #[cfg(feature = "openapi")]
            answer: answer_schema::<O::Answer>,
        }
    }

    /// Does it.
    pub async fn run(
        &self,
        controls: Controls<'_>,
        scope: &Scope,
        argument: Value,
    ) -> Result<Value, ControlError> {
        (self.run)(controls, scope, argument).await
    }

    /// The schema of its argument.
    #[cfg(feature = "openapi")]
    pub fn argument(&self, generator: &mut SchemaGenerator) -> Schema {
        (self.argument)(generator)
    }

    /// The schema of its answer.
    #[cfg(feature = "openapi")]
    pub fn answer(&self, generator: &mut SchemaGenerator) -> Schema {
        (self.answer)(generator)
    }

    /// Whether its argument is in the query.
    pub fn takes_query(&self) -> bool {
        in_query(self.method)
    }
}

fn in_query(method: &str) -> bool {
    matches!(method, "GET" | "DELETE")
}

fn run<'a, O: Operation>(controls: Controls<'a>, scope: &'a Scope, argument: Value) -> Running<'a> {
    Box::pin(async move {
        let operation: O =
            serde_json::from_value(argument).map_err(|error| bad_argument::<O>(&error))?;
        let answer = perform(operation, controls, scope).await?;
        let answer = serde_json::to_value(answer).expect("answers are plain data");
        Ok(match answer {
            Value::Null => serde_json::json!({"done": true}),
            answer => answer,
        })
    })
}

/// What stands over HTTP for an answer that tells nothing.
#[cfg(feature = "openapi")]
#[derive(JsonSchema)]
#[expect(dead_code, reason = "only described")]
struct Done {
    /// Always true.
    done: bool,
}

#[cfg(feature = "openapi")]
fn answer_schema<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    if T::schema_name() == <()>::schema_name() {
        return schema::<Done>(generator);
    }
    schema::<T>(generator)
}

/// How serde speaks of JSON, and how its readers do.
const SERDE_PHRASES: &[(&str, &str)] = &[
    (
        "invalid type: unit variant, expected struct variant",
        "a name stands alone where an object with that name is wanted, as in {\"name\": {}}",
    ),
    (
        "invalid type: map, expected unit",
        "an object stands where its name alone is wanted",
    ),
    ("expected struct variant", "expected an object"),
    ("expected map with", "expected an object with"),
    (": map", ": object"),
    ("expected u64", "expected a whole number from 0"),
    ("expected usize", "expected a whole number from 0"),
];

/// Says what is wrong with an argument, and how one looks that is right.
fn bad_argument<O: Operation>(error: &serde_json::Error) -> ControlError {
    let error = SERDE_PHRASES
        .iter()
        .fold(error.to_string(), |text, (from, to)| text.replace(from, to));
    let right = example(O::NAME)
        .filter(|_| !in_query(O::METHOD))
        .map(|example| &example.argument)
        .filter(|argument| argument.as_object().is_some_and(|all| !all.is_empty()))
        .map(|argument| format!(" One that is right: {argument}."))
        .unwrap_or_default();
    ControlError::bad(format!(
        "The argument of {} is not right: {error}.{right} GET /_fake/v1/openapi.json describes it.",
        O::NAME
    ))
}

#[cfg(feature = "openapi")]
fn schema<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<T>()
}

static TABLE: &[Row] = &[
    Row::of::<status::ReadStatus>(),
    Row::of::<clock::ReadClock>(),
    Row::of::<clock::FreezeClock>(),
    Row::of::<clock::AdvanceClock>(),
    Row::of::<clock::SetClock>(),
    Row::of::<clock::ResumeClock>(),
    Row::of::<clock::ResetClock>(),
    Row::of::<faults::AddFault>(),
    Row::of::<faults::ListFaults>(),
    Row::of::<faults::ReadNearMisses>(),
    Row::of::<faults::RemoveFault>(),
    Row::of::<faults::ClearFaults>(),
    Row::of::<journal::ReadJournal>(),
    Row::of::<journal::ReadEntry>(),
    Row::of::<journal::WaitForEntry>(),
    Row::of::<journal::ListVainWaits>(),
    Row::of::<journal::ClearJournal>(),
    Row::of::<accounts::DeclareAccount>(),
    Row::of::<accounts::RemoveAccount>(),
    Row::of::<accounts::ListAccounts>(),
    Row::of::<accounts::ReadAccount>(),
    Row::of::<accounts::SetQuota>(),
    Row::of::<accounts::RefuseWrites>(),
    Row::of::<accounts::ListRefusedWrites>(),
    Row::of::<accounts::AllowWrites>(),
    Row::of::<accounts::AddTemplate>(),
    Row::of::<accounts::ListTemplates>(),
    Row::of::<accounts::EndCursors>(),
    Row::of::<assumptions::ReadAssumptions>(),
    Row::of::<assumptions::SetAssumptions>(),
    Row::of::<assumptions::ResetAssumptions>(),
    Row::of::<rules::ReadQuestions>(),
    Row::of::<rules::ReadRules>(),
    Row::of::<files::SeedFiles>(),
    Row::of::<files::SeedDirectory>(),
    Row::of::<files::ListFiles>(),
    Row::of::<files::ReadFile>(),
    Row::of::<files::ListRevisions>(),
    Row::of::<files::WaitForFile>(),
    Row::of::<files::DeleteFile>(),
    Row::of::<links::ListLinks>(),
    Row::of::<links::ReadLink>(),
    Row::of::<links::ExpireLink>(),
    Row::of::<links::ExpectLinks>(),
    Row::of::<links::SetLinkOrigin>(),
    Row::of::<snapshots::SaveSnapshot>(),
    Row::of::<snapshots::ListSnapshots>(),
    Row::of::<snapshots::RestoreSnapshot>(),
    Row::of::<snapshots::DeleteSnapshot>(),
    Row::of::<snapshots::Reset>(),
    Row::of::<credentials::DeclareApp>(),
    Row::of::<credentials::DeclareToken>(),
    Row::of::<credentials::DeclareGrant>(),
    Row::of::<credentials::RevokeToken>(),
    Row::of::<credentials::AcceptAnyToken>(),
    Row::of::<webhooks::AddWebhook>(),
    Row::of::<webhooks::ListWebhooks>(),
    Row::of::<webhooks::RemoveWebhook>(),
];

/// Every operation.
pub fn table() -> &'static [Row] {
    TABLE
}

#[cfg(all(test, feature = "openapi"))]
mod tests {
    use super::*;
    use schemars::generate::SchemaSettings;

    #[test]
    fn a_query_is_read_by_the_types_of_its_fields() {
        for row in table().iter().filter(|row| row.takes_query()) {
            let mut generator = SchemaSettings::default()
                .with(|settings| settings.inline_subschemas = true)
                .into_generator();
            let schema = row.argument(&mut generator);
            let of = |kinds: &[&str]| -> Vec<String> {
                let fields = schema.get("properties").and_then(Value::as_object);
                let fields = fields.into_iter().flatten();
                let wanted = fields.filter(|(_, field)| match &field["type"] {
                    Value::Array(types) => {
                        types.iter().any(|one| kinds.iter().any(|kind| one == kind))
                    }
                    one => kinds.iter().any(|kind| one == kind),
                });
                wanted.map(|(name, _)| name.clone()).collect()
            };
            assert_eq!(row.numbers, of(&["integer", "number"]), "{}", row.name);
            assert_eq!(row.flags, of(&["boolean"]), "{}", row.name);
        }
    }
}
