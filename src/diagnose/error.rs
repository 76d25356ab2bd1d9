//! What keeps an input from being read.

use std::io;

use thiserror::Error;

/// Why an input cannot be diagnosed.
#[derive(Debug, Error)]
pub enum ReadError {
    /// The operating system's words, or those of the unpacking.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// A HAR file that is not one.
    #[error("it looks like a HAR file, but cannot be read as one: {0}")]
    Har(String),
    /// Text as Windows PowerShell writes it.
    #[error(
        "it is UTF-16 text; convert it to UTF-8 first (PowerShell: Get-Content FILE | Set-Content -Encoding utf8 NEW)"
    )]
    Utf16,
    /// A mistake in the embedded knowledge.
    #[error("the embedded knowledge is broken: {0}")]
    Knowledge(&'static str),
}
