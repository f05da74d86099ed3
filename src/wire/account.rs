//! Results about the user (API-226 to API-230).

use serde_json::{Value, json};

use crate::dropbox::account::{Account, Profile};

/// `FullAccount` (API-230).
pub fn full_account(account: &Account) -> Value {
    let profile = &account.profile;
    let root = account.root_namespace_id.to_string();
    let home = account.home_namespace_id.to_string();
    // A user whose home is not the root is a member of a team space.
    let root_info = if root == home {
        json!({".tag": "user", "root_namespace_id": root, "home_namespace_id": home})
    } else {
        json!({
            ".tag": "team",
            "root_namespace_id": root,
            "home_namespace_id": home,
            "home_path": account.home.display(),
        })
    };
    json!({
        "account_id": account.account_id,
        "name": name(profile),
        "email": profile.email,
        "email_verified": profile.email_verified,
        "disabled": false,
        "country": profile.country,
        "locale": profile.locale,
        "referral_link": format!("https://db.tt/{}", account.user_id),
        "is_paired": false,
        "account_type": {".tag": profile.account_type.as_str()},
        "root_info": root_info,
    })
}

/// `BasicAccount` (SH-134).
pub fn basic_account(account: &Account, is_teammate: bool) -> Value {
    let profile = &account.profile;
    json!({
        "account_id": account.account_id,
        "name": name(profile),
        "email": profile.email,
        "email_verified": profile.email_verified,
        "disabled": false,
        "is_teammate": is_teammate,
    })
}

/// `Name`.
fn name(profile: &Profile) -> Value {
    let first = profile.given_name.chars().take(1);
    let initials = first.chain(profile.surname.chars().take(1));
    json!({
        "given_name": profile.given_name,
        "surname": profile.surname,
        "familiar_name": profile.given_name,
        "display_name": profile.display_name(),
        "abbreviated_name": initials.collect::<String>(),
    })
}

/// `UserFeaturesGetValuesBatchResult` (SH-136): a team space has what teams have.
pub fn features(account: &Account, features: &[&str]) -> Value {
    let in_a_team = account.root_namespace_id != account.home_namespace_id;
    let value = |feature: &&str| {
        let enabled = *feature == "paper_as_files" || in_a_team && *feature != "file_locking";
        json!({".tag": feature, *feature: {".tag": "enabled", "enabled": enabled}})
    };
    json!({"values": features.iter().map(value).collect::<Vec<_>>()})
}

/// `SpaceUsage` of an account that is not part of a team (API-229). Both in bytes.
pub fn space_usage(used: u64, allocated: u64) -> Value {
    json!({"used": used, "allocation": {".tag": "individual", "allocated": allocated}})
}

/// `EchoResult` (API-226).
pub fn echo(query: &str) -> Value {
    json!({"result": query})
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::dropbox::assumptions::Assumptions;
    use crate::dropbox::ids::IdSource;
    use crate::dropbox::path::Place;
    use crate::wire::print;

    fn account() -> Account {
        let assumptions = Arc::new(Assumptions::default());
        let mut account = Account::new(IdSource::from_seed(7), Profile::default(), assumptions);
        account.account_id = "dbid:x".into();
        account.user_id = 44_076_342;
        account.root_namespace_id = 70_721_710;
        account.home_namespace_id = 70_721_710;
        account
    }

    #[test]
    fn an_account_looks_as_recorded() {
        // API-230
        assert_eq!(
            print::python(&full_account(&account())),
            r#"{"account_id": "dbid:x", "name": {"given_name": "Fake", "surname": "Dropbox", "familiar_name": "Fake", "display_name": "Fake Dropbox", "abbreviated_name": "FD"}, "email": "fake@example.com", "email_verified": true, "disabled": false, "country": "US", "locale": "en", "referral_link": "https://db.tt/44076342", "is_paired": false, "account_type": {".tag": "basic"}, "root_info": {".tag": "user", "root_namespace_id": "70721710", "home_namespace_id": "70721710"}}"#
        );
    }

    #[test]
    fn a_member_of_a_team_space_has_a_home_elsewhere() {
        let mut account = account();
        account.root_namespace_id = 5;
        account.home = Place::root().join("/Fake Dropbox").unwrap();
        let text = print::python(&full_account(&account));
        assert!(
            text.ends_with(
                r#""root_info": {".tag": "team", "root_namespace_id": "5", "home_namespace_id": "70721710", "home_path": "/Fake Dropbox"}}"#
            ),
            "{text}"
        );
    }

    #[test]
    fn space_and_echo() {
        assert_eq!(
            print::python(&space_usage(5, 2_147_483_648)),
            r#"{"used": 5, "allocation": {".tag": "individual", "allocated": 2147483648}}"#
        );
        assert_eq!(print::python(&echo("foo")), r#"{"result": "foo"}"#);
    }
}
