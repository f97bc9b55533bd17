//! Which lines of a transcript are shown.
//!
//! A page with a thousand failures must still open: what there is room for is shared out, short
//! transcripts whole, and of the others what is around the lines that show what was broken.

use std::collections::{BTreeMap, BTreeSet};

use chatspec_judge::verdict::{CaseReport, RunReport, WireNote};

use crate::line::Line;

/// What all transcripts together may take, in bytes. A page of a thousand cases is then below five
/// megabytes, with all that is said about each besides.
const ALL: usize = 2_200_000;

/// What one transcript may take, however few there are.
const ONE: usize = 80_000;

/// How much of a line or packet is shown, in characters.
const LONGEST: usize = 240;

/// The same where there is little room.
const SHORTEST: usize = 96;

/// How much each transcript may take.
pub(super) struct Room {
    each: usize,
}

/// The lines to show.
pub(super) struct Excerpt<'a> {
    pub(super) lines: Vec<Shown<'a>>,
    /// How long each may be.
    pub(super) longest: usize,
}

/// A line of a transcript.
pub(super) struct Shown<'a> {
    pub(super) index: usize,
    pub(super) marked: bool,
    pub(super) said: Line<'a>,
    pub(super) wire: Option<&'a WireNote>,
}

impl Room {
    /// Shares out what there is: who needs less leaves it to the others.
    pub(super) fn new(report: &RunReport) -> Self {
        let cases = report.targets.iter().flat_map(|target| &target.cases);
        let told = cases.filter(|case| !case.transcript.is_empty());
        let mut costs: Vec<usize> = told.map(whole).collect();
        costs.sort_unstable();
        let (mut left, mut sharers) = (ALL, costs.len());
        for cost in costs {
            if cost * sharers > left {
                return Self {
                    each: left / sharers,
                };
            }
            left -= cost;
            sharers -= 1;
        }
        Self { each: ONE }
    }

    pub(super) fn excerpt<'a>(&self, case: &'a CaseReport) -> Excerpt<'a> {
        let longest = self.longest();
        let wire: BTreeMap<usize, &WireNote> =
            case.wire.iter().map(|note| (note.line, note)).collect();
        let cost = |index: usize| {
            let line = case.transcript.get(index).map_or("", String::as_str);
            line_cost(line, wire.get(&index).copied(), longest)
        };
        let lines = around(case.transcript.len(), &case.marked, cost, self.each);
        let lines = lines.into_iter().filter_map(|index| {
            Some(Shown {
                index,
                marked: case.marked.contains(&index),
                said: Line::of(case.transcript.get(index)?),
                wire: wire.get(&index).copied(),
            })
        });
        Excerpt {
            lines: lines.collect(),
            longest,
        }
    }

    const fn longest(&self) -> usize {
        if self.each < ONE / 4 {
            SHORTEST
        } else {
            LONGEST
        }
    }
}

fn whole(case: &CaseReport) -> usize {
    let wire: BTreeMap<usize, &WireNote> = case.wire.iter().map(|note| (note.line, note)).collect();
    let lines = case.transcript.iter().enumerate();
    let costs = lines.map(|(index, line)| line_cost(line, wire.get(&index).copied(), SHORTEST));
    // What is beyond the most that one may have changes nothing.
    costs.sum::<usize>().min(ONE)
}

/// About what a line takes, in bytes: as a row, and in the picture.
fn line_cost(line: &str, wire: Option<&WireNote>, longest: usize) -> usize {
    const FRAME: usize = 150;
    const LABEL: usize = 60;
    let packets = wire.map_or(&[][..], |wire| &wire.packets);
    let packets: usize = packets.iter().map(|packet| packet.len().min(longest)).sum();
    FRAME + line.len().min(longest) + line.len().min(LABEL) + packets
}

/// The lines that fit into `room`, in order: those that are marked, or the last one where none is, for
/// a run ends soon after what broke it; then, one after the other, what is beside them.
fn around(
    lines: usize,
    marked: &[usize],
    cost: impl Fn(usize) -> usize,
    room: usize,
) -> BTreeSet<usize> {
    /// Of many marks the first are shown, where it went wrong, and the last, where the run ended.
    const MARKS: usize = 12;
    let mut marks: Vec<usize> = marked
        .iter()
        .copied()
        .filter(|mark| *mark < lines)
        .collect();
    if marks.len() > MARKS {
        marks.drain(MARKS - 1..marks.len() - 1);
    }
    if marks.is_empty() {
        marks.extend(lines.checked_sub(1));
    }
    let mut shown = BTreeSet::new();
    let mut used = 0;
    for distance in 0..lines {
        let mut full = true;
        for mark in &marks {
            let before = mark.checked_sub(distance);
            let after = Some(mark + distance).filter(|after| *after < lines);
            for index in [before, after].into_iter().flatten() {
                if shown.contains(&index) {
                    full = false;
                    continue;
                }
                let more = cost(index);
                if used + more <= room || shown.is_empty() {
                    shown.insert(index);
                    used += more;
                    full = false;
                }
            }
        }
        if full {
            break;
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(lines: usize, marked: &[usize], room: usize) -> Vec<usize> {
        around(lines, marked, |_| 1, room).into_iter().collect()
    }

    #[test]
    fn what_fits_is_shown_whole() {
        assert_eq!(shown(4, &[1], 4), [0, 1, 2, 3]);
        assert!(shown(0, &[], 4).is_empty());
    }

    #[test]
    fn around_what_is_marked_or_at_the_end() {
        assert_eq!(shown(100, &[50], 3), [49, 50, 51]);
        assert_eq!(shown(100, &[0], 3), [0, 1, 2]);
        assert_eq!(shown(100, &[10, 90], 4), [9, 10, 11, 90]);
        assert_eq!(shown(100, &[], 3), [97, 98, 99]);
        // A report from elsewhere may mark what it does not hold.
        assert_eq!(shown(100, &[100], 1), [99]);
    }

    #[test]
    fn one_line_is_always_shown() {
        assert_eq!(around(9, &[4], |_| 1_000, 10), BTreeSet::from([4]));
    }

    #[test]
    fn of_many_marks_the_first_and_the_last() {
        let marks: Vec<usize> = (0..100).collect();
        assert_eq!(
            shown(100, &marks, 12),
            [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 99]
        );
    }
}
