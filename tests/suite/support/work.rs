//! Whether work grows as its input does: counted in the processor time of the thread that does it, and never by the clock on the
//! wall, which on a busy machine says how busy the machine is.

#![allow(clippy::panic, clippy::unchecked_time_subtraction, reason = "a test says what went wrong by failing")]
#![allow(dead_code, unreachable_pub, reason = "the unit tests and the suite take what they need")]

use std::time::Duration;

/// The large input is so many times the small one.
const TIMES: u32 = 8;

/// Linear work grows by [`TIMES`], quadratic work by its square. What is between them is for caches and for other programs.
const MOST: u32 = 4 * TIMES;

/// The system counts in steps of this size. What takes a few of them costs little, however it grows.
const STEP: Duration = Duration::from_millis(4);

/// What this thread was given of a processor so far; `None` where the system does not tell.
fn spent() -> Option<Duration> {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    told.split(' ').next()?.parse().ok().map(Duration::from_nanos)
}

/// Makes an input of each size, and fails if the large one costs out of proportion to the small one.
///
/// # Panics
/// If it does, three times in a row.
#[track_caller]
pub fn grows_with_its_input<T>(name: &str, size: usize, make: impl Fn(usize) -> T, run: impl Fn(&T)) {
    let (small, large) = (make(size / TIMES as usize), make(size));
    let cost = |input: &T| {
        let before = spent();
        run(input);
        Some(spent()? - before?)
    };
    let mut told = String::new();
    for _ in 0..3 {
        // What else the machine does can only add to it.
        let (Some(first), Some(second), Some(much)) = (cost(&small), cost(&small), cost(&large)) else { return };
        let little = first.min(second).max(STEP);
        if much <= little * MOST {
            return;
        }
        told = format!("{name}: {TIMES} times the input costs {much:?} after {little:?}");
    }
    panic!("{told}");
}
