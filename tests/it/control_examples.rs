//! The documented example of every operation, played over HTTP and through the library: the same
//! calls have the same answers, so neither face can do what the other cannot.
//!
//! `UPDATE_EXAMPLES=1` writes the answers that came into the file, to be looked at.

use crate::support::client;
use fake_dropbox::FakeDropbox;
use fake_dropbox::internals::control::operations::{Example, examples, table};
use fake_dropbox::internals::server::control_api::document;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::Path;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

const FILE: &str = "src/control/operations/examples.json";
const HOOK: &str = "http://127.0.0.1:8081/hook";
const DIRECTORY: &str = "/path/to/a/directory";

/// Takes webhooks and answers every challenge.
async fn receiver() -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut head = vec![0; 4096];
            let length = stream.read(&mut head).await.expect("a request");
            let head = String::from_utf8_lossy(&head[..length]).into_owned();
            let target = head.split(' ').nth(1).unwrap_or_default();
            let word = target.split_once("challenge=").map_or("", |(_, word)| word);
            let answer = format!(
                "HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{word}",
                word.len()
            );
            stream.write_all(answer.as_bytes()).await.expect("sent");
        }
    });
    format!("http://{address}/hook")
}

/// What a run puts in the place of what the examples show.
struct Places {
    hook: String,
    directory: tempfile::TempDir,
}

impl Places {
    async fn new() -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        std::fs::create_dir(directory.path().join("sub")).expect("a directory");
        std::fs::write(directory.path().join("sub/d.txt"), "d").expect("a file");
        Self {
            hook: receiver().await,
            directory,
        }
    }

    fn fill(&self, value: &Value) -> Value {
        let directory = self.directory.path().to_str().expect("UTF-8");
        let text = value.to_string().replace(HOOK, &self.hook);
        serde_json::from_str(&text.replace(DIRECTORY, directory)).expect("JSON")
    }

    fn clear(&self, value: &Value) -> Value {
        let mut value: Value =
            serde_json::from_str(&value.to_string().replace(&self.hook, HOOK)).expect("JSON");
        blank(&mut value);
        value
    }
}

/// What differs from run to run.
fn blank(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            if let Some(duration) = fields.get_mut("duration_microseconds") {
                *duration = json!(0);
            }
            fields.values_mut().for_each(blank);
        }
        Value::Array(values) => {
            let changing = ["host", "x-server-response-time"];
            if let [Value::String(name), text] = values.as_mut_slice()
                && changing.contains(&name.as_str())
            {
                *text = json!("…");
            }
            values.iter_mut().for_each(blank);
        }
        _ => {}
    }
}

/// Two links, and two uploads through the first.
async fn use_links(dropbox: &FakeDropbox) {
    let mint = |path: &str| {
        client()
            .post(format!(
                "{}/2/files/get_temporary_upload_link",
                dropbox.api_url()
            ))
            .bearer_auth("alice-token")
            .header("content-type", "application/json")
            .body(json!({"commit_info": {"path": path}}).to_string())
    };
    let mut links = Vec::new();
    for path in ["/in/a.txt", "/in/z.txt"] {
        let minted: Value = mint(path)
            .send()
            .await
            .expect("an answer")
            .json()
            .await
            .expect("JSON");
        links.push(minted["link"].as_str().expect("a link").to_owned());
    }
    for status in [200, 410] {
        let upload = client()
            .post(&links[0])
            .header("content-type", "application/octet-stream")
            .body("content");
        assert_eq!(upload.send().await.expect("an answer").status(), status);
    }
}

async fn over_http(dropbox: &FakeDropbox, example: &Example, argument: &Value) -> Value {
    let row = table().iter().find(|row| row.name == example.operation);
    let row = row.expect("an operation");
    let method: reqwest::Method = row.method.parse().expect("a method");
    let mut request = client().request(
        method,
        format!("{}/_fake/v1{}", dropbox.api_url(), row.path),
    );
    if let Some(account) = &example.account {
        request = request.query(&[("account", account)]);
    }
    request = if row.takes_query() {
        let fields = argument.as_object().expect("an object");
        let fields: Vec<(String, String)> = fields
            .iter()
            .map(|(name, value)| {
                let text = value
                    .as_str()
                    .map_or_else(|| value.to_string(), str::to_owned);
                (name.clone(), text)
            })
            .collect();
        request.query(&fields)
    } else {
        request.json(argument)
    };
    let response = request.send().await.expect("an answer");
    let status = response.status().as_u16();
    let body: Value = response.json().await.expect("JSON");
    assert_eq!(status, 200, "{}: {body:#}", example.operation);
    body
}

async fn in_process(dropbox: &FakeDropbox, example: &Example, argument: &Value) -> Value {
    let (operation, argument) = (&*example.operation, argument.clone());
    let answer = match &example.account {
        Some(name) => dropbox.account_named(name).call(operation, argument).await,
        None => dropbox.call(operation, argument).await,
    };
    answer.unwrap_or_else(|error| panic!("{}: {error}", example.operation))
}

async fn play(http: bool) -> Vec<Example> {
    let places = Places::new().await;
    let root = places.directory.path().to_owned();
    let dropbox = FakeDropbox::builder()
        .configure(|settings| {
            settings.seed_root = vec![root];
            settings.seed = Some(0);
        })
        .start()
        .await;
    let mut played = Vec::new();
    for example in examples() {
        let argument = places.fill(&example.argument);
        let answer = if http {
            over_http(&dropbox, example, &argument).await
        } else {
            in_process(&dropbox, example, &argument).await
        };
        played.push(Example {
            answer: places.clear(&answer),
            ..example.clone()
        });
        if example.operation == "declare_renewal" {
            use_links(&dropbox).await;
        }
    }
    played
}

#[tokio::test]
async fn every_example_has_its_answer_over_http() {
    let played = play(true).await;
    if std::env::var_os("UPDATE_EXAMPLES").is_some() {
        let text = serde_json::to_string_pretty(&played).expect("plain data") + "\n";
        std::fs::write(Path::new(env!("CARGO_MANIFEST_DIR")).join(FILE), text).expect("written");
        return;
    }
    for (played, documented) in played.iter().zip(examples()) {
        assert_eq!(played, documented, "{}", documented.operation);
    }
}

#[tokio::test]
async fn every_example_has_the_same_answer_through_the_library() {
    let (over_http, in_process) = tokio::join!(play(true), play(false));
    for (http, library) in over_http.iter().zip(&in_process) {
        assert_eq!(http, library, "{}", http.operation);
    }
}

#[test]
fn every_operation_has_one_example_and_every_example_an_operation() {
    let operations: BTreeSet<&str> = table().iter().map(|row| row.name).collect();
    let shown: BTreeSet<&str> = examples()
        .iter()
        .map(|example| example.operation.as_str())
        .collect();
    assert_eq!(operations, shown);
    assert_eq!(
        operations.len(),
        table().len(),
        "two operations of one name"
    );
    assert_eq!(
        shown.len(),
        examples().len(),
        "two examples of one operation"
    );
    let places: BTreeSet<(&str, &str)> = table().iter().map(|row| (row.method, row.path)).collect();
    assert_eq!(places.len(), table().len(), "two operations in one place");
}

#[test]
fn the_description_has_every_operation_and_examples_that_fit_its_schemas() {
    let document = document();
    for row in table() {
        let operation = &document["paths"][row.path][row.method.to_ascii_lowercase()];
        assert_eq!(operation["operationId"], row.name);
        let answer = &operation["responses"]["200"]["content"]["application/json"];
        check(&document, answer, row.name);
        if !row.takes_query() {
            check(
                &document,
                &operation["requestBody"]["content"]["application/json"],
                row.name,
            );
        }
    }
}

#[test]
fn the_description_is_for_readers_of_any_language_and_short() {
    let text = document().to_string();
    assert!(!text.contains("```") && !text.contains("fake_dropbox::"));
    assert!(text.len() < 120_000, "{} bytes", text.len());
}

fn check(document: &Value, content: &Value, name: &str) {
    // The references of the document are within it, so the schema is looked at inside of it.
    let mut schema = json!({"components": document["components"], "allOf": [content["schema"]]});
    plain(&mut schema);
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    let many = content["examples"].as_object();
    let many = many.into_iter().flat_map(|examples| examples.values());
    let many: Vec<&Value> = many.map(|example| &example["value"]).collect();
    for example in if many.is_empty() {
        vec![&content["example"]]
    } else {
        many
    } {
        let errors: Vec<String> = validator
            .iter_errors(example)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert!(errors.is_empty(), "{name}: {errors:?}");
    }
}

/// `OpenAPI` 3.0 says `nullable` where JSON Schema has a type more.
fn plain(schema: &mut Value) {
    match schema {
        Value::Object(fields) => {
            fields.values_mut().for_each(plain);
            if fields.remove("nullable") == Some(json!(true)) {
                let inner = Value::Object(std::mem::take(fields));
                *schema = json!({"anyOf": [inner, {"type": "null"}]});
            }
        }
        Value::Array(values) => values.iter_mut().for_each(plain),
        _ => {}
    }
}
