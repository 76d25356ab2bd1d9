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
    /// A mistake in the embedded knowledge.
    #[error("the embedded knowledge is broken: {0}")]
    Knowledge(&'static str),
}
