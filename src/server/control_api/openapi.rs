//! The description of the controls, from the table that routes them.

use super::{CONTENT, EVENTS, JOURNAL_HTML, JOURNAL_TEXT, OPENAPI, PREFIX, REVEAL, RULES};
use crate::control::operations::faults::AddFault;
use crate::control::operations::{Operation as _, Row, example, fault_examples, table};
use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

pub fn document() -> Value {
    let mut generator = SchemaSettings::openapi3()
        .with(|settings| settings.definitions_path = "/components/schemas".into())
        .into_generator();
    let mut paths: Map<String, Value> = Map::new();
    for row in table() {
        put(
            &mut paths,
            row.path,
            row.method,
            operation(row, &mut generator),
        );
    }
    put(&mut paths, CONTENT, "GET", read_content());
    put(&mut paths, CONTENT, "PUT", write_content());
    put(&mut paths, EVENTS, "GET", events());
    put(&mut paths, REVEAL, "POST", reveal());
    put(&mut paths, OPENAPI, "GET", this());
    for (path, id, media_type, what) in [
        (
            JOURNAL_TEXT,
            "read_journal_as_text",
            "text/plain",
            "one line for each request",
        ),
        (
            JOURNAL_HTML,
            "read_journal_as_page",
            "text/html",
            "one page that needs no server, for a bug report",
        ),
    ] {
        put(
            &mut paths,
            path,
            "GET",
            journal_for_people(id, media_type, what),
        );
    }
    put(&mut paths, &format!("{RULES}{{id}}"), "GET", explain_rule());
    let schemas = generator.take_definitions(true);
    let mut document = json!({
        "openapi": "3.0.3",
        "info": {
            "title": "fake-dropbox: the controls",
            "version": "1",
            "description": "What a test does to the fake. An operation concerns the account whose access token is in 'Authorization', or the one that 'account' names; without either it concerns the whole server. It is served to this machine only, or to who shows the control token. The certificate that clients have to trust is at /_fake/v1/ca.pem, for everybody.",
        },
        "servers": [{"url": PREFIX}],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "parameters": {
                "account": {
                    "name": "account",
                    "in": "query",
                    "description": "The name of the account that is meant, or what stands for it, such as account:1.",
                    "schema": {"type": "string", "minLength": 1},
                },
            },
            "responses": {"problem": problem()},
            "securitySchemes": {
                "account": {"type": "http", "scheme": "bearer", "description": "An access token of the account that is meant."},
                "control": {"type": "apiKey", "in": "header", "name": "X-Fake-Dropbox-Control-Token"},
            },
        },
        "security": [{}, {"account": []}, {"control": []}, {"account": [], "control": []}],
    });
    drop_code(&mut document);
    document
}

/// Takes the examples in Rust out of the descriptions: the document is for readers of any language.
fn drop_code(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            for (name, field) in fields.iter_mut() {
                match field {
                    Value::String(text) if name == "description" && text.contains("```") => {
                        let parts = text.split("```").step_by(2).map(str::trim);
                        let parts: Vec<&str> = parts.filter(|part| !part.is_empty()).collect();
                        *text = parts.join("\n\n");
                    }
                    field => drop_code(field),
                }
            }
        }
        Value::Array(values) => values.iter_mut().for_each(drop_code),
        _ => {}
    }
}

fn put(paths: &mut Map<String, Value>, path: &str, method: &str, operation: Value) {
    let item = paths.entry(path).or_insert_with(|| json!({}));
    item[method.to_ascii_lowercase()] = operation;
}

fn operation(row: &Row, generator: &mut SchemaGenerator) -> Value {
    let shown = example(row.name);
    let mut parameters = vec![json!({"$ref": "#/components/parameters/account"})];
    let mut described = json!({
        "operationId": row.name,
        "summary": row.summary,
        "responses": responses(row.answer(generator), shown.map(|shown| &shown.answer)),
    });
    if row.takes_query() {
        let mut flat = SchemaSettings::openapi3()
            .with(|settings| settings.inline_subschemas = true)
            .into_generator();
        let argument = row.argument(&mut flat);
        let required = argument.get("required").cloned().unwrap_or_default();
        let required: Vec<&str> = required
            .as_array()
            .map(|names| names.iter().filter_map(Value::as_str).collect())
            .unwrap_or_default();
        let fields = argument.get("properties").and_then(Value::as_object);
        for (name, schema) in fields.into_iter().flatten() {
            // The account is a parameter of every operation.
            if name != "account" {
                parameters.push(json!({
                    "name": name,
                    "in": "query",
                    "required": required.contains(&name.as_str()),
                    "schema": schema,
                }));
            }
        }
        if let Some(shown) = shown {
            described["x-example-query"] = shown.argument.clone();
        }
    } else {
        let mut content = json!({"schema": row.argument(generator)});
        if row.name == AddFault::NAME {
            let examples = fault_examples().iter();
            content["examples"] = examples
                .map(|example| (example.name.clone(), json!({"value": example.fault})))
                .collect::<Map<String, Value>>()
                .into();
        } else if let Some(shown) = shown {
            content["example"] = shown.argument.clone();
        }
        described["requestBody"] = json!({"content": {"application/json": content}});
    }
    described["parameters"] = Value::Array(parameters);
    described
}

fn responses(schema: impl serde::Serialize, example: Option<&Value>) -> Value {
    let mut content = json!({"schema": schema});
    if let Some(example) = example {
        content["example"] = example.clone();
    }
    json!({
        "200": {"description": "It is done.", "content": {"application/json": content}},
        "default": {"$ref": "#/components/responses/problem"},
    })
}

fn problem() -> Value {
    json!({
        "description": "It is not done, and nothing was changed. The detail says what to do.",
        "content": {"application/problem+json": {"schema": {
            "type": "object",
            "required": ["title", "status", "detail"],
            "properties": {
                "title": {"type": "string"},
                "status": {"type": "integer"},
                "detail": {"type": "string"},
            },
        }}},
    })
}

fn read_content() -> Value {
    json!({
        "operationId": "read_content",
        "summary": "Reads the bytes of a file, whole or a range.",
        "parameters": [
            {"$ref": "#/components/parameters/account"},
            {"name": "path", "in": "query", "required": true, "schema": {"type": "string"}},
            {"name": "Range", "in": "header", "description": "One range of bytes, such as bytes=0-99.", "schema": {"type": "string"}},
        ],
        "x-example-query": {"path": "/in/a.txt"},
        "responses": {
            "200": {"description": "The bytes.", "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}, "example": "hello"}}},
            "206": {"description": "The bytes of the range.", "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}},
            "416": problem(),
            "default": {"$ref": "#/components/responses/problem"},
        },
    })
}

fn write_content() -> Value {
    json!({
        "operationId": "write_content",
        "summary": "Writes a file as its owner would, over what was there, from the bytes of the body.",
        "parameters": [
            {"$ref": "#/components/parameters/account"},
            {"name": "path", "in": "query", "required": true, "schema": {"type": "string"}},
        ],
        "x-example-query": {"path": "/in/a.txt"},
        "requestBody": {"required": true, "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}, "example": "hello"}}},
        "responses": {
            "200": {"description": "What is known of the file.", "content": {"application/json": {
                "schema": {"$ref": "#/components/schemas/EntryStatus"},
                "example": example("read_file").map(|shown| &shown.answer),
            }}},
            "default": {"$ref": "#/components/responses/problem"},
        },
    })
}

fn journal_for_people(id: &str, media_type: &str, what: &str) -> Value {
    json!({
        "operationId": id,
        "summary": format!("Reads the journal as {what}; the conditions are those of read_journal."),
        "parameters": [{"$ref": "#/components/parameters/account"}],
        "responses": {
            "200": {"description": "The requests, the oldest first.", "content": {media_type: {"schema": {"type": "string"}}}},
            "default": {"$ref": "#/components/responses/problem"},
        },
    })
}

fn explain_rule() -> Value {
    json!({
        "operationId": "explain_rule",
        "summary": "Explains a rule, such as UL-138, or an open question, such as failed_commit: what it says, how that is known, what it rests on, which cases of the conformance suite hold it.",
        "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}],
        "responses": {
            "200": {"description": "What is known.", "content": {"application/json": {"schema": {"type": "object"}}}},
            "default": {"$ref": "#/components/responses/problem"},
        },
    })
}

fn events() -> Value {
    json!({
        "operationId": "follow_events",
        "summary": "Follows what happens, as server-sent events: 'hello' says from where it goes on, 'requests' brings entries of the journal without what was said, 'changed' says that an operation was done that may have changed something. The id of an event is the number of the last entry that was told.",
        "parameters": [
            {"$ref": "#/components/parameters/account"},
            {"name": "since", "in": "query", "description": "Go on after the entry with this number; all that are kept if nothing is said.", "schema": {"type": "integer"}},
            {"name": "Last-Event-ID", "in": "header", "description": "The same, as browsers send it.", "schema": {"type": "integer"}},
        ],
        "x-example-query": {"since": 7},
        "responses": {
            "200": {"description": "Events until the caller goes away or the server stops.", "content": {"text/event-stream": {
                "schema": {"type": "string"},
                "example": "event: changed\nid: 7\ndata: {\"first_sequence\":1}\n\n",
            }}},
            "default": problem(),
        },
    })
}

fn reveal() -> Value {
    json!({
        "operationId": "reveal_link",
        "summary": "Shows an upload link as a whole, at this server. Whoever has it can use it, so it is shown to this machine only, whatever token a caller shows.",
        "parameters": [{"$ref": "#/components/parameters/account"}],
        "requestBody": {"content": {"application/json": {
            "schema": {"$ref": "#/components/schemas/ReadLink"},
            "example": {"link": "link:1"},
        }}},
        "responses": {
            "200": {"description": "The link.", "content": {"application/json": {
                "schema": {"type": "object", "required": ["url"], "properties": {"url": {"type": "string"}}},
                "example": {"url": "http://localhost:8080/apitul/1/…"},
            }}},
            "default": problem(),
        },
    })
}

fn this() -> Value {
    json!({
        "operationId": "read_description",
        "summary": "Reads this description.",
        "responses": {"200": {"description": "OpenAPI 3.0.", "content": {"application/json": {"schema": {"type": "object"}}}}},
    })
}
