//! How long asking takes. In a browser there is no such clock, and nobody is asked.

/// Runs from where it was made.
#[derive(Clone, Copy)]
pub(super) struct Stopwatch(#[cfg(not(target_arch = "wasm32"))] std::time::Instant);

impl Stopwatch {
    #[cfg(not(target_arch = "wasm32"))]
    pub(super) fn start() -> Self {
        Self(std::time::Instant::now())
    }

    #[cfg(target_arch = "wasm32")]
    pub(super) fn start() -> Self {
        Self()
    }

    /// Milliseconds since then.
    pub(super) fn ms(self) -> u64 {
        #[cfg(not(target_arch = "wasm32"))]
        let ms = u64::try_from(self.0.elapsed().as_millis()).unwrap_or(u64::MAX);
        #[cfg(target_arch = "wasm32")]
        let ms = 0;
        ms
    }
}
