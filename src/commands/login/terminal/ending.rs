//! When the program is asked to end (`SIGTERM`, `SIGHUP`, `SIGINT`, `SIGQUIT`), it ends in order: with its echo the terminal gets back
//! what a shell relies on, and tokens that came are revoked before.

use std::io;
use std::os::unix::net::UnixStream;
use std::task::Poll;

use tokio::runtime::Builder;
use tokio::signal::unix::{SignalKind, signal};

/// Something that can be read once the program is asked to end.
pub(super) fn told() -> io::Result<UnixStream> {
    let (ending, teller) = UnixStream::pair()?;
    let runtime = Builder::new_current_thread().enable_io().build()?;
    let kinds = [SignalKind::terminate(), SignalKind::hangup(), SignalKind::interrupt(), SignalKind::quit()];
    let signals = {
        let _within = runtime.enter();
        kinds.into_iter().map(signal).collect::<io::Result<Vec<_>>>()
    };
    let mut signals = signals?;
    std::thread::Builder::new().spawn(move || {
        runtime.block_on(std::future::poll_fn(|context| {
            let is_asked = signals.iter_mut().any(|signal| signal.poll_recv(context).is_ready());
            if is_asked { Poll::Ready(()) } else { Poll::Pending }
        }));
        // Its end can be read at the other end.
        drop(teller);
    })?;
    Ok(ending)
}
