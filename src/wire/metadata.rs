//! Metadata and the results made of it, in the order of the specification (API-208 to API-211).
//!
//! What has no value is left out, never `null`. Files and folders come with their property groups; the
//! [dialect](super::dialect::Dialect::result) takes them out where they are not shown.

use serde_json::{Map, Value, json};

use super::time;
use crate::dropbox::commit_info::PropertyGroup;
use crate::dropbox::metadata::{DeletedMetadata, FileMetadata, FolderMetadata, Metadata};
use crate::dropbox::time::Timestamp;

/// A concrete `FileMetadata`, without `.tag` (API-28).
pub fn file(file: &FileMetadata) -> Value {
    file_fields(Map::new(), file).into()
}

/// A concrete `FolderMetadata`, without `.tag` (API-28).
pub fn folder(folder: &FolderMetadata) -> Value {
    folder_fields(Map::new(), folder).into()
}

/// One of the three, told apart by `.tag` (API-28).
pub fn entry(entry: &Metadata) -> Value {
    match entry {
        Metadata::File(file) => file_fields(tag("file"), file),
        Metadata::Folder(folder) => folder_fields(tag("folder"), folder),
        Metadata::Deleted(deleted) => deleted_fields(tag("deleted"), deleted),
    }
    .into()
}

/// `ListFolderResult` (API-217).
pub fn list_folder(entries: &[Metadata], cursor: &str, has_more: bool) -> Value {
    let entries: Vec<Value> = entries.iter().map(entry).collect();
    json!({"entries": entries, "cursor": cursor, "has_more": has_more})
}

/// `ListFolderGetLatestCursorResult`.
pub fn latest_cursor(cursor: &str) -> Value {
    json!({"cursor": cursor})
}

/// `ListFolderLongpollResult`, `backoff` in seconds. The notify host prints it compactly: use
/// [`print::compact`](super::print::compact).
pub fn longpoll(changes: bool, backoff: Option<u64>) -> Value {
    let mut result = json!({"changes": changes});
    if let Some(seconds) = backoff {
        result["backoff"] = seconds.into();
    }
    result
}

/// `ListRevisionsResult` (API-221).
pub fn list_revisions(
    is_deleted: bool,
    server_deleted: Option<Timestamp>,
    entries: &[FileMetadata],
    has_more: bool,
) -> Value {
    let mut result = Map::new();
    result.insert("is_deleted".into(), is_deleted.into());
    if let Some(moment) = server_deleted {
        result.insert("server_deleted".into(), time::print(moment).into());
    }
    let entries: Vec<Value> = entries.iter().map(file).collect();
    result.insert("entries".into(), entries.into());
    result.insert("has_more".into(), has_more.into());
    result.into()
}

/// `DeleteResult`, `RelocationResult`: the metadata has its `.tag` (API-219).
pub fn wrapped_entry(metadata: &Metadata) -> Value {
    json!({"metadata": entry(metadata)})
}

/// `CreateFolderResult`: the metadata has no `.tag` (API-220).
pub fn created_folder(metadata: &FolderMetadata) -> Value {
    json!({"metadata": folder(metadata)})
}

/// `GetTemporaryLinkResult` (API-222).
pub fn temporary_link(metadata: &FileMetadata, link: &str) -> Value {
    json!({"metadata": file(metadata), "link": link})
}

/// `GetTemporaryUploadLinkResult` (UL-22); `link` is always there (UL-94).
pub fn temporary_upload_link(link: &str) -> Value {
    json!({"link": link})
}

/// What an upload through a link answers (UL-105, UL-131): `content_hash` is 64 hexadecimal digits, and
/// the whole body has 84 bytes (UL-133). Nothing tells the name that autorename chose (UL-135) or
/// anything else of the file (UL-164).
pub fn link_upload(content_hash: &str) -> Value {
    json!({"content-hash": content_hash})
}

/// `UploadSessionStartResult` (API-223).
pub fn session_started(session_id: &str) -> Value {
    json!({"session_id": session_id})
}

/// `UploadSessionStartBatchResult` (RT-57).
pub fn sessions_started(session_ids: &[String]) -> Value {
    json!({"session_ids": session_ids})
}

fn tag(tag: &str) -> Map<String, Value> {
    let mut fields = Map::new();
    fields.insert(".tag".into(), tag.into());
    fields
}

fn paths(fields: &mut Map<String, Value>, name: &str, path_lower: &str, path_display: &str) {
    fields.insert("name".into(), name.into());
    fields.insert("path_lower".into(), path_lower.into());
    fields.insert("path_display".into(), path_display.into());
}

fn file_fields(mut fields: Map<String, Value>, file: &FileMetadata) -> Map<String, Value> {
    paths(
        &mut fields,
        &file.name,
        &file.path_lower,
        &file.path_display,
    );
    fields.insert("id".into(), file.id.as_str().into());
    fields.insert(
        "client_modified".into(),
        time::print(file.client_modified).into(),
    );
    fields.insert(
        "server_modified".into(),
        time::print(file.server_modified).into(),
    );
    fields.insert("rev".into(), file.rev.as_str().into());
    fields.insert("size".into(), file.size.into());
    fields.insert("is_downloadable".into(), true.into());
    let groups: Vec<Value> = file.property_groups.iter().map(property_group).collect();
    fields.insert("property_groups".into(), groups.into());
    fields.insert("content_hash".into(), file.content_hash.to_string().into());
    fields
}

fn folder_fields(mut fields: Map<String, Value>, folder: &FolderMetadata) -> Map<String, Value> {
    paths(
        &mut fields,
        &folder.name,
        &folder.path_lower,
        &folder.path_display,
    );
    fields.insert("id".into(), folder.id.as_str().into());
    fields.insert("property_groups".into(), json!([]));
    fields
}

fn deleted_fields(mut fields: Map<String, Value>, deleted: &DeletedMetadata) -> Map<String, Value> {
    paths(
        &mut fields,
        &deleted.name,
        &deleted.path_lower,
        &deleted.path_display,
    );
    fields
}

fn property_group(group: &PropertyGroup) -> Value {
    let fields: Vec<Value> = group
        .fields
        .iter()
        .map(|field| json!({"name": field.name, "value": field.value}))
        .collect();
    json!({"template_id": group.template_id, "fields": fields})
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dropbox::assumptions::Assumptions;
    use crate::dropbox::commit_info::PropertyField;
    use crate::dropbox::content_hash::ContentHash;
    use crate::wire::dialect::Dialect;
    use crate::wire::print;

    fn duck() -> FileMetadata {
        FileMetadata {
            name: "duck.txt".into(),
            path_lower: "/a/duck.txt".into(),
            path_display: "/A/duck.txt".into(),
            id: "id:L5U1_AOVa-QAAAAAAAA4vA".into(),
            client_modified: Timestamp::from_seconds(1_645_969_412),
            server_modified: Timestamp::from_micros(1_645_969_412_872_375),
            rev: "5d9001e2a58b7043720ae".into(),
            size: 0,
            content_hash: ContentHash::of(b""),
            property_groups: Vec::new(),
        }
    }

    /// As a route shows it that is not about property groups.
    fn shown(dialect: Dialect, value: Value) -> String {
        dialect.body(&dialect.result(&Assumptions::default(), "files/get_metadata", value))
    }

    #[test]
    fn a_file_looks_as_recorded() {
        // API-208
        assert_eq!(
            shown(Dialect::Y2025, file(&duck())),
            r#"{"name": "duck.txt", "path_lower": "/a/duck.txt", "path_display": "/A/duck.txt", "id": "id:L5U1_AOVa-QAAAAAAAA4vA", "client_modified": "2022-02-27T13:43:32Z", "server_modified": "2022-02-27T13:43:32Z", "rev": "5d9001e2a58b7043720ae", "size": 0, "is_downloadable": true, "content_hash": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}"#
        );
        // API-256
        assert_eq!(
            shown(Dialect::Y2026, file(&duck())),
            r#"{"client_modified":"2022-02-27T13:43:32Z","content_hash":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855","id":"id:L5U1_AOVa-QAAAAAAAA4vA","is_downloadable":true,"name":"duck.txt","path_display":"/A/duck.txt","path_lower":"/a/duck.txt","property_groups":[],"rev":"5d9001e2a58b7043720ae","server_modified":"2022-02-27T13:43:32Z","size":0}"#
        );
    }

    #[test]
    fn entries_begin_with_their_tag() {
        let group = PropertyGroup {
            template_id: "ptid:x".into(),
            fields: vec![PropertyField {
                name: "n".into(),
                value: "v".into(),
            }],
        };
        let tagged = Metadata::File(FileMetadata {
            property_groups: vec![group],
            ..duck()
        });
        let text = print::python(&entry(&tagged));
        assert!(text.starts_with(r#"{".tag": "file", "name": "#), "{text}");
        assert!(
            text.contains(
                r#""is_downloadable": true, "property_groups": [{"template_id": "ptid:x", "fields": [{"name": "n", "value": "v"}]}], "content_hash""#
            ),
            "{text}"
        );
    }

    #[test]
    fn folders_and_what_was_deleted_tell_little() {
        // API-211
        let folder = Metadata::Folder(FolderMetadata {
            name: "A".into(),
            path_lower: "/a".into(),
            path_display: "/A".into(),
            id: "id:x".into(),
        });
        let deleted = Metadata::Deleted(DeletedMetadata {
            name: "B".into(),
            path_lower: "/b".into(),
            path_display: "/B".into(),
        });
        assert_eq!(
            shown(Dialect::Y2025, list_folder(&[folder, deleted], "AA", false)),
            r#"{"entries": [{".tag": "folder", "name": "A", "path_lower": "/a", "path_display": "/A", "id": "id:x"}, {".tag": "deleted", "name": "B", "path_lower": "/b", "path_display": "/B"}], "cursor": "AA", "has_more": false}"#
        );
    }

    #[test]
    fn small_results() {
        assert_eq!(
            print::compact(&longpoll(true, None)),
            "{\"changes\":true}\n"
        );
        assert_eq!(
            print::compact(&longpoll(false, Some(60))),
            "{\"changes\":false,\"backoff\":60}\n"
        );
        assert_eq!(
            print::python(&list_revisions(
                true,
                Some(Timestamp::from_seconds(0)),
                &[],
                false
            )),
            r#"{"is_deleted": true, "server_deleted": "1970-01-01T00:00:00Z", "entries": [], "has_more": false}"#
        );
        assert_eq!(
            print::python(&temporary_upload_link(
                "http://localhost/apitul/1/7mjCJzUCtFFHcQ"
            )),
            r#"{"link": "http://localhost/apitul/1/7mjCJzUCtFFHcQ"}"#
        );
    }
}
