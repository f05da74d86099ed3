//! Node, which reads a proxy from its environment only when told to.

use super::super::environment::{Lookup, node};
use super::super::failure::plain;
use super::finding::Finding;

const MEND: &str = "eval \"$(fake-dropbox env)\", which sets NODE_OPTIONS and NODE_USE_ENV_PROXY";

/// Checks whether Node is led here where it is meant to be.
pub fn check(current: Lookup<'_>) -> Option<Finding> {
    let options = current("NODE_OPTIONS").unwrap_or_default();
    let script = node::script_in(&options);
    if let Some(path) = &script
        && let Err(error) = std::fs::File::open(path)
    {
        return Some(Finding::wrong(
            format_args!(
                "NODE_OPTIONS names {}, which cannot be read: {}; Node will not start",
                path.display(),
                plain(&error)
            ),
            MEND,
        ));
    }
    let has_proxy = current("HTTPS_PROXY").is_some() || current("https_proxy").is_some();
    let is_meant = has_proxy && current("NODE_EXTRA_CA_CERTS").is_some();
    let is_led = script.is_some() || current("NODE_USE_ENV_PROXY").is_some();
    (is_meant && !is_led).then(|| {
        Finding::wrong(
            "NODE_EXTRA_CA_CERTS is set, but Node does not look at HTTPS_PROXY by itself: it goes to the real Dropbox",
            MEND,
        )
    })
}

#[cfg(test)]
mod tests {
    use super::super::variables::tests::set;
    use super::*;

    #[test]
    fn node_that_is_not_told_of_the_proxy_is_found() {
        let meant = [("HTTPS_PROXY", "x"), ("NODE_EXTRA_CA_CERTS", "y")];
        let finding = check(&set(&meant)).unwrap().to_string();
        assert!(
            finding.contains("does not look at HTTPS_PROXY"),
            "{finding}"
        );
        let told = [&meant[..], &[("NODE_USE_ENV_PROXY", "1")]].concat();
        assert_eq!(check(&set(&told)), None);
        assert_eq!(check(&set(&meant[..1])), None);
    }

    #[test]
    fn a_script_that_is_gone_is_found_since_node_will_not_start() {
        let directory = tempfile::tempdir().unwrap();
        let script = directory.path().join("a \"b\"").join(node::SCRIPT_FILE);
        let options = node::options("--no-warnings", &script);
        let variables = [("NODE_OPTIONS", options.as_str())];
        let finding = check(&set(&variables)).unwrap().to_string();
        assert!(finding.contains(&script.display().to_string()), "{finding}");
        assert!(finding.contains("will not start"), "{finding}");
        std::fs::create_dir(script.parent().unwrap()).unwrap();
        std::fs::write(&script, "").unwrap();
        assert_eq!(check(&set(&variables)), None);
    }
}
