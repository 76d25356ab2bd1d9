//! What comes back: pastes that are more or less than the address, pages that others made, keys, and what the shell gets of it.

use std::net::TcpStream;

use super::{Run, Running, Spoilt, at_loopback, get, pool};
use crate::support::answer::sign_in::{CANARY, Person};
use crate::support::server::Fault;

const CALLBACK: &str = "https://authenticate.corp.example.com/oauth2/callback";

/// A sign-in up to the address that must be pasted.
fn signed_in(run: Run) -> (Running, String) {
    let mut running = run.start();
    let address = running.address();
    let back = running.sign_in(&address);
    (running, back)
}

fn person() -> Run {
    Run::of(pool(Person::default()))
}

#[test]
fn the_address_is_found_in_what_people_copy_along() {
    let spellings: [fn(&str) -> String; 11] = [
        |back| format!("{back}{back}"),
        |back| format!("{back} {back}"),
        |back| format!("\"{back}\""),
        |back| format!("<{back}>."),
        |back| format!("[{back}]({back})"),
        |back| format!("{back}."),
        |back| back.replace('&', "&amp;"),
        |back| back.replacen("https://", "", 1),
        |back| format!("view-source:{back}"),
        |back| format!("\u{feff}GET {back} 400"),
        |back| format!("{} {}", &back[..70], &back[70..]),
    ];
    for spell in spellings {
        let (mut running, back) = signed_in(person());
        let text = spell(&back);
        running.paste(&text);
        let (code, screen) = running.end();
        assert!(code == 0 && !screen.contains("Received"), "{}\n{screen}", text.replace(&back, "ADDRESS"));
    }
}

#[test]
fn an_address_that_is_cut_off_is_waited_for_again() {
    let (mut running, back) = signed_in(person());
    let state = back.find("&state=").unwrap();
    for cut in [&back[..back.len() - 1], &back[..state], &back[..=state + 6], CALLBACK] {
        running.paste(cut);
        running.terminal.until(&format!("Received {} characters: that address is cut off", cut.len()));
    }
    running.paste(&back);
    let (code, screen) = running.end();
    assert_eq!(code, 0, "{screen}");
    // Broken over lines, it is put together again.
    let (mut running, back) = signed_in(person());
    running.paste(&format!("{}\r{}\r{}", &back[..50], &back[50..100], &back[100..]));
    let (code, screen) = running.end();
    assert_eq!(code, 0, "{screen}");
}

#[test]
fn the_same_address_twice_without_the_state_is_the_end() {
    let (mut running, back) = signed_in(Run::spoilt(Spoilt::NoState));
    running.paste(&back);
    running.terminal.until("paste it once more");
    running.paste(&back);
    let (code, screen) = running.end();
    assert!(code == 1 && screen.contains("✗ sign-in     state: there is none in the address"), "{screen}");
    assert!(screen.contains("pomlint explain callback-opened-by-hand"), "{screen}");
}

#[test]
fn an_error_without_the_state_ends_nothing_and_is_told() {
    let error = format!("{CALLBACK}?error=server_error&error_description=Something+broke");
    let mut running = person().start();
    let address = running.address();
    for other in ["https://evil.example/?error=access_denied", "https://evil.example/error?error=x", &error] {
        running.paste(other);
    }
    running.terminal.until("It says: server_error: Something");
    let back = running.sign_in(&address);
    running.paste(&back);
    let (code, screen) = running.end();
    assert_eq!(code, 0, "{screen}");
    // Who insists hears what it means.
    let mut running = person().start();
    running.address();
    running.paste(&error);
    running.paste(&error);
    let (code, screen) = running.end();
    assert!(code == 1 && screen.contains("pomlint explain provider-error-unspecified"), "{screen}");
}

#[test]
fn nobody_is_waited_for_without_end() {
    let mut running = person().args(&["--within", "60"]).start();
    running.address();
    for _ in 0..12 {
        running.paste("hello");
    }
    let (code, screen) = running.end();
    assert!(code == 3 && screen.contains("what was pasted so often is not the address"), "{screen}");
}

#[test]
fn a_page_that_others_made_ends_no_wait_at_the_door() {
    let (port, _, mut running) = at_loopback();
    let address = running.address();
    for query in ["error=access_denied", "state=x", "error=x&state=y"] {
        assert!(get(port, &format!("/callback?{query}")).starts_with("HTTP/1.1 200"), "{query}");
        running.terminal.until("A browser came back, but not from this sign-in.");
    }
    let back = running.sign_in(&address);
    get(port, back.strip_prefix(&format!("http://localhost:{port}")).unwrap());
    let (code, screen) = running.end();
    assert_eq!(code, 0, "{screen}");
    assert!(TcpStream::connect(("127.0.0.1", port)).is_err(), "nobody listens any more");
}

#[test]
fn that_a_paste_has_come_is_told_without_it() {
    let (mut running, back) = signed_in(person());
    running.terminal.send(&back);
    running.terminal.until(&format!("Received {} characters, which are not shown. Press Enter.", back.len()));
    running.terminal.send("\r");
    let (code, screen) = running.end();
    assert_eq!(code, 0, "{screen}");
}

/// The second paste comes when the first was taken, and the code is being redeemed.
#[test]
fn what_is_pasted_once_more_is_neither_shown_nor_left_behind() {
    let (mut running, back) = signed_in(person().args(&["--timeout", "1"]).script("/oauth2/token", Fault::Hang));
    running.paste(&back);
    running.terminal.until("✓ sign-in");
    running.paste(&back);
    let (code, screen) = running.end();
    assert!(code == 1 && screen.contains("a refresh token") && !screen.contains(CANARY), "{screen}");
}

#[test]
fn what_was_typed_before_the_question_answers_it_not() {
    let mut running = person().start();
    running.terminal.send("\r\r");
    running.terminal.until("Press Enter to begin, or Ctrl-C to leave it.");
    running.terminal.send("\u{3}");
    let (code, screen) = running.end();
    assert!(code == 3 && screen.contains("Nothing was begun"), "{screen}");
}

#[test]
fn escape_swallows_no_key() {
    let mut running = person().start();
    running.address();
    running.terminal.send("\u{1b}\u{3}");
    let (code, screen) = running.end();
    assert!(code == 3 && screen.contains("Given up"), "{screen}");
    let (mut running, back) = signed_in(person());
    running.paste(&format!("\u{1b}OD{back}\u{1b}"));
    let (code, screen) = running.end();
    assert_eq!(code, 0, "{screen}");
}

/// Elsewhere the other end of a terminal does not tell its modes.
#[test]
#[cfg(target_os = "linux")]
fn whoever_ends_it_gets_the_echo_back() {
    use rustix::process::Signal;
    for signal in [Signal::TERM, Signal::HUP, Signal::INT, Signal::QUIT] {
        let mut running = person().start();
        running.address();
        assert!(!running.terminal.echoes());
        running.terminal.signal(signal);
        let (code, screen) = running.terminal.end();
        assert!(code == 3 && running.terminal.echoes(), "{signal:?}: {code}\n{screen}");
    }
}
