//! Where the links lead that the server hands out.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use std::sync::atomic::{AtomicBool, Ordering};

/// Where the links lead that the server hands out, for uploads and for downloads.
///
/// Nobody can know at the mint who will follow a link: a backend may mint through the proxy, and a browser
/// follow without it. So a link leads to this server unless it is said that all clients come through it.
///
/// ```
/// use fake_dropbox::FakeDropbox;
/// use fake_dropbox::config::LinkOrigin;
///
/// let links: LinkOrigin = "production".parse()?;
/// let dropbox = FakeDropbox::builder().configure(|settings| settings.links = links).start_blocking();
/// dropbox.call_blocking("set_link_origin", serde_json::json!({ "links": "local" }))?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum LinkOrigin {
    /// To this server, under the name by which it was asked or by its address, or to its public URL.
    #[default]
    Local,
    /// To Dropbox's own names: whoever does not come through this server reaches the real Dropbox.
    Production,
}

/// A text that says neither.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is no place for links to lead to: write local or production")]
pub struct BadLinkOrigin(String);

impl FromStr for LinkOrigin {
    type Err = BadLinkOrigin;

    fn from_str(text: &str) -> Result<Self, BadLinkOrigin> {
        match text {
            "local" => Ok(Self::Local),
            "production" => Ok(Self::Production),
            _ => Err(BadLinkOrigin(text.to_owned())),
        }
    }
}

impl fmt::Display for LinkOrigin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Local => "local",
            Self::Production => "production",
        })
    }
}

/// Where they lead now.
#[doc(hidden)]
#[derive(Debug, Default)]
pub struct LinkOriginSwitch {
    is_production: AtomicBool,
    is_told: AtomicBool,
}

impl LinkOriginSwitch {
    /// At first so.
    pub fn new(links: LinkOrigin) -> Self {
        let switch = Self::default();
        switch.set(links);
        switch
    }

    /// Where they lead now.
    pub fn get(&self) -> LinkOrigin {
        if self.is_production.load(Ordering::Relaxed) {
            LinkOrigin::Production
        } else {
            LinkOrigin::Local
        }
    }

    /// From now on they lead there.
    pub fn set(&self, links: LinkOrigin) {
        let is_production = links == LinkOrigin::Production;
        if self.is_production.swap(is_production, Ordering::Relaxed) != is_production {
            self.is_told.store(false, Ordering::Relaxed);
        }
    }

    /// Whether it is to be told now: once after each change.
    #[must_use]
    pub fn is_news(&self) -> bool {
        !self.is_told.swap(true, Ordering::Relaxed)
    }
}
