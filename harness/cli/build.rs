//! The suite is part of the binary: a scenario that comes, goes or changes is a reason to build it
//! again, which the macro that takes the folder in does not say to Cargo.

fn main() {
    println!("cargo::rerun-if-changed=../../scenarios");
}
