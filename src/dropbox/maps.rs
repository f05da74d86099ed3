//! Maps with a quick hash: the keys are tokens, ids and paths of a test, and nobody gains by a collision.

use foldhash::fast::RandomState;
use imbl::shared_ptr::DefaultSharedPtr;

/// A map that shares its structure with its copies.
pub type SharedMap<K, V> = imbl::GenericHashMap<K, V, RandomState, DefaultSharedPtr>;
/// A set that shares its structure with its copies.
pub type SharedSet<K> = imbl::GenericHashSet<K, RandomState, DefaultSharedPtr>;
/// A map.
pub type Map<K, V> = std::collections::HashMap<K, V, RandomState>;
