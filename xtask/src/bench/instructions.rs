//! `cargo xtask bench instructions`: how many instructions each piece takes without RSA, ours against the
//! bound. Unlike time they are nearly the same on a busy machine, so a goal that is missed by more than their noise
//! fails.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use serde_json::json;

/// What `cargo xtask bench instructions` is told.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// One JSON object a figure instead of a table.
    #[arg(long)]
    json: bool,
}

/// How far beyond its goal a piece fails: a call's counts differ by two in a hundred from run to run, because how
/// often both threads wake depends on the machine.
const NOISE: f64 = 0.05;

/// What is asked of a piece.
#[derive(Debug, Clone, Copy)]
enum Goal {
    /// Ours takes at most so many times the bound's instructions.
    Times(f64),
    /// Ours takes at most so many instructions more than the bound.
    More(u64),
    /// It is only reported.
    None,
}

/// The pieces of `antom-benches`. The sides of `growth` are both ours, with sixteen times the body and with once.
const PIECES: &[(&str, Goal)] = &[
    ("parse", Goal::Times(0.60)),
    ("prepare", Goal::Times(1.0)),
    ("growth", Goal::Times(17.0)),
    ("sign", Goal::More(12_000)),
    ("verify", Goal::More(15_000)),
    ("deliver", Goal::None),
    ("call-hyper", Goal::Times(1.15)),
    ("call-reqwest", Goal::Times(1.15)),
];

/// Counts and prints; needs valgrind.
pub(super) fn main(arguments: &Arguments) -> ExitCode {
    match measure(arguments) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(message) => {
            let _ = writeln!(std::io::stderr(), "{message}");
            ExitCode::from(2)
        }
    }
}

fn measure(arguments: &Arguments) -> Result<bool, String> {
    let program = crate::optimised::program("repeat")?;
    let mut all_met = true;
    for (piece, goal) in PIECES {
        let [ours, bound] = [count(&program, piece, "ours")?, count(&program, piece, "bound")?];
        let figure = Figure { piece, ours, bound, goal: *goal };
        all_met &= figure.holds();
        let text = if arguments.json { figure.json() } else { figure.line() };
        writeln!(std::io::stdout(), "{text}").map_err(|error| format!("writing failed: {error}"))?;
    }
    Ok(all_met)
}

#[derive(Debug)]
struct Figure {
    piece: &'static str,
    ours: u64,
    bound: u64,
    goal: Goal,
}

#[allow(clippy::float_arithmetic, reason = "a ratio of counts, not money")]
impl Figure {
    fn ratio(&self) -> f64 {
        self.ours as f64 / self.bound as f64
    }

    fn met(&self) -> Option<bool> {
        match self.goal {
            Goal::Times(most) => Some(self.ratio() <= most),
            Goal::More(most) => Some(self.ours.saturating_sub(self.bound) <= most),
            Goal::None => None,
        }
    }

    /// Whether it is within its goal and the noise.
    fn holds(&self) -> bool {
        match self.goal {
            Goal::Times(most) => self.ratio() <= most * (1.0 + NOISE),
            Goal::More(_) | Goal::None => self.met() != Some(false),
        }
    }

    fn goal_text(&self) -> String {
        match self.goal {
            Goal::Times(most) => format!("≤ {most:.2} ×"),
            Goal::More(most) => format!("≤ {most} more"),
            Goal::None => "–".to_owned(),
        }
    }

    fn json(&self) -> String {
        json!({
            "figure": format!("{}: instructions", self.piece),
            "ours": self.ours,
            "bound": self.bound,
            "ratio": (self.ratio() * 1000.0).round() / 1000.0,
            "goal": self.goal_text(),
            "met": self.met(),
        })
        .to_string()
    }

    fn line(&self) -> String {
        let goal = self.goal_text();
        let met = self.met().map_or("–", |met| if met { "yes" } else { "NO" });
        let name = format!("{}: instructions", self.piece);
        format!("{name:<34} {:>12} {:>12} {:>7.3}  {goal:<16} {met}", self.ours, self.bound, self.ratio())
    }
}

/// Instructions of one repetition, start and warm-up taken off: the difference of two runs.
fn count(program: &Path, piece: &str, side: &str) -> Result<u64, String> {
    // What takes millions of instructions at once needs fewer repetitions.
    let times = match piece {
        "growth" | "sign" => [10, 60],
        _ => [300, 1300],
    };
    let [few, many] = times.map(|times| run(program, piece, side, times));
    let [few, many] = [few?, many?];
    let [least, most] = times;
    Ok(many.saturating_sub(few) / (most - least))
}

/// Instructions of the program's main thread: the other end of a call runs on another one.
fn run(program: &Path, piece: &str, side: &str, times: u64) -> Result<u64, String> {
    let out = program.with_file_name(format!("callgrind.{piece}.{side}.{times}"));
    let status = Command::new("valgrind")
        .args(["--quiet", "--tool=callgrind", "--separate-threads=yes"])
        .arg(format!("--callgrind-out-file={}", out.display()))
        .arg(program)
        .args([piece, side, &times.to_string()])
        .status()
        .map_err(|error| format!("starting valgrind failed: {error}; install it to count instructions"))?;
    if !status.success() {
        return Err(format!("{piece}, {side}: the program failed under valgrind"));
    }
    // One file a thread; without a second thread the number is missing.
    let numbered = PathBuf::from(format!("{}-01", out.display()));
    let text = fs::read_to_string(&numbered).or_else(|_| fs::read_to_string(&out));
    let text = text.map_err(|error| format!("reading what valgrind wrote failed: {error}"))?;
    total(&text).ok_or_else(|| "valgrind wrote no total".to_owned())
}

fn total(text: &str) -> Option<u64> {
    let line = |name: &str| text.lines().find_map(|line| line.strip_prefix(name));
    line("totals:").or_else(|| line("summary:"))?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::{Figure, Goal, total};

    #[test]
    fn what_valgrind_wrote_is_found() {
        assert_eq!(total("events: Ir\nfn=(1)\n1 2\ntotals: 123\n"), Some(123));
        assert_eq!(total("events: Ir\n"), None);
    }

    #[test]
    fn goals_are_upper_bounds_of_the_ratio() {
        let figure = |goal| Figure { piece: "parse", ours: 110, bound: 100, goal };
        assert_eq!(figure(Goal::Times(1.1)).met(), Some(true));
        assert_eq!(figure(Goal::Times(1.0)).met(), Some(false));
        assert_eq!((figure(Goal::More(10)).met(), figure(Goal::More(9)).met()), (Some(true), Some(false)));
        assert_eq!(figure(Goal::None).met(), None);
        assert!(figure(Goal::Times(1.05)).holds() && !figure(Goal::Times(1.0)).holds());
        assert!(figure(Goal::None).holds() && !figure(Goal::More(9)).holds());
        assert!(figure(Goal::Times(1.1)).json().contains("\"ratio\":1.1"));
    }
}
