//! A network with a distance: what goes through it takes its time in each direction, and so does connecting.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// A port on loopback behind which a server lies that is so far away, there and back. It is open until the process ends.
pub(crate) fn relay(to: u16, round_trip: Duration) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("its address").port();
    std::thread::spawn(move || {
        for near in listener.incoming().filter_map(Result::ok) {
            // The client has been told that it is connected, which over a distance takes one round trip.
            let ready = Instant::now() + round_trip;
            let Ok(far) = TcpStream::connect(("127.0.0.1", to)) else { continue };
            let _ = (near.set_nodelay(true), far.set_nodelay(true));
            let both = [(near.try_clone(), far.try_clone()), (Ok(far), Ok(near))];
            for (from, to) in both {
                if let (Ok(from), Ok(to)) = (from, to) {
                    carry(from, to, ready, round_trip / 2);
                }
            }
        }
    });
    port
}

/// Carries what comes, each piece as long after it came as the way is long.
fn carry(mut from: TcpStream, mut to: TcpStream, ready: Instant, way: Duration) {
    let (sender, pieces) = mpsc::channel::<(Instant, Vec<u8>)>();
    std::thread::spawn(move || {
        let mut buffer = [0; 1 << 14];
        while let Ok(length @ 1..) = from.read(&mut buffer) {
            let due = Instant::now().max(ready) + way;
            if sender.send((due, buffer.get(..length).unwrap_or_default().to_vec())).is_err() {
                break;
            }
        }
    });
    std::thread::spawn(move || {
        for (due, piece) in pieces {
            std::thread::sleep(due.saturating_duration_since(Instant::now()));
            if to.write_all(&piece).is_err() {
                break;
            }
        }
        let _ = to.shutdown(Shutdown::Write);
    });
}
