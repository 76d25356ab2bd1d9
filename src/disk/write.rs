//! The one writer: a file appears whole or not at all, and no link is followed.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};

/// More files that stopped runs have left behind are the user's to look at.
const MOST_LEFT: u32 = 10_000;

/// Writes a file, whole or not at all: readers see the old one or the new one. It keeps the permissions of the old one.
///
/// A device that is named by its own path below `/dev`, and what the caller has opened for this process, is written to as it is;
/// whatever else is no regular file stays.
///
/// # Errors
/// If it is a link, lies behind a link in a checkout, is no regular file, or what the operating system says.
pub fn write(path: &Path, content: &[u8]) -> io::Result<()> {
    if is_device(path) {
        return OpenOptions::new().append(true).open(path)?.write_all(content);
    }
    let there = replaceable(path)?;
    replace(path, content, |file| there.map_or(Ok(()), |there| file.set_permissions(there.permissions())))
}

/// Gives a file that is there another text, as [`write()`] does, and keeps all that the system has beside a text: owner, group,
/// permissions, lists of who has access.
///
/// # Errors
/// As [`may_change`] and [`write()`], and if something of that cannot be kept.
pub fn change(path: &Path, content: &[u8]) -> io::Result<()> {
    may_change(path)?;
    let there = replaceable(path)?.ok_or(ErrorKind::NotFound)?;
    replace(path, content, |file| {
        keep_owner(&there, file)?;
        keep_attributes(path, file)?;
        // Last: whoever gets a file may lose some.
        file.set_permissions(there.permissions())
    })
}

/// Puts a new file in the place of another one. It is made ready before there is anything to read in it.
fn replace(path: &Path, content: &[u8], ready: impl FnOnce(&File) -> io::Result<()>) -> io::Result<()> {
    let (temporary, mut file) = beside(path)?;
    let written = ready(&file)
        .and_then(|()| file.write_all(content))
        .and_then(|()| file.sync_all())
        .and_then(|()| fs::rename(&temporary, path));
    if written.is_err() {
        let _ = fs::remove_file(&temporary);
    }
    written
}

/// Says whether [`write()`] could write this file now, and leaves nothing behind.
///
/// # Errors
/// As [`write()`].
pub fn probe(path: &Path) -> io::Result<()> {
    if is_device(path) {
        return Ok(());
    }
    replaceable(path)?;
    fs::remove_file(beside(path)?.0)
}

/// Says whether a file that is there may get another text: [`write()`] could do it, no mode says that nobody writes to it, and it has
/// no other name, which would keep the old text.
///
/// # Errors
/// If not; says why.
pub fn may_change(path: &Path) -> io::Result<()> {
    let there = replaceable(path)?.ok_or(ErrorKind::NotFound)?;
    if there.permissions().readonly() {
        return Err(io::Error::other("it is read-only"));
    }
    if names(&there) > 1 {
        return Err(io::Error::other("it has another name too (a hard link), under which the old text would stay"));
    }
    Ok(())
}

#[cfg(unix)]
fn keep_owner(there: &fs::Metadata, file: &File) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt as _, fchown};
    let new = file.metadata()?;
    if (new.uid(), new.gid()) == (there.uid(), there.gid()) {
        return Ok(());
    }
    let why = "it would belong to another user or group then: run this as its owner, or as root";
    fchown(file, Some(there.uid()), Some(there.gid())).map_err(|_| io::Error::other(why))
}

#[cfg(not(unix))]
fn keep_owner(_: &fs::Metadata, _: &File) -> io::Result<()> {
    Ok(())
}

/// Extended attributes, which access lists are, too.
#[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
fn keep_attributes(path: &Path, file: &File) -> io::Result<()> {
    use rustix::fs::{XattrFlags, fgetxattr, flistxattr, fsetxattr};
    use rustix::io::Errno;
    /// Neither the names nor a value are longer, in bytes (xattr(7)).
    const MOST: usize = 64 * 1024;
    let old = File::open(path)?;
    let value = |of: &File, name: &[u8]| {
        let mut value = vec![0; MOST];
        fgetxattr(of, name, value.as_mut_slice()).map(|length| {
            value.truncate(length);
            value
        })
    };
    let mut names = vec![0; MOST];
    match flistxattr(&old, names.as_mut_slice()) {
        Ok(length) => names.truncate(length),
        // The file system has none.
        Err(Errno::NOTSUP) => return Ok(()),
        Err(error) => return Err(error.into()),
    }
    for name in names.split(|byte| *byte == 0).filter(|name| !name.is_empty()) {
        let kept = value(&old, name)?;
        if value(file, name).as_ref() != Ok(&kept) {
            let name_of = String::from_utf8_lossy(name);
            let why = |_| io::Error::other(format!("its attribute {name_of} cannot be kept: run this as root"));
            fsetxattr(file, name, &kept, XattrFlags::empty()).map_err(why)?;
        }
    }
    Ok(())
}

#[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
fn keep_attributes(_: &Path, _: &File) -> io::Result<()> {
    Ok(())
}

#[cfg(unix)]
fn names(there: &fs::Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::nlink(there)
}

#[cfg(not(unix))]
fn names(_: &fs::Metadata) -> u64 {
    1
}

/// Adds to a file that others write to as well.
///
/// # Errors
/// What the operating system says.
pub fn append(path: &Path, content: &[u8]) -> io::Result<()> {
    OpenOptions::new().append(true).create(true).open(path)?.write_all(content)
}

/// Makes a folder, and those above it.
///
/// # Errors
/// If it is a link, lies behind a link in a checkout, or what the operating system says.
pub fn create_folder(path: &Path) -> io::Result<()> {
    no_link_above(path)?;
    match fs::symlink_metadata(path) {
        Ok(there) if there.is_dir() => Ok(()),
        Ok(there) if there.is_symlink() => Err(link(path)),
        Ok(_) => Err(ErrorKind::NotADirectory.into()),
        Err(error) if error.kind() == ErrorKind::NotFound => fs::create_dir_all(path),
        Err(error) => Err(error),
    }
}

/// A device, a terminal or a pipe, named by the path that the system gives it; or whatever the caller has opened, such as the file
/// that a shell makes of standard output.
fn is_device(path: &Path) -> bool {
    let Ok(there) = fs::metadata(path) else { return false };
    !there.is_dir() && (super::is_own_descriptor(path) || path.starts_with("/dev") && !there.is_file())
}

/// What would be replaced: nothing, or a regular file.
fn replaceable(path: &Path) -> io::Result<Option<fs::Metadata>> {
    no_link_above(path)?;
    match fs::symlink_metadata(path) {
        Ok(there) if there.is_file() => Ok(Some(there)),
        Ok(there) if there.is_dir() => Err(ErrorKind::IsADirectory.into()),
        Ok(there) if there.is_symlink() => Err(link(path)),
        Ok(_) => Err(io::Error::other("it is no regular file, and only such a one is replaced")),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// A folder that is a link may lead out of the checkout that it stands in.
fn no_link_above(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    folder.and_then(super::link_to).map_or(Ok(()), |found| Err(link(&found)))
}

fn link(path: &Path) -> io::Error {
    io::Error::other(format!("{} is a link, and none is followed; name what it leads to", path.display()))
}

/// A new file in the same folder. Its name is short, however long the other's is, and is nobody else's: in a container, every run
/// has the same process number, and one that was stopped may have left its file behind.
fn beside(target: &Path) -> io::Result<(PathBuf, File)> {
    target.file_name().ok_or(ErrorKind::InvalidInput)?;
    let mut number = 0;
    loop {
        let path = target.with_file_name(format!(".pomlint-{}-{number}.tmp", std::process::id()));
        match OpenOptions::new().write(true).create_new(true).open(&path) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists && number < MOST_LEFT => number += 1,
            opened => return opened.map(|file| (path, file)),
        }
    }
}
