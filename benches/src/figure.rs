//! One line of the table.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::measure::Pair;

/// A measured figure.
#[derive(Debug, Clone)]
pub struct Figure {
    /// Its name, as `--figure` takes it.
    pub name: &'static str,
    /// What one repetition of ours took.
    pub ours: f64,
    /// What one repetition of the bound took.
    pub bound: f64,
    /// Ours in parts of the bound.
    pub ratio: f64,
    /// What both are counted in.
    pub unit: &'static str,
    /// What is asked of it.
    pub goal: Goal,
}

/// What is asked of a figure.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Goal {
    /// Ours is at most so many times the bound.
    RatioAtMost(f64),
    /// Ours is at least so many times the bound.
    RatioAtLeast(f64),
    /// Ours is at most this.
    AtMost(f64),
    /// Ours is at most this more than the bound.
    AtMostMore(f64),
    /// It is only reported.
    None,
}

impl Figure {
    /// Processor time in microseconds, from nanoseconds.
    #[must_use]
    pub fn cpu(name: &'static str, pair: Pair, goal: Goal) -> Self {
        Self {
            name,
            ours: pair.ours / 1000.0,
            bound: pair.bound / 1000.0,
            ratio: pair.ratio,
            unit: "µs",
            goal,
        }
    }

    /// Two numbers.
    #[must_use]
    pub fn plain(name: &'static str, ours: f64, bound: f64, unit: &'static str, goal: Goal) -> Self {
        Self { name, ours, bound, ratio: ours / bound, unit, goal }
    }

    /// Whether the goal is reached; `None` where there is none.
    #[must_use]
    pub fn met(&self) -> Option<bool> {
        match self.goal {
            Goal::RatioAtMost(limit) => Some(self.ratio <= limit),
            Goal::RatioAtLeast(limit) => Some(self.ratio >= limit),
            Goal::AtMost(limit) => Some(self.ours <= limit),
            Goal::AtMostMore(limit) => Some(self.ours - self.bound <= limit),
            Goal::None => None,
        }
    }

    /// The object that `--json` prints.
    #[must_use]
    pub fn json(&self) -> Value {
        json!({
            "figure": self.name,
            "ours": rounded(self.ours),
            "bound": rounded(self.bound),
            "ratio": rounded(self.ratio),
            "unit": self.unit,
            "goal": self.goal.text(self.unit),
            "met": self.met(),
        })
    }
}

impl Goal {
    fn text(self, unit: &str) -> String {
        match self {
            Self::RatioAtMost(limit) => format!("≤ {limit:.2} ×"),
            Self::RatioAtLeast(limit) => format!("≥ {limit:.2} ×"),
            Self::AtMost(limit) => format!("≤ {limit} {unit}"),
            Self::AtMostMore(limit) => format!("≤ {limit} {unit} more"),
            Self::None => "–".into(),
        }
    }
}

fn rounded(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}

/// The table's head.
#[must_use]
pub fn head() -> String {
    format!(
        "{:<34} {:>12} {:>12} {:>7}  {:<16} met\n{}\n",
        "figure",
        "ours",
        "bound",
        "ratio",
        "goal",
        "─".repeat(90)
    )
}

/// The table's line for a figure.
#[must_use]
pub fn line(figure: &Figure) -> String {
    let mut text = String::new();
    let met = figure.met().map_or("–", |met| if met { "yes" } else { "NO" });
    let unit = figure.unit;
    // Writing to a String cannot fail.
    let _ = writeln!(
        text,
        "{:<34} {:>12} {:>12} {:>7.3}  {:<16} {met}",
        figure.name,
        format!("{:.2} {unit}", figure.ours),
        format!("{:.2} {unit}", figure.bound),
        figure.ratio,
        figure.goal.text(unit),
    );
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn goals_are_judged_on_what_they_speak_of() {
        let figure = |goal| Figure::plain("f", 11.0, 10.0, "n", goal).met();
        assert_eq!(figure(Goal::RatioAtMost(1.1)), Some(true));
        assert_eq!(figure(Goal::RatioAtMost(1.05)), Some(false));
        assert_eq!(figure(Goal::RatioAtLeast(1.2)), Some(false));
        assert_eq!(figure(Goal::AtMost(10.0)), Some(false));
        assert_eq!(figure(Goal::AtMostMore(1.0)), Some(true));
        assert_eq!(figure(Goal::None), None);
    }

    #[test]
    fn the_object_has_every_name() {
        let json = Figure::plain("f", 1.0, 2.0, "µs", Goal::RatioAtMost(1.1)).json();
        for name in ["figure", "ours", "bound", "ratio", "goal", "met"] {
            assert!(json.get(name).is_some(), "{name}");
        }
    }
}
