//! Two sides in turn, and what each took.

use std::hint::black_box;
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// How much time a figure may take.
#[derive(Debug, Clone, Copy)]
pub struct Effort {
    /// How often both sides run; the median counts.
    pub rounds: u32,
    /// About how much processor time one side takes in one round.
    pub batch: Duration,
}

impl Effort {
    /// For the table.
    pub const FULL: Self = Self { rounds: 61, batch: Duration::from_millis(20) };
    /// To see whether it runs.
    pub const QUICK: Self = Self { rounds: 5, batch: Duration::from_millis(5) };
}

/// The medians of both sides and of the rounds' ratios.
#[derive(Debug, Clone, Copy)]
pub struct Pair {
    /// Ours, for one repetition.
    pub ours: f64,
    /// The bound, for one repetition.
    pub bound: f64,
    /// The median of the ratios; not the ratio of the medians.
    pub ratio: f64,
}

/// The processor time of this thread, in nanoseconds.
#[must_use]
pub fn thread_cpu() -> f64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec as f64 * 1e9 + time.tv_nsec as f64
}

/// Processor nanoseconds of this thread for one repetition of either side. Each side is told how often to
/// repeat.
pub fn cpu(effort: Effort, mut ours: impl FnMut(u32), mut bound: impl FnMut(u32)) -> Pair {
    let once = |side: &mut dyn FnMut(u32), times: u32| {
        let start = thread_cpu();
        side(times);
        (thread_cpu() - start) / f64::from(times)
    };
    // Warms both sides and tells how many repetitions fill a batch.
    let first = once(&mut ours, 3).max(once(&mut bound, 3)).max(10.0);
    let times = (effort.batch.as_nanos() as f64 / first).clamp(3.0, 1e6) as u32;
    rounds(effort.rounds, || once(&mut ours, times), || once(&mut bound, times))
}

/// Wall nanoseconds for one repetition of either side, which is done so often in each round: for work that waits
/// for a disk.
pub fn wall(rounds_: u32, times: u32, mut ours: impl FnMut(u32), mut bound: impl FnMut(u32)) -> Pair {
    let once = |side: &mut dyn FnMut(u32)| {
        let start = std::time::Instant::now();
        side(times);
        start.elapsed().as_nanos() as f64 / f64::from(times)
    };
    rounds(rounds_, || once(&mut ours), || once(&mut bound))
}

/// Wall nanoseconds of what either side times itself, so often in each round: where what is worked on must be
/// made just before, untimed.
pub fn timed(
    rounds_: u32,
    times: u32,
    mut ours: impl FnMut() -> Duration,
    mut bound: impl FnMut() -> Duration,
) -> Pair {
    let once = |side: &mut dyn FnMut() -> Duration| {
        let total: Duration = (0..times).map(|_| side()).sum();
        total.as_nanos() as f64 / f64::from(times)
    };
    rounds(rounds_, || once(&mut ours), || once(&mut bound))
}

/// The processor time of all threads but this one, in nanoseconds.
#[must_use]
pub fn others_cpu() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    time.tv_sec as f64 * 1e9 + time.tv_nsec as f64 - thread_cpu()
}

/// Runs both sides in turn, the order changing every round, and takes medians.
fn rounds(rounds: u32, mut ours: impl FnMut() -> f64, mut bound: impl FnMut() -> f64) -> Pair {
    let mut results = Vec::new();
    for round in 0..rounds {
        results.push(if round % 2 == 0 {
            let first = ours();
            (first, bound())
        } else {
            let first = bound();
            (ours(), first)
        });
    }
    Pair::of(&results)
}

impl Pair {
    /// The medians of rounds, each of ours and the bound.
    #[must_use]
    pub fn of(rounds: &[(f64, f64)]) -> Self {
        Self {
            ours: median(rounds.iter().map(|round| round.0)),
            bound: median(rounds.iter().map(|round| round.1)),
            ratio: median(rounds.iter().map(|round| round.0 / round.1)),
        }
    }
}

/// The value in the middle; 0 of none.
pub fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    quantile(values, 0.5)
}

/// The value below which this part of all lies; 0 of none.
pub fn quantile(values: impl IntoIterator<Item = f64>, part: f64) -> f64 {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    let at = (values.len() as f64 * part) as usize;
    values.get(at.min(values.len().saturating_sub(1))).copied().unwrap_or_default()
}

/// Allocations and bytes asked for on this thread by one repetition, after some to warm up.
pub fn allocations(mut side: impl FnMut(u32)) -> (f64, f64) {
    side(8);
    let mut counts = Vec::new();
    let mut bytes = Vec::new();
    for _ in 0..31 {
        let info = allocation_counter::measure(|| side(1));
        counts.push(info.count_total as f64);
        bytes.push(info.bytes_total as f64);
    }
    (median(counts), median(bytes))
}

/// Repeats something whose result must not be optimised away.
pub fn repeat<T>(mut work: impl FnMut() -> T) -> impl FnMut(u32) {
    move |times| {
        for _ in 0..times {
            black_box(work());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians_and_quantiles() {
        assert_eq!(median([3.0, 1.0, 2.0]), 2.0);
        assert_eq!(quantile((0..100).map(f64::from), 0.99), 99.0);
        assert_eq!(median([]), 0.0);
        let pair = Pair::of(&[(1.0, 2.0), (3.0, 2.0), (2.0, 2.0)]);
        assert_eq!((pair.ours, pair.bound, pair.ratio), (2.0, 2.0, 1.0));
    }

    #[test]
    fn allocations_are_counted() {
        let (count, bytes) = allocations(repeat(|| vec![0_u8; 1000]));
        assert_eq!((count, bytes), (1.0, 1000.0));
    }

    #[test]
    fn more_work_takes_more_time() {
        let work = |length: u64| move || (0..length).fold(0_u64, |sum, next| black_box(sum ^ next));
        let pair = cpu(Effort::QUICK, repeat(work(4000)), repeat(work(1000)));
        assert!(pair.ratio > 1.5, "{pair:?}");
    }
}
