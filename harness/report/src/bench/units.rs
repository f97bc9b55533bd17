//! Figures as people read them.

use chatspec_judge::bench::compare::Ratio;

use crate::text;

/// A latency: `0.21 ms`, `12.4 ms`, `840 ms`.
pub(super) fn micros(us: u64) -> String {
    text::micros(us)
}

/// Seconds: `840 ms`, `12 s`, `2.5 s`, `2 min 5 s`.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the time that a bench takes, which is not negative"
)]
pub(super) fn seconds(seconds: f64) -> String {
    let whole = (1.0..60.0).contains(&seconds) && (seconds - seconds.round()).abs() < 1e-9;
    if whole {
        format!("{seconds:.0} s")
    } else {
        text::duration((seconds * 1_000.0).round() as u64)
    }
}

/// A number with its thousands apart.
pub(super) fn whole(number: u64) -> String {
    usize::try_from(number).map_or_else(|_| number.to_string(), text::digits)
}

/// A number and its noun: `1 message`, `5,000 messages`.
pub(super) fn count(number: u64, noun: &str) -> String {
    usize::try_from(number).map_or_else(
        |_| format!("{number} {noun}s"),
        |number| text::count(number, noun),
    )
}

/// A rate or another number that need not be whole: `4,000`, `12.5`, `0.5`.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "rates are positive and far below 2^53"
)]
pub(super) fn number(number: f64) -> String {
    if number >= 100.0 || (number - number.round()).abs() < 1e-9 {
        whole(number.round() as u64)
    } else if number >= 10.0 {
        format!("{number:.1}")
    } else {
        format!("{number:.2}")
    }
}

/// A share in a hundred, always rounded down: what is not all never reads as `100 %`.
pub(super) fn share(share: f64) -> String {
    if share >= 1.0 {
        "100 %".to_owned()
    } else {
        // The tiny summand is for shares such as 0.29, which times a hundred is 28.999…
        format!("{:.3} %", ((share * 100_000.0) + 1e-6).floor() / 1_000.0)
    }
}

/// How busy something was, in a hundred.
pub(super) fn busy(share: f64) -> String {
    format!("{:.0} %", share * 100.0)
}

/// Bytes: `812 B`, `14.2 KiB`, `1.5 GiB`.
#[expect(clippy::cast_precision_loss, reason = "bytes of memory, below 2^52")]
pub(super) fn bytes(bytes: u64) -> String {
    let mut size = bytes as f64;
    let mut unit = "B";
    for larger in ["KiB", "MiB", "GiB", "TiB"] {
        if size < 1_024.0 {
            break;
        }
        size /= 1_024.0;
        unit = larger;
    }
    if unit == "B" || size >= 100.0 {
        format!("{size:.0} {unit}")
    } else {
        format!("{size:.1} {unit}")
    }
}

/// `1.98x`
pub(super) fn times(times: f64) -> String {
    if times >= 100.0 {
        format!("{times:.0}x")
    } else if times >= 10.0 {
        format!("{times:.1}x")
    } else {
        format!("{times:.2}x")
    }
}

/// `1.98x (1.91..2.05)`
pub(super) fn ratio(ratio: Ratio) -> String {
    let [value, low, high] = [ratio.value, ratio.low, ratio.high].map(times);
    let [low, high] = [&low, &high].map(|end| end.trim_end_matches('x'));
    format!("{value} ({low}..{high})")
}

/// `1.12..1.19 ms`, or with both units where they differ.
pub(super) fn span(low: u64, high: u64) -> String {
    let [low, high] = [low, high].map(micros);
    match (low.split_once(' '), high.split_once(' ')) {
        (Some((number, unit)), Some((_, same))) if unit == same => format!("{number}..{high}"),
        _ => format!("{low}..{high}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_all_is_never_all() {
        assert_eq!(share(1.0), "100 %");
        assert_eq!(share(0.999_999_9), "99.999 %");
        assert_eq!(share(0.29), "29.000 %");
        assert_eq!(share(0.0), "0.000 %");
    }

    #[test]
    fn figures_are_read_at_a_glance() {
        assert_eq!(bytes(812), "812 B");
        assert_eq!(bytes(14_541), "14.2 KiB");
        assert_eq!(bytes(8 << 30), "8.0 GiB");
        assert_eq!(bytes(300 << 20), "300 MiB");
        assert_eq!(number(4_000.4), "4,000");
        assert_eq!(number(12.54), "12.5");
        assert_eq!(number(0.5), "0.50");
        assert_eq!(number(2.0), "2");
        assert_eq!(seconds(10.0), "10 s");
        assert_eq!(seconds(2.5), "2.50 s");
        assert_eq!(seconds(0.25), "250 ms");
        assert_eq!(seconds(125.0), "2 min 5 s");
        assert_eq!(times(1.983), "1.98x");
        assert_eq!(times(19.83), "19.8x");
        assert_eq!(times(1_983.0), "1983x");
        assert_eq!(span(1_120, 1_190), "1.12..1.19 ms");
        assert_eq!(span(840_000, 1_200_000), "840 ms..1.20 s");
        let wide = Ratio {
            value: 1.98,
            low: 1.91,
            high: 20.5,
        };
        assert_eq!(ratio(wide), "1.98x (1.91..20.5)");
    }
}
