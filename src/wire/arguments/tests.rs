//! The argument types against the recorded answers of Stone's Python runtime.

use serde::Deserialize;

use crate::wire::decode::{Options, Unknown, decode};
use crate::wire::json::Json;
use crate::wire::routes;

/// What the runtime (`stone` 3.5.5 with the types of `dropbox` 12.2.4) says to an argument.
#[derive(Deserialize)]
struct Case {
    route: String,
    argument: String,
    message: Option<String>,
    #[serde(default)]
    unknown: UnknownFields,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum UnknownFields {
    #[default]
    Reject,
    Ignore,
}

#[test]
fn every_recorded_argument_gets_the_recorded_message() {
    let cases = include_str!("../../../fixtures/argument-errors.json");
    let cases: Vec<Case> = serde_json::from_str(cases).unwrap();
    assert!(cases.len() > 100);
    let wrong: Vec<String> = cases.iter().filter_map(difference).collect();
    assert!(
        wrong.is_empty(),
        "{} of {}:\n{}",
        wrong.len(),
        cases.len(),
        wrong.join("\n")
    );
}

fn difference(case: &Case) -> Option<String> {
    let unknown = match case.unknown {
        UnknownFields::Reject => Unknown::Reject,
        UnknownFields::Ignore => Unknown::Ignore,
    };
    let message = message(
        &case.route,
        &case.argument,
        Options {
            unknown,
            ..Options::default()
        },
    );
    (message != case.message).then(|| {
        let Case {
            route,
            argument,
            message: expected,
            ..
        } = case;
        format!("{route} {argument}\n  expected {expected:?}\n  found    {message:?}")
    })
}

pub(super) fn message(route: &str, argument: &str, options: Options) -> Option<String> {
    let schema =
        routes::argument_type(route).unwrap_or_else(|| panic!("{route} has no argument type"));
    let json = match Json::parse(argument.as_bytes()) {
        Ok(json) => json,
        Err(error) => return Some(error.to_string()),
    };
    decode(schema, &json, options)
        .err()
        .map(|fault| fault.to_string())
}

#[test]
fn every_accepted_argument_can_be_extracted() {
    use super::Argument;
    use super::accounts::{Echo, Void};
    use super::batches::Poll;
    use super::commit::{GetTemporaryUploadLink, Upload};
    use super::entries::{
        CreateFolder, Delete, Download, GetMetadata, GetTemporaryLink, ListRevisions, Relocation,
    };
    use super::folders::{ListFolder, ListFolderContinue, ListFolderLongpoll};
    use super::sessions::{
        UploadSessionAppend, UploadSessionFinish, UploadSessionFinishBatch, UploadSessionStart,
    };

    fn read<A: Argument>(json: &Json, options: Options) {
        A::read(json, options).unwrap();
    }

    let cases = include_str!("../../../fixtures/argument-errors.json");
    let cases: Vec<Case> = serde_json::from_str(cases).unwrap();
    for case in cases.iter().filter(|case| case.message.is_none()) {
        let json = Json::parse(case.argument.as_bytes()).unwrap();
        let unknown = match case.unknown {
            UnknownFields::Reject => Unknown::Reject,
            UnknownFields::Ignore => Unknown::Ignore,
        };
        let read = match case.route.as_str() {
            "check/user" | "check/app" => read::<Echo>,
            "files/get_temporary_upload_link" => read::<GetTemporaryUploadLink>,
            "files/upload" => read::<Upload>,
            "files/get_metadata" => read::<GetMetadata>,
            "files/download" => read::<Download>,
            "files/list_folder" | "files/list_folder/get_latest_cursor" => read::<ListFolder>,
            "files/list_folder/continue" => read::<ListFolderContinue>,
            "files/list_folder/longpoll" => read::<ListFolderLongpoll>,
            "files/delete" | "files/delete_v2" => read::<Delete>,
            "files/create_folder_v2" => read::<CreateFolder>,
            "files/list_revisions" => read::<ListRevisions>,
            "files/get_temporary_link" => read::<GetTemporaryLink>,
            "files/copy_v2" | "files/move_v2" => read::<Relocation>,
            "files/upload_session/start" => read::<UploadSessionStart>,
            "files/upload_session/append_v2" => read::<UploadSessionAppend>,
            "files/upload_session/finish" => read::<UploadSessionFinish>,
            "files/upload_session/finish_batch" | "files/upload_session/finish_batch_v2" => {
                read::<UploadSessionFinishBatch>
            }
            "files/upload_session/finish_batch/check" => read::<Poll>,
            _ => read::<Void>,
        };
        read(
            &json,
            Options {
                unknown,
                ..Options::default()
            },
        );
    }
}

#[test]
fn what_has_no_effect_is_named() {
    let names = |route: &str, argument: &str| {
        let json = Json::parse(argument.as_bytes()).unwrap();
        let options = Options {
            unknown: Unknown::Ignore,
            ..Options::default()
        };
        decode(routes::argument_type(route).unwrap(), &json, options)
            .unwrap()
            .without_effect()
    };
    assert_eq!(
        names(
            "files/list_folder",
            r#"{"path":"","include_media_info":true,"include_mounted_folders":true,"limit":5,
            "shared_link":{"url":"u","password":"p"},"include_restorable_info":false,"new":1}"#
        ),
        ["include_media_info", "shared_link", "new"]
    );
    assert_eq!(
        names(
            "files/upload_session/finish_batch_v2",
            r#"{"entries":[
            {"cursor":{"session_id":"x","offset":0,"y":1},"commit":{"path":"/a","mute":true}},
            {"cursor":{"session_id":"x","offset":0,"y":1},"commit":{"path":"/a","mute":true}}]}"#
        ),
        ["entries.cursor.y", "entries.commit.mute"]
    );
}
