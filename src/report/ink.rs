//! Colours and styles. They repeat what the words say.

use colored::{Color, Colorize};

use super::View;

/// A colour or a style.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ink {
    Bad,
    Warn,
    Good,
    Link,
    Strong,
    Frame,
}

/// The words in that ink, if this reader sees colours.
pub(crate) fn paint(words: &str, ink: Ink, view: &View) -> String {
    if !view.colour || words.is_empty() {
        return words.to_owned();
    }
    match ink {
        Ink::Bad => words.color(Color::Red).bold(),
        Ink::Warn => words.color(Color::Yellow).bold(),
        Ink::Good => words.color(Color::Green),
        Ink::Link => words.color(Color::Cyan),
        Ink::Strong => words.bold(),
        Ink::Frame => words.dimmed(),
    }
    .to_string()
}
