#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::{Path, PathBuf};

use super::*;

fn text(read: Result<Vec<u8>, Unread>) -> Result<String, String> {
    read.map(|bytes| String::from_utf8(bytes).unwrap()).map_err(|why| why.to_string())
}

#[test]
fn a_regular_file_is_read_up_to_its_limit() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    fs::write(&path, "12345").unwrap();
    assert_eq!(text(read(&path, 5)), Ok("12345".to_owned()));
    assert!(matches!(read(&path, 4), Err(Unread::TooLong(4))));
    assert_eq!(text(read_up_to(&path, 3)), Ok("1234".to_owned()));
    assert!(matches!(read(folder.path(), 5), Err(Unread::Folder)));
    assert!(matches!(read(&folder.path().join("none"), 5), Err(Unread::NotFound)));
    assert!(matches!(read(&path.join("below"), 5), Err(Unread::NotFound)));
}

#[cfg(unix)]
#[test]
fn neither_a_pipe_nor_a_device_nor_a_socket_is_opened() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let socket = folder.path().join("socket");
    let _listening = std::os::unix::net::UnixListener::bind(&socket).unwrap();
    for path in [pipe.as_path(), &socket, Path::new("/dev/zero"), Path::new("/dev/null")] {
        assert!(matches!(read(path, 5), Err(Unread::NotRegular)), "{}", path.display());
    }
    // Named by the user, a pipe may be one that a shell made; nobody writes into this one.
    assert!(matches!(read_named(&pipe, 5), Err(Unread::NoWriter)));
    assert!(matches!(stream_named(&pipe), Err(Unread::NoWriter)));
    assert!(matches!(read_named(Path::new("/dev/zero"), 5), Err(Unread::TooLong(5))));
    assert!(matches!(stream_named(Path::new("/dev/zero")), Err(Unread::NotRegular)));
}

/// A folder with a work tree in it, a file outside, and links.
#[cfg(unix)]
struct Trees {
    folder: tempfile::TempDir,
}

#[cfg(unix)]
impl Trees {
    fn new() -> Self {
        let trees = Self { folder: tempfile::tempdir().unwrap() };
        for folder in ["tree/.git", "tree/deploy", "tree/..data", "outside", "plain/below"] {
            fs::create_dir_all(trees.at(folder)).unwrap();
        }
        for file in
            ["tree/.git/config", "tree/shared.yaml", "tree/..data/config.yaml", "outside/secret", "plain/a.yaml"]
        {
            fs::write(trees.at(file), file).unwrap();
        }
        for (link, target) in [
            ("tree/deploy/inside.yaml", "../shared.yaml"),
            ("tree/config.yaml", "..data/config.yaml"),
            ("tree/deploy/outside.yaml", "../../outside/secret"),
            ("tree/deploy/chain.yaml", "outside.yaml"),
            ("tree/deploy/folder", "../../outside"),
            ("plain/link.yaml", "a.yaml"),
            ("plain/below/up.yaml", "../a.yaml"),
        ] {
            std::os::unix::fs::symlink(target, trees.at(link)).unwrap();
        }
        trees
    }

    fn at(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }
}

#[cfg(unix)]
#[test]
fn a_configuration_leads_no_further_than_its_work_tree() {
    let trees = Trees::new();
    let read = |bound: &Bound, path: &str| text(bound.read(&trees.at(path), 100));
    let tree = Bound::of_file(&trees.at("tree/deploy/compose.yaml"));
    for path in ["tree/shared.yaml", "tree/deploy/inside.yaml", "tree/config.yaml", "tree/deploy/../shared.yaml"] {
        assert!(read(&tree, path).is_ok(), "{path}");
    }
    for path in [
        "outside/secret",
        "tree/deploy/outside.yaml",
        "tree/deploy/chain.yaml",
        "tree/deploy/folder/secret",
        "tree/../outside/secret",
    ] {
        let why = read(&tree, path).unwrap_err();
        assert!(why.starts_with("not opened: it lies outside of ") && why.contains("--read-outside "), "{path}: {why}");
    }
    assert!(read(&tree, "tree/.git/config").unwrap_err().contains("git's own files"));
    // Without a work tree, the folder is the bound.
    let plain = Bound::of_file(&trees.at("plain/below/config.yaml"));
    assert!(read(&plain, "plain/below/up.yaml").unwrap_err().starts_with("not opened"));
    assert!(read(&Bound::of_folder(&trees.at("plain")), "plain/below/up.yaml").is_ok());
    assert!(Bound::of_folder(Path::new("/")).read(Path::new("/etc/passwd"), 1 << 20).is_err());

    let opened = tree.or(&Bound::of_outside(&[trees.at("outside")]).unwrap());
    assert_eq!(read(&opened, "tree/deploy/outside.yaml"), Ok("outside/secret".to_owned()));
    assert!(Bound::of_outside(&[trees.at("none")]).unwrap_err().to_string().contains("no such"));
}

#[cfg(unix)]
#[test]
fn what_the_user_names_may_lie_anywhere_but_a_link_in_a_checkout_leads_no_further() {
    let trees = Trees::new();
    let named = |path: &str| {
        let path = trees.at(path);
        text(Bound::of_named(&path, &Bound::default()).and_then(|bound| bound.read_named(&path, 100)))
    };
    for path in ["outside/secret", "tree/config.yaml", "tree/deploy/inside.yaml", "plain/link.yaml"] {
        assert!(named(path).is_ok(), "{path}");
    }
    for path in ["tree/deploy/outside.yaml", "tree/deploy/folder/secret", "plain/below/up.yaml"] {
        assert!(named(path).unwrap_err().starts_with("not opened"), "{path}");
        let why = text(Bound::read_flagged(&trees.at(path), 100)).unwrap_err();
        assert!(why.ends_with("name the file itself"), "{path}: {why}");
    }
    assert!(text(Bound::read_flagged(&trees.at("tree/deploy/inside.yaml"), 100)).is_ok());
}

#[test]
fn a_file_is_replaced_whole_and_nothing_is_left_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("report.json");
    fs::write(&path, "a longer text that was there before").unwrap();
    write(&path, b"new\n").unwrap();
    append(&path, b"more\n").unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), "new\nmore\n");
    assert!(write(&folder.path().join("none/report.json"), b"new").is_err());
    assert!(write(folder.path(), b"new").is_err());
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn neither_a_long_name_nor_what_a_stopped_run_left_is_in_the_way() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x".repeat(250));
    let left = folder.path().join(format!(".pomlint-{}-0.tmp", std::process::id()));
    fs::write(&left, "left").unwrap();
    probe(&path).unwrap();
    assert!(!path.exists());
    write(&path, b"new").unwrap();
    assert_eq!(
        (fs::read_to_string(&path).unwrap().as_str(), fs::read_to_string(&left).unwrap().as_str()),
        ("new", "left")
    );
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    assert!(probe(&folder.path().join("none/x")).is_err() && probe(folder.path()).is_err());
}

#[cfg(unix)]
#[test]
fn a_replaced_file_keeps_its_permissions() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("report.json");
    fs::write(&path, "old").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    write(&path, b"new").unwrap();
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
}

#[cfg(unix)]
#[test]
fn a_changed_file_belongs_to_whom_it_belonged() {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.yaml");
    fs::write(&path, "old").unwrap();
    // Only root can give a file away.
    let _ = chown(&path, Some(1234), Some(2345));
    fs::set_permissions(&path, fs::Permissions::from_mode(0o2640)).unwrap();
    let of = || fs::metadata(&path).map(|there| (there.uid(), there.gid(), there.permissions().mode())).unwrap();
    let before = of();
    change(&path, b"new").unwrap();
    assert_eq!((of(), fs::read_to_string(&path).unwrap().as_str()), (before, "new"));
    assert!(change(&folder.path().join("none"), b"new").is_err());
}

#[cfg(target_os = "linux")]
#[test]
fn a_changed_file_keeps_its_attributes() {
    use rustix::fs::{XattrFlags, getxattr, setxattr};
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.yaml");
    fs::write(&path, "old").unwrap();
    let note = |path: &Path| {
        let mut value = [0; 16];
        getxattr(path, "user.note", &mut value[..]).map(|length| value[..length].to_vec())
    };
    // Not each file system has some.
    let has_some = setxattr(&path, "user.note", b"ours", XattrFlags::empty()).is_ok();
    change(&path, b"new").unwrap();
    assert_eq!(note(&path).ok(), has_some.then(|| b"ours".to_vec()));
}

#[cfg(unix)]
#[test]
fn no_link_is_written_through_and_nothing_but_a_regular_file_is_replaced() {
    let trees = Trees::new();
    let pipe = trees.at("tree/pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    for (path, why) in [
        ("tree/deploy/outside.yaml", "is a link"),
        ("tree/deploy/inside.yaml", "is a link"),
        ("tree/deploy/folder/secret", "is a link"),
        ("tree/deploy/folder/new", "is a link"),
        ("tree/pipe", "no regular file"),
    ] {
        for refused in [write(&trees.at(path), b"new"), probe(&trees.at(path))] {
            assert!(refused.unwrap_err().to_string().contains(why), "{path}");
        }
    }
    assert!(create_folder(&trees.at("tree/deploy/folder")).unwrap_err().to_string().contains("is a link"));
    assert!(create_folder(&trees.at("tree/deploy/folder/new")).unwrap_err().to_string().contains("is a link"));
    assert_eq!(fs::read_to_string(trees.at("outside/secret")).unwrap(), "outside/secret");
    assert_eq!(fs::read_dir(trees.at("outside")).unwrap().count(), 1);
    create_folder(&trees.at("tree/new/folder")).unwrap();
    write(&trees.at("tree/new/folder/report"), b"new").unwrap();
}
