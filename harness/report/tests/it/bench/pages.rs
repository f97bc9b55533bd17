//! The page with pictures.

use std::collections::BTreeMap;

use chatspec_judge::bench::{Bench, GateResult};
use chatspec_report::bench::html;
use regex::Regex;

use super::{gates, sample};

fn page(bench: &Bench, gates: &[GateResult]) -> String {
    let mut out = Vec::new();
    html::write(bench, gates, false, &mut out).expect("a Vec takes everything");
    String::from_utf8(out).expect("text")
}

/// Without its style and with its pictures left out.
fn words(page: &str) -> String {
    let svg = Regex::new("(?s)<svg.*?</svg>").expect("an expression");
    let style = Regex::new("(?s)<style>.*?</style>").expect("an expression");
    let page = svg.replace_all(page, "<svg/>");
    style.replace_all(&page, "<style/>").into_owned()
}

/// The pictures of a page: how many lines and marks with points each plot has.
fn pictures(page: &str) -> BTreeMap<String, Vec<usize>> {
    let figure = Regex::new("(?s)<figure id=\"([a-z]+)\">(.*?)</figure>").expect("an expression");
    let svg = Regex::new("(?s)<svg.*?</svg>").expect("an expression");
    // Colours of what is measured: whatever is no axis and no line behind the picture.
    let axis = ["#575D66", "#E3E6EA"];
    let drawn = Regex::new("<(?:polyline|circle|line)[^>]*(?:stroke|fill)=\"(#[0-9A-F]{6})\"")
        .expect("an expression");
    let figures = figure.captures_iter(page).map(|figure| {
        let plots = svg.find_iter(figure.get(2).map_or("", |body| body.as_str()));
        let counts = plots.map(|plot| {
            let colours = drawn.captures_iter(plot.as_str());
            let colours = colours.filter_map(|drawn| drawn.get(1));
            colours
                .filter(|colour| !axis.contains(&colour.as_str()))
                .count()
        });
        (figure[1].to_owned(), counts.collect())
    });
    figures.collect()
}

#[test]
fn the_words_are_those_of_the_terminal() {
    let bench = sample::usual();
    insta::assert_snapshot!(words(&page(&bench, &gates(&bench))));
}

#[test]
fn a_page_of_limits() {
    insta::assert_snapshot!(words(&page(&sample::limits(), &[])));
}

#[test]
fn every_picture_is_there_and_has_points() {
    let mut bench = sample::usual();
    let limits = sample::limits();
    for (target, searched) in bench.targets.iter_mut().zip(limits.targets) {
        target.limits = searched.limits;
    }
    let pictures = pictures(&page(&bench, &[]));
    let plots: Vec<(&str, usize)> = pictures
        .iter()
        .map(|(name, plots)| (name.as_str(), plots.len()))
        .collect();
    // One plot of rooms for each target and for the null server.
    assert_eq!(
        plots,
        [
            ("knee", 1),
            ("percentiles", 1),
            ("ratios", 1),
            ("rooms", 3),
            ("seconds", 1)
        ]
    );
    for (name, plots) in &pictures {
        assert!(plots.iter().all(|points| *points >= 3), "{name}: {plots:?}");
    }
    // Two percentiles of three turns of two targets.
    assert_eq!(pictures["seconds"], [12]);
    // First, median, last.
    assert_eq!(pictures["rooms"], [3, 3, 3]);
}

#[test]
fn what_was_not_measured_has_no_picture() {
    let gone = sample::bench(vec![sample::gone("gone")]);
    assert!(pictures(&page(&gone, &[])).is_empty());
    let searched = pictures(&page(&sample::limits(), &[]));
    assert_eq!(searched.keys().collect::<Vec<_>>(), ["knee"]);
}

#[test]
fn every_bench_has_a_page() {
    for bench in [
        sample::stalled(),
        sample::lossy(),
        sample::doubtful(),
        sample::merged(),
        sample::part(),
        sample::other_limits(),
    ] {
        let page = page(&bench, &[]);
        assert!(page.ends_with("</html>\n"));
        assert!(
            !page.contains("NaN") && !page.contains("inf\""),
            "{}",
            words(&page)
        );
    }
}

#[test]
fn a_page_needs_nothing_else_and_a_name_cannot_break_out() {
    let mut bench = sample::usual();
    "x\"><script>alert(1)</script>".clone_into(&mut bench.targets[1].name);
    let page = page(&bench, &[]);
    assert!(!page.contains("<script"));
    let addresses = page.replace("http://www.w3.org/2000/svg", "");
    assert!(!addresses.contains("http:") && !addresses.contains("https:"));
    assert!(!addresses.contains("url(") && !addresses.contains("@import"));
}

#[test]
fn night_has_a_colour_for_each_of_the_day() {
    let page = page(&sample::usual(), &[]);
    let drawn = Regex::new("(?:stroke|fill)=\"(#[0-9A-F]{6})\"").expect("an expression");
    let pictures = page.split("</style>").nth(1).expect("a body");
    let mut seen = 0;
    for colour in drawn.captures_iter(pictures) {
        let rule = format!("=\"{}\"]{{", &colour[1]);
        assert!(page.contains(&rule), "no rule for {}", &colour[1]);
        seen += 1;
    }
    assert!(seen > 50, "{seen}");
}
