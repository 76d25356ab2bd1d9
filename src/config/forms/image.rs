//! Container images: whose they are, and of which release.

use crate::config::releases::PomeriumVersion;

/// Whether an image runs Pomerium itself; the console, the ingress controller and the sample application do not.
pub(in crate::config) fn is_pomerium(image: &str) -> bool {
    let name = repository(image).rsplit('/').next().unwrap_or_default();
    name == "pomerium" || name == "docker-pomerium"
}

/// Whether variables make a container Pomerium's, whatever its image is called. Other programs have an `IDP_PROVIDER` and its kin as
/// well, so that one of the names must be Pomerium's alone.
pub(in crate::config) fn is_environment_of_pomerium(is_set: impl Fn(&str) -> bool) -> bool {
    const OWN: [&str; 3] = ["AUTHENTICATE_SERVICE_URL", "AUTHORIZE_SERVICE_URL", "DATABROKER_SERVICE_URL"];
    const USUAL: [&str; 7] = [
        "COOKIE_SECRET",
        "IDP_CLIENT_ID",
        "IDP_CLIENT_SECRET",
        "IDP_PROVIDER",
        "IDP_PROVIDER_URL",
        "ROUTES",
        "SHARED_SECRET",
    ];
    let own = OWN.iter().filter(|name| is_set(name)).count();
    own > 1 || own == 1 && USUAL.iter().any(|name| is_set(name)) || is_set("IDP_PROVIDER") && is_set("IDP_PROVIDER_URL")
}

/// Whether an image is the one that Pomerium publishes, which looks for its configuration where its `Dockerfile` says.
pub(in crate::config) fn is_published(image: &str) -> bool {
    image.ends_with("pomerium/pomerium") || image.contains("pomerium/pomerium:")
}

/// The release that the tag of an image names: `v0.33.1`, `0.22-debug`, `nonroot-v0.30.2`.
pub(in crate::config) fn release(image: &str) -> Option<PomeriumVersion> {
    let bare = image.split('@').next()?;
    let (_, tag) = bare.rsplit('/').next()?.split_once(':')?;
    tag.split('-').find_map(|part| part.contains('.').then(|| part.parse().ok())?)
}

/// The name of an image without tag and digest.
fn repository(image: &str) -> &str {
    let bare = image.split('@').next().unwrap_or(image);
    let name_start = bare.rfind('/').map_or(0, |slash| slash + 1);
    bare[name_start..].find(':').map_or(bare, |colon| &bare[..name_start + colon])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_are_told_apart_by_their_last_name() {
        for (image, is) in [
            ("pomerium/pomerium:v0.33.1", true),
            ("docker.io/pomerium/pomerium", true),
            ("registry:5000/team/pomerium@sha256:00", true),
            ("cr.pomerium.com/pomerium/pomerium:latest", true),
            ("pomerium/verify", false),
            ("pomerium/ingress-controller:v0.33.1", false),
            ("cr.pomerium.com/enterprise/pomerium-console", false),
        ] {
            assert_eq!(is_pomerium(image), is, "{image}");
        }
    }

    #[test]
    fn one_name_of_the_environment_is_pomeriums_alone() {
        for (names, is) in [
            (&["AUTHENTICATE_SERVICE_URL", "IDP_CLIENT_ID"][..], true),
            (&["IDP_PROVIDER", "IDP_PROVIDER_URL"], true),
            (&["DATABROKER_SERVICE_URL", "AUTHORIZE_SERVICE_URL"], true),
            (&["IDP_PROVIDER", "IDP_CLIENT_ID", "IDP_CLIENT_SECRET"], false),
            (&["COOKIE_SECRET", "SHARED_SECRET"], false),
            (&["AUTHENTICATE_SERVICE_URL"], false),
        ] {
            assert_eq!(is_environment_of_pomerium(|name| names.contains(&name)), is, "{names:?}");
        }
    }

    #[test]
    fn a_tag_names_a_release_or_nothing() {
        for (image, version) in [
            ("pomerium/pomerium:v0.33.1", Some(PomeriumVersion(0, 33, 1))),
            ("pomerium/pomerium:0.22-debug", Some(PomeriumVersion(0, 22, 0))),
            ("pomerium/pomerium:nonroot-v0.30.2", Some(PomeriumVersion(0, 30, 2))),
            ("registry:5000/pomerium", None),
            ("pomerium/pomerium:latest", None),
            ("pomerium/pomerium:main", None),
        ] {
            assert_eq!(release(image), version, "{image}");
        }
    }
}
