//! Nothing outside the run's folder is read or written: every argument passes this gate before it
//! is sent, on a fake too, so that no case learns bad manners where they do no harm.

use std::collections::HashSet;

use serde_json::Value;

/// A well-formed id that names nothing on any account: 22 characters as API-199 has them.
pub const NO_SUCH_ID: &str = "id:conformance-no-such-id";

/// What a run may touch.
#[derive(Debug, Default)]
pub struct Confinement {
    /// `/conformance-20260102-0123456789ab`
    run_folder: String,
    /// Ids and revs that answers of this case have named.
    own: HashSet<String>,
}

impl Confinement {
    /// Only what lies in this folder.
    pub fn to(run_folder: &str) -> Self {
        Self {
            run_folder: run_folder.to_owned(),
            own: HashSet::from([NO_SUCH_ID.to_owned()]),
        }
    }

    /// Learns the ids and revs of an answer: what the case has made or found in its folder.
    pub fn learn(&mut self, answer: &Value) {
        match answer {
            Value::Object(map) => {
                for (key, value) in map {
                    match value {
                        Value::String(text) if key == "id" => {
                            self.own.insert(text.clone());
                        }
                        Value::String(text) if key == "rev" => {
                            self.own.insert(format!("rev:{text}"));
                        }
                        _ => self.learn(value),
                    }
                }
            }
            Value::Array(items) => items.iter().for_each(|item| self.learn(item)),
            _ => {}
        }
    }

    /// The first path in an argument that this run must not touch.
    pub fn stray(&self, argument: &Value) -> Option<String> {
        match argument {
            Value::Object(map) => map.iter().find_map(|(key, value)| match value {
                // Beside the address of a shared link a path is one in the folder of that link.
                Value::String(_) if key == "path" && map.contains_key("url") => None,
                Value::String(text) if is_path_key(key) && !self.allows(text) => Some(text.clone()),
                Value::String(_) => None,
                Value::Array(paths) if key == "paths" => paths
                    .iter()
                    .filter_map(Value::as_str)
                    .find(|path| !self.allows(path))
                    .map(str::to_owned),
                nested => self.stray(nested),
            }),
            Value::Array(items) => items.iter().find_map(|item| self.stray(item)),
            _ => None,
        }
    }

    /// Whether the path is inside, or names nothing at all.
    pub fn allows(&self, path: &str) -> bool {
        if let Some(rest) = path.strip_prefix("ns:") {
            let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
            let inner = &rest[digits..];
            return digits == 0 || (!inner.is_empty() && self.allows_absolute(inner));
        }
        if path.starts_with("id:") || path.starts_with("rev:") {
            let (own, relative) = path.split_once('/').unwrap_or((path, ""));
            return self.own.contains(own) && !relative.split('/').any(|part| part == "..");
        }
        // Without a slash in front it is no path: the pattern refuses it. The empty path is the root.
        !(path.is_empty() || path.starts_with('/')) || self.allows_absolute(path)
    }

    fn allows_absolute(&self, path: &str) -> bool {
        let mut parts: Vec<&str> = Vec::new();
        for part in path.split('/') {
            match part {
                "" | "." => {}
                ".." => {
                    parts.pop();
                }
                part => parts.push(part),
            }
        }
        parts
            .first()
            .is_some_and(|first| first.eq_ignore_ascii_case(self.run_folder.trim_matches('/')))
    }
}

fn is_path_key(key: &str) -> bool {
    matches!(
        key,
        "path" | "from_path" | "to_path" | "file" | "shared_folder_id"
    )
}

/// Routes that may be given the root in this spelling, because they do nothing with it or only refuse
/// it: API-59, API-60 and the write paths of AQ-08. A listing of the root would show what else is there.
pub fn may_name_the_root(route: &str, root: &str) -> bool {
    match route {
        "files/get_metadata"
        | "files/upload"
        | "files/upload_session/finish"
        | "files/create_folder_v2" => true,
        "files/list_folder" => root == "/",
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_the_folder_of_the_run_is_inside() {
        let confinement = Confinement::to("/conformance-1");
        for inside in [
            "/conformance-1",
            "/Conformance-1/A/b",
            "/conformance-1/x/../y",
            "ns:12/conformance-1/a",
            "no-path-at-all",
            NO_SUCH_ID,
        ] {
            assert!(confinement.allows(inside), "{inside}");
        }
        for outside in [
            "",
            "/",
            "/other",
            "/conformance-12/a",
            "/conformance-1/../other",
            "ns:12",
            "ns:12/",
            "ns:12/other",
            "id:somebody-elses-file-00",
            "rev:0123456789",
        ] {
            assert!(!confinement.allows(outside), "{outside}");
        }
    }

    #[test]
    fn each_path_of_a_batch_is_looked_at() {
        let confinement = Confinement::to("/conformance-1");
        let inside =
            json!({"paths": ["/conformance-1/a"], "entries": [{"from_path": "/conformance-1/b"}]});
        assert_eq!(confinement.stray(&inside), None);
        for outside in [
            json!({"paths": ["/conformance-1/a", "/b"]}),
            json!({"entries": [{"from_path": "/conformance-1/a", "to_path": "/b"}]}),
        ] {
            assert_eq!(confinement.stray(&outside).as_deref(), Some("/b"));
        }
    }

    #[test]
    fn the_root_is_never_listed() {
        assert!(may_name_the_root("files/get_metadata", ""));
        assert!(may_name_the_root("files/list_folder", "/"));
        assert!(!may_name_the_root("files/list_folder", ""));
        assert!(!may_name_the_root("files/delete_v2", "/"));
    }

    #[test]
    fn what_an_answer_named_is_ours() {
        let mut confinement = Confinement::to("/conformance-1");
        confinement
            .learn(&json!({"metadata": {"id": "id:made-by-this-case-0000", "rev": "0123456789"}}));
        assert!(confinement.allows("id:made-by-this-case-0000/child"));
        assert!(confinement.allows("rev:0123456789"));
        assert!(!confinement.allows("id:made-by-this-case-0000/../x"));
    }

    #[test]
    fn a_path_in_the_folder_of_a_shared_link_is_no_stray_one() {
        let confinement = Confinement::to("/conformance-1");
        let inner = json!({"url": "https://www.dropbox.com/scl/fo/a/b", "path": "/a"});
        assert_eq!(confinement.stray(&inner), None);
    }

    #[test]
    fn a_stray_path_is_found_wherever_it_stands() {
        let confinement = Confinement::to("/conformance-1");
        let argument =
            json!({"entries": [{"path": "/conformance-1/a"}, {"commit": {"path": "/b"}}]});
        assert_eq!(confinement.stray(&argument), Some("/b".to_owned()));
    }
}
