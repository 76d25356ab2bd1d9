//! The versions of the chart `pomerium/pomerium`, and the releases they run.

use super::version::PomeriumVersion;

/// The release that each version of the chart runs unless told otherwise: the tag in its `values.yaml`. A version between two
/// runs what the one before runs.
const RELEASES: [((u16, u16, u16), PomeriumVersion); 12] = [
    ((19, 0, 0), PomeriumVersion(0, 14, 2)),
    ((22, 0, 0), PomeriumVersion(0, 14, 7)),
    ((25, 0, 5), PomeriumVersion(0, 15, 8)),
    ((26, 0, 0), PomeriumVersion(0, 16, 0)),
    ((27, 0, 2), PomeriumVersion(0, 16, 1)),
    ((28, 0, 2), PomeriumVersion(0, 16, 2)),
    ((30, 0, 1), PomeriumVersion(0, 16, 4)),
    ((31, 0, 0), PomeriumVersion(0, 17, 0)),
    ((31, 2, 0), PomeriumVersion(0, 17, 3)),
    ((32, 0, 0), PomeriumVersion(0, 18, 0)),
    ((33, 0, 1), PomeriumVersion(0, 20, 0)),
    ((34, 0, 1), PomeriumVersion(0, 22, 1)),
];

/// The newest version of the chart; there will be no other.
const LAST: (u16, u16, u16) = (34, 0, 1);

/// What the newest version of the chart runs, and so the newest release that any does.
pub(in crate::config) const NEWEST: PomeriumVersion = PomeriumVersion(0, 22, 1);

/// The version of the chart that no longer writes `idp_service_account`.
pub(in crate::config) const NO_SERVICE_ACCOUNT: PomeriumVersion = PomeriumVersion(33, 0, 0);

/// The version of the chart that has its routes in `config.routes`, and no longer in `config.policy`.
pub(in crate::config) const ROUTES: PomeriumVersion = PomeriumVersion(25, 0, 0);

/// The version of the chart with which Pomerium reads YAML in which no key stands twice: v0.20.0 has viper 1.14, and with it yaml.v3.
pub(in crate::config) const KEYS_ONCE: PomeriumVersion = PomeriumVersion(33, 0, 1);

/// What the chart writes into every configuration (`pomerium.config.static` of `templates/_helpers.tpl`).
const WRITTEN: [&str; 12] = [
    "address",
    "authenticate_service_url",
    "authorize_service_url",
    "autocert",
    "databroker_service_url",
    "dns_lookup_family",
    "grpc_address",
    "idp_client_id",
    "idp_client_secret",
    "idp_provider",
    "idp_provider_url",
    "idp_scopes",
];

/// Whether the chart itself writes an option, whatever its values say.
pub(crate) fn writes(option: &str) -> bool {
    WRITTEN.contains(&option)
}

/// The release behind a version of the chart; a range is no version.
pub(in crate::config) fn release_of(chart_version: &str) -> Option<PomeriumVersion> {
    let PomeriumVersion(major, minor, patch) = chart_version.parse().ok()?;
    let version = (major, minor, patch);
    let known = RELEASES.iter().rev().find(|(chart, _)| *chart <= version);
    known.filter(|_| version <= LAST && chart_version.split('.').count() == 3).map(|(_, release)| *release)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_pinned_version_names_a_release() {
        for (chart, release) in [
            ("34.0.1", Some(PomeriumVersion(0, 22, 1))),
            ("34.0.0", Some(PomeriumVersion(0, 20, 0))),
            ("32.1.0", Some(PomeriumVersion(0, 18, 0))),
            ("34.0.2", None),
            ("8.5.1", None),
            (">=34", None),
            ("34", None),
            ("*", None),
        ] {
            assert_eq!(release_of(chart), release, "{chart}");
        }
    }
}
