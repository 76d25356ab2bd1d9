//! The process of the client: one that is killed may leave the pipe open in another one, and then nobody says `exit`.

/// A process that was seen alive. One that was not may be on another machine, or be called otherwise in a container.
pub(super) struct Parent(#[cfg(unix)] rustix::process::Pid);

impl Parent {
    /// That of `processId`, which is null where nobody waits for the end.
    #[cfg(unix)]
    pub(super) fn of(id: i64) -> Option<Self> {
        let id = i32::try_from(id).ok().filter(|id| *id > 0)?;
        Some(Self(rustix::process::Pid::from_raw(id)?)).filter(Self::is_alive)
    }

    /// Whether it runs. What somebody else runs answers too, that nobody may end it.
    #[cfg(unix)]
    pub(super) fn is_alive(&self) -> bool {
        rustix::process::test_kill_process(self.0) != Err(rustix::io::Errno::SRCH)
    }

    /// Windows closes the pipe with the process.
    #[cfg(not(unix))]
    pub(super) fn of(_: i64) -> Option<Self> {
        None
    }

    #[cfg(not(unix))]
    pub(super) fn is_alive(&self) -> bool {
        true
    }
}

#[cfg(all(test, unix))]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn only_a_process_that_was_alive_can_have_ended() {
        let mut child = std::process::Command::new("sleep").arg("600").spawn().unwrap();
        let parent = Parent::of(child.id().into()).unwrap();
        assert!(parent.is_alive());
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(!parent.is_alive());
        for nobody in [child.id().into(), 0, -1, i64::MAX] {
            assert!(Parent::of(nobody).is_none(), "{nobody}");
        }
    }
}
