//! Threads that take processor time from everyone: a neighbour as a shared machine has them.

use std::sync::{Arc, Weak};
use std::time::Duration;
use std::{hint, io, thread};

use super::pause::Beat;
use crate::clock::{self, Nanos};

/// How often a thread that burns only part of a core looks whether it has burnt enough.
const PERIOD: Duration = Duration::from_millis(1);

/// What a thread that was not let on a processor makes up for later at most, in nanoseconds.
const MOST_OWED: u64 = 10_000_000;

/// Keeps so many cores busy while what is returned is there.
pub(super) fn cores(cores: f64) -> io::Result<Arc<()>> {
    let lives = Arc::new(());
    let mut rest = cores;
    while rest > 0.0 {
        let (share, lives) = (rest.min(1.0), Arc::downgrade(&lives));
        thread::Builder::new()
            .name("null-burn".to_owned())
            .spawn(move || {
                if let Err(error) = burn(share, &lives) {
                    tracing::warn!(%error, "a core is not kept busy any more");
                }
            })?;
        rest -= 1.0;
    }
    Ok(lives)
}

/// Keeps the calling thread on a processor for a share of the time, as long as `lives` is there.
fn burn(share: f64, lives: &Weak<()>) -> io::Result<()> {
    let beat = Beat::new(PERIOD)?;
    let mut begun = Nanos::now();
    let mut used = clock::on_processor();
    while lives.strong_count() > 0 {
        let owed = clock::nanos(share * clock::seconds(Nanos::now().since(begun)));
        let until = used + owed;
        while clock::on_processor() < until {
            for _ in 0..100 {
                hint::spin_loop();
            }
        }
        if share < 1.0 {
            beat.wait()?;
        }
        let due = clock::nanos(share * clock::seconds(Nanos::now().since(begun)));
        if due.saturating_sub(clock::on_processor() - used) > MOST_OWED {
            begun = Nanos::now();
            used = clock::on_processor();
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::pause::stand_still;
    use super::*;

    #[test]
    fn half_a_core_is_half_of_the_time() {
        // On a machine that has other things to do it is less now and then, but never more.
        let shares = (0..20).map(|_| {
            let lives = Arc::new(());
            let weak = Arc::downgrade(&lives);
            let burner = thread::spawn(move || {
                let (begun, before) = (Nanos::now(), clock::on_processor());
                burn(0.5, &weak).unwrap();
                let used = clock::seconds(clock::on_processor() - before);
                let time = clock::seconds(Nanos::now().since(begun));
                // One that came to life when it was over already did not burn.
                if time < 0.1 { 0.0 } else { used / time }
            });
            stand_still(Duration::from_millis(200)).unwrap();
            drop(lives);
            let share = burner.join().unwrap();
            assert!(share < 0.6, "{share}");
            share
        });
        let too_low: Vec<_> = shares.take_while(|share| *share < 0.1).collect();
        assert!(too_low.len() < 20, "{too_low:?}");
    }

    #[test]
    fn no_core_is_no_thread() {
        assert_eq!(Arc::weak_count(&cores(0.0).unwrap()), 0);
        assert_eq!(Arc::weak_count(&cores(0.02).unwrap()), 1);
    }
}
