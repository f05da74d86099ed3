//! Templates of custom properties (UL-19), and what files have of them.

use super::account::Account;
use super::commit_info::PropertyGroup;
use super::errors::{CommitError, InvalidPropertyGroupError};
use super::metadata::Metadata;
use imbl::OrdMap;
use std::collections::HashSet;
use std::sync::Arc;

/// The most bytes in a value (UL-19).
const LONGEST_VALUE: usize = 1024;

/// The templates of an account: id → names of the fields.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PropertyTemplates(OrdMap<Arc<str>, Vec<String>>);

impl PropertyTemplates {
    /// Adds a template, or replaces the one with this id.
    pub fn add(&mut self, template_id: &str, fields: Vec<String>) {
        self.0.insert(template_id.into(), fields);
    }

    /// The templates with their fields, in no order.
    pub fn iter(&self) -> impl Iterator<Item = (&Arc<str>, &Vec<String>)> {
        self.0.iter()
    }

    /// The first of these ids that no template has.
    pub fn missing<'a>(&self, ids: &'a [String]) -> Option<&'a str> {
        let mut ids = ids.iter().map(String::as_str);
        ids.find(|id| !self.0.contains_key(*id))
    }

    /// Whether the groups fit the templates.
    pub fn check(&self, groups: &[PropertyGroup]) -> Result<(), CommitError> {
        use InvalidPropertyGroupError as Error;
        let mut seen = HashSet::new();
        for group in groups {
            let fields = self.0.get(&*group.template_id).ok_or_else(|| {
                CommitError::Properties(Error::TemplateNotFound(group.template_id.clone()))
            })?;
            if !seen.insert(&group.template_id) {
                return Err(CommitError::Properties(Error::DuplicatePropertyGroups));
            }
            if group
                .fields
                .iter()
                .any(|field| !fields.contains(&field.name))
            {
                return Err(CommitError::Properties(Error::DoesNotFitTemplate));
            }
            if group
                .fields
                .iter()
                .any(|field| field.value.len() > LONGEST_VALUE)
            {
                return Err(CommitError::Properties(Error::PropertyFieldTooLarge));
            }
        }
        Ok(())
    }
}

impl Account {
    /// The same metadata with the property groups of these templates: only who names a template is told
    /// of its groups (API-276).
    #[must_use]
    pub fn with_property_groups(&self, mut metadata: Metadata, templates: &[String]) -> Metadata {
        if !templates.is_empty()
            && let Metadata::File(shown) = &mut metadata
            && let Some(file) = self.state.tree.at_rev(&shown.rev)
        {
            let groups = file.version.property_groups.iter();
            let asked_for = groups.filter(|group| templates.contains(&group.template_id));
            shown.property_groups = asked_for.cloned().collect();
        }
        metadata
    }
}

/// What a file has once `new` groups came over its `old` ones: one group for each template.
pub fn merged(old: &[PropertyGroup], new: &[PropertyGroup]) -> Vec<PropertyGroup> {
    let is_new = |old: &PropertyGroup| new.iter().any(|new| new.template_id == old.template_id);
    let kept = old.iter().filter(|group| !is_new(group));
    kept.chain(new).cloned().collect()
}

#[cfg(test)]
mod tests;
