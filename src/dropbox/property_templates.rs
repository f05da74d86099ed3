//! Templates of custom properties (UL-19).

use super::commit_info::PropertyGroup;
use super::errors::{CommitError, InvalidPropertyGroupError};
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
