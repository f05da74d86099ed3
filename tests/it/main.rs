//! The fake as a whole, from outside. One binary, so that it is linked once.

mod model;
