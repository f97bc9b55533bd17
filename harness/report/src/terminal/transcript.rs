//! The excerpt of a transcript around the lines that broke the case.

use std::io;
use std::ops::Range;

use chatspec_judge::verdict::CaseReport;

use crate::line::Line;
use crate::page::Page;
use crate::style::Ink;
use crate::text;

/// How many lines are shown on either side of what broke the case.
const AROUND: usize = 12;

/// The same where several places are shown.
const BESIDE: usize = 4;

/// How many places are shown: one is enough to see what happened, and a case that goes on behind a
/// line of a lower level may have many.
const PLACES: usize = 3;

/// Marks (`>` for what broke the case, `#` for what the harness did for its proofs), times to the
/// right of their column, then what happened.
pub(super) fn write(page: &mut Page<'_>, case: &CaseReport) -> io::Result<()> {
    let lines: Vec<Line<'_>> = case.transcript.iter().map(|line| Line::of(line)).collect();
    if lines.is_empty() {
        return Ok(());
    }
    let places = excerpts(lines.len(), &case.marked);
    let shown = places.iter().flat_map(|place| &lines[place.clone()]);
    let stamps = shown.map(|line| line.stamp.len()).max().unwrap_or(0);
    page.blank()?;
    let mut at = 0;
    for place in &places {
        let side = if at == 0 { "before" } else { "between" };
        left_out(page, place.start - at, side)?;
        for index in place.clone() {
            excerpt_line(page, &lines[index], case.marked.contains(&index), stamps)?;
        }
        at = place.end;
    }
    left_out(page, lines.len() - at, "after")?;
    page.blank()
}

fn excerpt_line(
    page: &mut Page<'_>,
    line: &Line<'_>,
    marked: bool,
    stamps: usize,
) -> io::Result<()> {
    let (mark, ink) = match line.comment {
        _ if marked => (">", Ink::Bad),
        true => ("#", Ink::Dim),
        false => (" ", Ink::Plain),
    };
    let front = format!("  {mark} {} ", text::pad_left(line.stamp, stamps));
    let room = page.style.room(front.len());
    let words = text::shorten(&text::escape(line.words), room, None);
    let line = page.paint(ink, &format!("{front}{words}"));
    page.line(&line)
}

fn left_out(page: &mut Page<'_>, number: usize, side: &str) -> io::Result<()> {
    if number == 0 {
        return Ok(());
    }
    let words = page.paint(
        Ink::Dim,
        &format!("    … {} {side}", text::count(number, "line")),
    );
    page.line(&words)
}

/// The lines to show, in order and apart from each other: around the marked ones, or, where nothing
/// that came shows what is missing, the last ones, for a run ends soon after what broke it.
///
/// What one side of a single place does not need goes to the other. Of many places the first is
/// shown, where it went wrong, and the last, where the run ended over it.
fn excerpts(lines: usize, marked: &[usize]) -> Vec<Range<usize>> {
    let most = (2 * AROUND + 1).min(lines);
    let marked: Vec<usize> = marked
        .iter()
        .copied()
        .filter(|mark| *mark < lines)
        .collect();
    let (Some(&first), Some(&last)) = (marked.iter().min(), marked.iter().max()) else {
        return std::iter::once(lines - most..lines).collect();
    };
    if last - first < most {
        let start = usize::midpoint(first, last).saturating_sub(AROUND);
        let start = start.min(lines - most);
        return std::iter::once(start..start + most).collect();
    }
    let mut places: Vec<Range<usize>> = Vec::new();
    for mark in marked {
        let place = mark.saturating_sub(BESIDE)..(mark + BESIDE + 1).min(lines);
        match places.last_mut() {
            Some(before) if place.start <= before.end => before.end = place.end,
            _ => places.push(place),
        }
    }
    if places.len() > PLACES {
        places.drain(1..=places.len() - PLACES);
    }
    places
}

#[cfg(test)]
#[expect(clippy::single_range_in_vec_init, reason = "the excerpts are ranges")]
mod tests {
    use super::*;

    #[test]
    fn one_place_stays_inside_and_keeps_its_size() {
        assert_eq!(excerpts(5, &[2]), [0..5]);
        assert_eq!(excerpts(100, &[50]), [38..63]);
        assert_eq!(excerpts(100, &[3]), [0..25]);
        assert_eq!(excerpts(100, &[99]), [75..100]);
        assert_eq!(excerpts(100, &[40, 60]), [38..63]);
    }

    #[test]
    fn where_nothing_is_marked_the_end_is_shown() {
        assert_eq!(excerpts(100, &[]), [75..100]);
        assert_eq!(excerpts(3, &[]), [0..3]);
        // A report from elsewhere may mark what it does not hold.
        assert_eq!(excerpts(100, &[100]), [75..100]);
    }

    #[test]
    fn places_apart_are_shown_apart_and_not_all_of_many() {
        assert_eq!(excerpts(100, &[2, 50]), [0..7, 46..55]);
        assert_eq!(excerpts(100, &[40, 48, 99]), [36..53, 95..100]);
        assert_eq!(excerpts(100, &[2, 20, 40, 60, 80]), [0..7, 56..65, 76..85]);
    }
}
