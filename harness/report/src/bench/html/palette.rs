//! Colours, by day and by night.
//!
//! plotters writes a fixed colour into each element. CSS overrides such an attribute, so every colour
//! that a picture may have is one of these, and the page's style maps each to a variable with a value
//! for light and one for dark. A picture that is cut out of the page keeps the colours of the day.

use std::fmt::Write as _;

use plotters::style::RGBColor;

/// A colour that has a meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Colour {
    /// Of a target, by its place among them.
    Target(usize),
    /// Of the null server, and of what else is ours.
    Null,
    /// Axes and their labels.
    Axis,
    /// The lines behind a picture.
    Grid,
    /// A limit that should not be crossed.
    Limit,
    /// The first, the median and the last member.
    First,
    Median,
    Last,
}

/// Name of the variable, by day, by night. The targets' are told apart by people who do not see all
/// colours.
const COLOURS: [(&str, u32, u32); 13] = [
    ("--t0", 0x00_72_b2, 0x4d_a8_e0),
    ("--t1", 0xd5_5e_00, 0xf0_8a_3c),
    ("--t2", 0x00_9e_73, 0x2f_c4_9a),
    ("--t3", 0xaa_4f_94, 0xd9_8a_c6),
    ("--t4", 0x9a_7b_00, 0xe3_c2_3c),
    ("--t5", 0x5b_4f_c4, 0x9d_94_f2),
    ("--null", 0x76_7c_85, 0x97_9e_a8),
    ("--axis", 0x57_5d_66, 0xa4_ab_b5),
    ("--grid", 0xe3_e6_ea, 0x2c_32_3a),
    ("--limit", 0xc0_1f_2e, 0xff_6b_74),
    ("--first", 0x7a_b5_e0, 0x2d_6c_a3),
    ("--median", 0x2f_7f_c2, 0x58_a0_db),
    ("--last", 0x0b_3a_66, 0xb4_da_f7),
];

/// So many targets have a colour of their own.
const TARGETS: usize = 6;

impl Colour {
    const fn index(self) -> usize {
        match self {
            Self::Target(place) => place % TARGETS,
            Self::Null => 6,
            Self::Axis => 7,
            Self::Grid => 8,
            Self::Limit => 9,
            Self::First => 10,
            Self::Median => 11,
            Self::Last => 12,
        }
    }

    /// The variable that the page's style has for it.
    pub(super) const fn variable(self) -> &'static str {
        COLOURS[self.index()].0
    }

    /// What plotters writes.
    pub(super) const fn by_day(self) -> RGBColor {
        let [_, red, green, blue] = COLOURS[self.index()].1.to_be_bytes();
        RGBColor(red, green, blue)
    }
}

/// The variables, and what overrides the colours of a picture.
pub(super) fn css() -> String {
    let mut day = String::new();
    let mut night = String::new();
    let mut rules = String::new();
    // Writing to a String cannot fail.
    for (name, light, dark) in COLOURS {
        write!(day, "{name}:#{light:06x};").unwrap_or_default();
        write!(night, "{name}:#{dark:06x};").unwrap_or_default();
        writeln!(
            rules,
            "svg [stroke=\"#{light:06X}\"]{{stroke:var({name})}} svg [fill=\"#{light:06X}\"]{{fill:var({name})}}"
        )
        .unwrap_or_default();
    }
    format!(":root{{{day}}}\n@media (prefers-color-scheme:dark){{:root{{{night}}}}}\n{rules}")
}
