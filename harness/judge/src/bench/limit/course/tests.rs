//! A course ends, whatever a target answers; and where the answers make sense, so does its end.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::test_runner::FileFailurePersistence;

use super::*;

fn config() -> ProptestConfig {
    ProptestConfig {
        failure_persistence: Some(Box::new(FileFailurePersistence::Direct(
            "proptest-regressions/limit.txt",
        ))),
        cases: 2_000,
        ..ProptestConfig::default()
    }
}

/// What a course has found.
#[derive(Debug)]
struct Found {
    raised: Raised,
    ended: Ended,
    steps: usize,
    held: Option<f64>,
    broke: Option<f64>,
}

/// The course on a target that answers so to the number of the step and its load.
fn found(mut course: Course, mut answer: impl FnMut(usize, f64) -> StepVerdict) -> Found {
    let ended = loop {
        let load = match course.next() {
            Ok(load) => load,
            Err(ended) => break ended,
        };
        assert!(course.range.contains(&load), "{load} of {course:?}");
        assert!(
            course.raised == Raised::Rate || load.fract() == 0.0,
            "{load} of {course:?}"
        );
        let verdict = answer(course.tried.len(), load);
        course.found(load, verdict);
    };
    let all = Tries::of(course.tried.iter().copied());
    Found {
        raised: course.raised,
        ended,
        steps: course.tried.len(),
        held: all
            .iter()
            .rfind(|tries| tries.has_held())
            .map(|tries| tries.load),
        broke: all
            .iter()
            .find(|tries| tries.has_broken())
            .map(|tries| tries.load),
    }
}

fn monotone(holds: bool) -> StepVerdict {
    if holds {
        StepVerdict::Held
    } else {
        StepVerdict::Broke
    }
}

/// What held is not above the limit, what broke is, and they are close.
fn encloses(found: &Found, truth: f64) -> Result<(), TestCaseError> {
    prop_assert_eq!(found.ended, Ended::Narrowed);
    let (Some(held), Some(broke)) = (found.held, found.broke) else {
        return Err(TestCaseError::fail(format!("{found:?}")));
    };
    prop_assert!(held <= truth && truth < broke, "{} in {:?}", truth, found);
    let close = broke <= held * WIDTH || (found.raised == Raised::Members && broke <= held + 1.0);
    prop_assert!(close, "{:?}", found);
    Ok(())
}

/// A course of rates, and a limit within its range.
fn rates() -> impl Strategy<Value = (Course, f64)> {
    (0.0..5.0_f64, 0.0..6.9_f64).prop_map(|(start, truth)| {
        let range = 1.0..=1e7;
        let course = Course::new(Raised::Rate, 10.0_f64.powf(start), range);
        (course, 10.0_f64.powf(truth))
    })
}

fn verdicts() -> impl Strategy<Value = StepVerdict> {
    prop_oneof![
        Just(StepVerdict::Held),
        Just(StepVerdict::Broke),
        Just(StepVerdict::Doubtful)
    ]
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn any_target_comes_to_an_end(
        (course, _) in rates(),
        answers in proptest::collection::vec(verdicts(), MOST_STEPS + 1),
    ) {
        let found = found(course, |step, _| answers[step]);
        prop_assert!(found.steps <= MOST_STEPS);
        if let (Some(held), Some(broke)) = (found.held, found.broke) {
            prop_assert!(held < broke, "{:?}", found);
        }
    }

    #[test]
    fn noise_ends_in_nothing_that_was_not_answered(
        (course, truth) in rates(),
        wrong in proptest::collection::vec(proptest::bool::weighted(0.1), MOST_STEPS + 1),
    ) {
        let found = found(course, |step, rate| monotone((rate <= truth) != wrong[step]));
        prop_assert!(found.steps <= MOST_STEPS);
        match found.ended {
            Ended::Narrowed => prop_assert!(found.held < found.broke && found.held.is_some()),
            Ended::NothingHeld => prop_assert!(found.held.is_none() && found.broke.is_some()),
            Ended::Ceiling => prop_assert!(found.held == Some(1e7) && found.broke.is_none()),
            Ended::Unsteady => prop_assert_eq!(found.steps, MOST_STEPS),
            Ended::HarnessLimit | Ended::TargetFailed => {
                return Err(TestCaseError::fail(format!("{found:?}")));
            }
        }
    }

    #[test]
    fn a_rate_is_found((course, truth) in rates()) {
        let found = found(course, |_, rate| monotone(rate <= truth));
        encloses(&found, truth)?;
        // Halved from the highest to the lowest, and narrowed.
        prop_assert!(found.steps <= 46, "{:?}", found);
    }

    #[test]
    fn members_are_found(least in 2..50_u32, more in 0..500_u32, above in 0..100_000_u32) {
        let range = f64::from(least)..=1e7;
        let course = Course::new(Raised::Members, f64::from(least + more), range);
        let truth = f64::from(least + above);
        let found = found(course, |_, members| monotone(members <= truth));
        encloses(&found, truth)?;
    }

    #[test]
    fn one_wrong_answer_changes_nothing((course, truth) in rates(), wrong in 0..40_usize) {
        let found = found(course, |step, rate| monotone((rate <= truth) != (step == wrong)));
        encloses(&found, truth)?;
    }

    #[test]
    fn one_doubtful_turn_changes_nothing((course, truth) in rates(), doubtful in 0..40_usize) {
        let found = found(course, |step, rate| {
            if step == doubtful {
                StepVerdict::Doubtful
            } else {
                monotone(rate <= truth)
            }
        });
        encloses(&found, truth)?;
    }
}

#[test]
fn a_target_that_answers_now_this_and_now_that_has_no_limit() {
    let course = Course::new(Raised::Rate, 500.0, 1.0..=1e7);
    let mut seen = BTreeMap::<u64, u32>::new();
    let found = found(course, |_, load| {
        let times = seen.entry(load.to_bits()).or_default();
        *times += 1;
        monotone(*times == 1 && load < 1e6)
    });
    assert_eq!((found.ended, found.steps), (Ended::Unsteady, MOST_STEPS));
}
