//! What a user reads about mutants.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use chatspec_mutants::Mutant;

const RIGHT: [Mutant; 2] = [Mutant::NONE, Mutant::EXTENDED];

#[test]
fn every_mutant_is_found_by_its_name() {
    let mut names = BTreeSet::new();
    for mutant in RIGHT.into_iter().chain(Mutant::all()) {
        assert_eq!(mutant.name().parse(), Ok(mutant));
        assert!(names.insert(mutant.name()), "{mutant} is there twice");
    }
    assert_eq!("none".parse(), Ok(Mutant::NONE));
    assert!(RIGHT.into_iter().all(Mutant::is_right));
    assert!(!Mutant::all().any(Mutant::is_right));
}

#[test]
fn summaries() {
    let mut list = String::new();
    let mut chapter = "";
    for mutant in RIGHT.into_iter().chain(Mutant::all()) {
        if mutant.chapter() != chapter {
            chapter = mutant.chapter();
            writeln!(list, "{chapter}").unwrap();
        }
        writeln!(list, "  {mutant:22} {}", mutant.summary()).unwrap();
    }
    insta::assert_snapshot!(list);
}

#[test]
fn names_that_no_mutant_has() {
    let message = |name: &str| name.parse::<Mutant>().unwrap_err().to_string();
    insta::assert_snapshot!(message("welcome-to-sefl"));
    insta::assert_snapshot!(message("Echo-To-Sender"));
    insta::assert_snapshot!(message("something else"));
}
