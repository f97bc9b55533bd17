//! "did you mean ...?"

/// Longer words are nobody's slip of the pen, and comparing them takes quadratic time.
const LONGEST: usize = 64;

/// The word of `known` that `word` is most likely a slip of the pen for; the first among equals.
///
/// Case and the choice between `-` and `_` count for nothing, two letters swapped count once. One
/// slip is forgiven for every three letters, one in words of two, none in a single letter.
pub fn closest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if word.len() > LONGEST {
        return None;
    }
    let folded = fold(word);
    let letters = folded.chars().count();
    let forgiven = (letters / 3).max(usize::from(letters > 1));
    known
        .into_iter()
        .filter(|candidate| *candidate != word && candidate.len() <= LONGEST)
        .map(|candidate| (strsim::osa_distance(&folded, &fold(candidate)), candidate))
        .filter(|(distance, _)| *distance <= forgiven)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

fn fold(word: &str) -> String {
    word.to_lowercase().replace('_', "-")
}

#[cfg(test)]
mod tests {
    use super::closest;

    #[test]
    fn a_slip_of_the_pen_is_found() {
        let known = ["welcome", "new_message", "leave_room"];
        assert_eq!(closest("welcom", known), Some("welcome"));
        assert_eq!(closest("wlecome", known), Some("welcome"));
        assert_eq!(closest("New-Message", known), Some("new_message"));
    }

    #[test]
    fn another_word_is_not_a_slip() {
        assert_eq!(closest("typing", ["welcome", "new_message"]), None);
        assert_eq!(closest("a", ["bcd"]), None);
    }

    #[test]
    fn the_nearest_wins_and_the_first_among_equals() {
        assert_eq!(closest("ben", ["bea", "bena", "beny"]), Some("bea"));
        assert_eq!(closest("hobbi", ["lobby", "hobby"]), Some("hobby"));
    }

    #[test]
    fn one_letter_names_are_not_mistaken_for_everything() {
        assert_eq!(closest("x", ["y", "z"]), None);
        assert_eq!(closest("X", ["y", "x"]), Some("x"));
    }

    #[test]
    fn a_huge_word_costs_nothing() {
        let word = "a".repeat(1 << 20);
        assert_eq!(closest(&word, ["aaa"]), None);
    }
}
