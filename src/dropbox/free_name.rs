//! Another name for an entry whose own is taken (API-161, API-162).
//!
//! The first free number wins, and to try them from 1 each time makes thousands of uploads to one
//! name quadratic. So the tree remembers for each series of names that was ever searched how far it
//! is taken without a gap, and the gaps that came later. All of it shares structure with its copies,
//! as the tree does.

use super::maps::SharedMap;
use super::path::{Place, name_of, split_extension};
use super::tree::Tree;
use imbl::OrdSet;
use std::sync::Arc;

/// The first free name made from that of `place`: `a (1).txt`, `a (2).txt`, … (API-161), folders like
/// files; for an update `a (Ada's conflicted copy).txt`, then the same with a number (API-162). None where the
/// new name would be too long.
pub(super) fn free_name(
    tree: &mut Tree,
    place: &Place,
    conflicted_copy: Option<&str>,
) -> Option<Place> {
    let (stem, extension) = split_extension(place.name());
    let mut base = stem.to_owned();
    if let Some(words) = conflicted_copy {
        base = format!("{stem} {words}");
        let copy = place.with_name(&format!("{base}{extension}"));
        if tree.entry(copy.key()).is_none() {
            return copy.can_be_named().then_some(copy);
        }
    }
    let numbered = |number| place.with_name(&format!("{base} ({number}){extension}"));
    let series = if extension.is_empty() {
        Series::AtTheEnd
    } else {
        Series::BeforeTheExtension
    };
    // Any of the names tells the series.
    let one = numbered(1);
    let first = tree.first_number(one.key(), series);
    let (number, free) = (first..)
        .map(|number| (number, numbered(number)))
        .find(|(_, place)| tree.entry(place.key()).is_none())?;
    if !free.can_be_named() {
        return None;
    }
    tree.found_number(one.key(), series, number);
    Some(free)
}

/// Where the number stands in the names of a series.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Series {
    /// `a (1).txt`
    BeforeTheExtension,
    /// `a (1)`
    AtTheEnd,
}

impl Series {
    const ALL: [Self; 2] = [Self::BeforeTheExtension, Self::AtTheEnd];

    /// The series of which `key` is one, and its number. A key can be one of both.
    fn of(self, key: &str) -> Option<(Arc<str>, u64)> {
        let name = name_of(key);
        let (stem, extension) = match self {
            Self::BeforeTheExtension => split_extension(name),
            Self::AtTheEnd => (name, ""),
        };
        if self == Self::BeforeTheExtension && extension.is_empty() {
            return None;
        }
        let (base, digits) = stem.strip_suffix(')')?.rsplit_once(" (")?;
        let number = digits.parse().ok()?;
        // `a (01)` and `a (+1)` are names like any others.
        if number == 0 || digits.starts_with(['0', '+']) {
            return None;
        }
        let folder = &key[..key.len() - name.len()];
        // No name holds a zero byte.
        Some((format!("{folder}{base}\0{extension}").into(), number))
    }
}

/// Which numbers are taken, in every series that was searched.
#[derive(Clone, Debug, Default)]
pub(super) struct Numbering(SharedMap<Arc<str>, Taken>);

/// The numbers of one series: all below `end` are taken but for the gaps.
#[derive(Clone, Debug)]
struct Taken {
    end: u64,
    gaps: OrdSet<u64>,
}

impl Numbering {
    #[cfg(test)]
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn first(&self, key: &str, series: Series) -> u64 {
        let taken = series.of(key).and_then(|(series, _)| self.0.get(&series));
        taken.map_or(1, |taken| {
            taken.gaps.get_min().copied().unwrap_or(taken.end)
        })
    }

    pub(super) fn found(&mut self, key: &str, series: Series, number: u64) {
        let Some((series, _)) = series.of(key) else {
            return;
        };
        let taken = self.0.entry(series).or_insert_with(|| Taken {
            end: 1,
            gaps: OrdSet::new(),
        });
        if taken.gaps.is_empty() {
            taken.end = number;
        }
    }

    /// There is an entry at `key` now.
    pub(super) fn taken(&mut self, key: &str) {
        self.update(key, |taken, number| {
            taken.gaps.remove(&number);
            if number == taken.end {
                taken.end += 1;
            }
        });
    }

    /// There is no entry at `key` any more.
    pub(super) fn freed(&mut self, key: &str) {
        self.update(key, |taken, number| {
            if number < taken.end {
                taken.gaps.insert(number);
            }
            while taken.gaps.remove(&(taken.end - 1)).is_some() {
                taken.end -= 1;
            }
        });
    }

    fn update(&mut self, key: &str, change: impl Fn(&mut Taken, u64)) {
        if self.0.is_empty() {
            return;
        }
        for (series, number) in Series::ALL.iter().filter_map(|series| series.of(key)) {
            let Some(taken) = self.0.get_mut(&series) else {
                continue;
            };
            change(taken, number);
            // A series without a name is forgotten.
            if taken.end == 1 {
                self.0.remove(&series);
            }
        }
    }
}

#[cfg(test)]
mod tests;
