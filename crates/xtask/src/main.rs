//! `cargo xtask`: build, run and test Cuecard.
fn main() {}
