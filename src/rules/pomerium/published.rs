//! Secrets that everybody can read in Pomerium's own documentation and examples.

use sha2::{Digest, Sha256};

use crate::config::{Config, Setting, Settings, is_sample};
use crate::go;
use crate::rules::place::called;
use crate::rules::{Finding, Judgement};
use crate::secret::Secret;

/// SHA-256 of each published secret, decoded from base64 and, for a PEM key, trimmed; and where it is printed. Sorted by hash.
const PUBLISHED: [(&str, &str); 33] = [
    (
        "1a3af3d638bb4d0d211e2be796f21dadd2b4b545b151806643d2afcdf5a69f89",
        "content/docs/reference/cookies.mdx of pomerium/documentation",
    ),
    (
        "1fd1731d00e415d78b4d9cee127a823c3321853cc634be3e0054cc18c4f4ff12",
        "docs/docs/signed-headers.md of pomerium/pomerium v0.1.0",
    ),
    (
        "2958b708253feaf3138789d253d91438301fee5326bc49d2fdfe4e7c0ea1c914",
        "integration/manifests/lib/pomerium.libsonnet of pomerium/pomerium v0.10.0",
    ),
    (
        "2b6ff77fb65f3c3d50e40bb7754409831bd3befe7299e8799b9a31b0760efa71",
        "content/examples/ssh-tcp-l4-passthrough/config/pomerium.yaml of pomerium/documentation",
    ),
    (
        "308c949208e715deaf57f89312f9f33e61c76b49b12de0e36c8ca225e838c854",
        "content/docs/internals/configuration.mdx of pomerium/documentation",
    ),
    (
        "4a7b8161a3e23236134762ba2ba61d5f4e74e496046633d252276989ad308171",
        "examples/config/config.docker.yaml of pomerium/pomerium",
    ),
    (
        "4c7a23766017d4e808eb478b1198c3335254d4793c572378c07010bfcf0ea612",
        "content/examples/enterprise/hosted-auth-docker.yaml.md of pomerium/documentation",
    ),
    (
        "4d75b2188273a5d8ef7b5517dfc8662da3a217d466a7b0809c13eda80c0f0062",
        "examples/traefik/config.yaml of pomerium/pomerium v0.10.0",
    ),
    (
        "4e59e6db13dd502f083492a5b42603d5302308fbb63ed14b8627ceef5a607751",
        "examples/traefik-ingress/values/pomerium.yaml of pomerium/pomerium v0.11.0",
    ),
    (
        "4f5581eebfd8e4c00ad84c31bd75ecb0a7ce6762ff58d55f6c727fa457dbc1c7",
        "docs/guides/mtls.md of pomerium/pomerium v0.10.0",
    ),
    (
        "517490b8283d06970ffc377deaaec954baeec18e38a1d08bcfae7b81de803442",
        "integration/manifests/lib/pomerium.libsonnet of pomerium/pomerium v0.10.0",
    ),
    (
        "55d348bfb984a715b9d3c500d70c7e1adb40260e954b2126dc4da312cf2b1fee",
        "charts/pomerium-console/README.md of pomerium/pomerium-helm",
    ),
    (
        "582d271c5ab7e2dd2e6452e3e62fc6f6b6fbbf152ef01a6c23f0dab3fedf11d8",
        "content/docs/internals/configuration.mdx of pomerium/documentation",
    ),
    (
        "68e7c3f45159b9d786443486dc7b6630cd926d0bb72eb68288dee6833fd3d9b8",
        "content/docs/reference/signing-key.mdx of pomerium/documentation",
    ),
    (
        "692f73aa635d58683dc73526373fc5211e5b45d3c769390ad570f8d6ca441204",
        "content/docs/get-started/fundamentals/core/advanced-routes.md of pomerium/documentation",
    ),
    (
        "6e409658670973a6d68e8a3a0f4540e38f7b24989b44e937dee00b56b299b663",
        "content/examples/enterprise/hosted-auth-docker.yaml.md of pomerium/documentation",
    ),
    (
        "75b46d8133fa5e78162114399efb525e1de9df6f2fb57a1423573c863223631c",
        "integration/clusters/kubernetes/compose.yml of pomerium/pomerium",
    ),
    (
        "80ec6c98ed39331d46a09970bc9caf7690460ca90563451e88431ee96ab4c639",
        "content/examples/enterprise/hosted-auth-docker.yaml.md of pomerium/documentation",
    ),
    (
        "955a3a7cb5eb036f496ec39bc6022affca33705457f165956b6bc3ca5ddeb54e",
        "examples/traefik-ingress/values/pomerium.yaml of pomerium/pomerium v0.11.0",
    ),
    (
        "a85abb99fde6a58d48518f7bd128d42bff3fad96685c700d298b929fbcdb01ed",
        "content/docs/capabilities/getting-users-identity.md of pomerium/documentation",
    ),
    (
        "aa78a8dcbb4661576f675a9d3cdfa3aa4d5ebdc64b8057a42ef29784123edc59",
        "docs/guides/jwt-verification.md of pomerium/pomerium v0.14.0",
    ),
    (
        "addd31acd1f81a9ee6af3774d54e1e3728d2bcc972c2cc589696b27fcc2d493c",
        "examples/config/config.example.yaml of pomerium/pomerium",
    ),
    (
        "b433b5b5a840de9d7952bcc8f69f434320df98b3c9b3e48591c28af290023104",
        "docs/docs/examples/docker/nginx.docker-compose.yml of pomerium/pomerium v0.1.0",
    ),
    (
        "b8e94673dea6a4f5c40096c9be1cc6c409ab760f27f81e57f9b92eb493c451b8",
        "examples/traefik/config.yaml of pomerium/pomerium v0.10.0",
    ),
    (
        "b951c853a3de3875fd31e1ccd0dce62258f6a9d8799a39cb54c8ce6b127eb89d",
        "content/examples/tooljet/config-tooljet.yaml.md of pomerium/documentation",
    ),
    (
        "bb30dc5e9e3c81bff41897a3b3a31b2723e18b9838064a571e84343c8bf61dba",
        "examples/config/config.example.yaml of pomerium/pomerium",
    ),
    (
        "beb545bc012b5dbe7e143099d2909032503f6e2497c671161a1f72f15f5c9c80",
        "internal/acceptance/pomerium/config.yaml of pomerium/pomerium",
    ),
    (
        "cb1aef339546ea589ae973e9fdaceb000c4b09239e4608d38e96e103fda3588f",
        "content/examples/config/config.docker.yaml.md of pomerium/documentation",
    ),
    (
        "d71a07d994bcc940b39897896a26e934ec618a885d872235e9eb2b51493e4515",
        "content/docs/reference/shared-secret.mdx of pomerium/documentation",
    ),
    (
        "e13181ba619d90cd56ba3cad2a446157e2f01faf1a9395b153159e845c02f044",
        "internal/acceptance/pomerium/config.yaml of pomerium/pomerium",
    ),
    (
        "f2c57f57724d5ffe5aaef52e94583a7dbf9104dde901e0e96d0dc8c46347a7dc",
        "integration/clusters/kubernetes/compose.yml of pomerium/pomerium",
    ),
    (
        "f611657292cfa4a7e30189501f1ae60907e21b9ab09b1ec1313b21c1ed63ad6c",
        "content/examples/ssh-tcp-l4-passthrough/config/pomerium.yaml of pomerium/documentation",
    ),
    (
        "f7f90dc0d6e1e07e8f3214a554eeae3c606465cc069e1145edd1679f9218e480",
        "content/docs/integrations/user-identity/keycloak.mdx of pomerium/documentation",
    ),
];

/// `published-secret-in-use`
pub(in crate::rules) fn published_secret_in_use(config: &Config, settings: &Settings) -> Judgement {
    let secrets = [
        ("shared_secret", &settings.shared_secret, "sign requests between Pomerium's services"),
        ("cookie_secret", &settings.cookie_secret, "forge login state and sessions"),
        ("signing_key", &settings.signing_key, "forge the identity that Pomerium asserts to your applications"),
    ];
    let judged = secrets.into_iter().filter_map(|(key, setting, power)| judge(config, key, setting.as_ref()?, power));
    judged.collect::<Vec<_>>().into()
}

fn judge(config: &Config, key: &str, setting: &Setting<Secret>, power: &str) -> Option<Finding> {
    // Nobody uses what a sample holds: it is there to be replaced.
    if config.sources.get(setting.span.source).is_some_and(|source| is_sample(&source.name)) {
        return None;
    }
    let place = printed_in(setting.value.expose())?;
    let finding =
        Finding::at(setting.span, format!("this `{key}` is printed in {place}: whoever reads it there can {power}"))
            .stops_no_login();
    let command = if key == "signing_key" {
        "openssl ecparam -genkey -name prime256v1 -noout | base64 -w0"
    } else {
        "head -c32 /dev/urandom | base64"
    };
    let name = called(config, setting.span, key);
    Some(finding.fix(format!("make a new {name}, the same for all services and replicas:")).fix(command))
}

/// Where a secret is printed for everybody to read.
fn printed_in(secret: &str) -> Option<&'static str> {
    let decoded = go::base64::decode(secret).unwrap_or_else(|_| secret.as_bytes().to_vec());
    let pem = decoded.starts_with(b"-----BEGIN");
    let hash = Sha256::digest(if pem { decoded.trim_ascii() } else { &decoded });
    let hash = format!("{hash:x}");
    PUBLISHED
        .binary_search_by(|(known, _)| (*known).cmp(&hash))
        .ok()
        .and_then(|at| PUBLISHED.get(at))
        .map(|(_, place)| *place)
}

#[cfg(test)]
#[allow(clippy::format_collect, reason = "one form for all screens")]
mod tests {
    use super::*;
    use crate::held::holds;

    #[test]
    fn the_hashes_are_sorted_and_whole() {
        assert!(PUBLISHED.is_sorted_by(|(a, _), (b, _)| a < b));
        assert!(PUBLISHED.iter().all(|(hash, place)| hash.len() == 64 && place.contains(" of pomerium/")));
    }

    #[test]
    fn where_each_is_printed_is_said() {
        let places: String = PUBLISHED.iter().map(|(hash, place)| format!("\n{:.8} {place}", *hash)).collect();
        holds(
            &places,
            r#"
1a3af3d6 content/docs/reference/cookies.mdx of pomerium/documentation
1fd1731d docs/docs/signed-headers.md of pomerium/pomerium v0.1.0
2958b708 integration/manifests/lib/pomerium.libsonnet of pomerium/pomerium v0.10.0
2b6ff77f content/examples/ssh-tcp-l4-passthrough/config/pomerium.yaml of pomerium/documentation
308c9492 content/docs/internals/configuration.mdx of pomerium/documentation
4a7b8161 examples/config/config.docker.yaml of pomerium/pomerium
4c7a2376 content/examples/enterprise/hosted-auth-docker.yaml.md of pomerium/documentation
4d75b218 examples/traefik/config.yaml of pomerium/pomerium v0.10.0
4e59e6db examples/traefik-ingress/values/pomerium.yaml of pomerium/pomerium v0.11.0
4f5581ee docs/guides/mtls.md of pomerium/pomerium v0.10.0
517490b8 integration/manifests/lib/pomerium.libsonnet of pomerium/pomerium v0.10.0
55d348bf charts/pomerium-console/README.md of pomerium/pomerium-helm
582d271c content/docs/internals/configuration.mdx of pomerium/documentation
68e7c3f4 content/docs/reference/signing-key.mdx of pomerium/documentation
692f73aa content/docs/get-started/fundamentals/core/advanced-routes.md of pomerium/documentation
6e409658 content/examples/enterprise/hosted-auth-docker.yaml.md of pomerium/documentation
75b46d81 integration/clusters/kubernetes/compose.yml of pomerium/pomerium
80ec6c98 content/examples/enterprise/hosted-auth-docker.yaml.md of pomerium/documentation
955a3a7c examples/traefik-ingress/values/pomerium.yaml of pomerium/pomerium v0.11.0
a85abb99 content/docs/capabilities/getting-users-identity.md of pomerium/documentation
aa78a8dc docs/guides/jwt-verification.md of pomerium/pomerium v0.14.0
addd31ac examples/config/config.example.yaml of pomerium/pomerium
b433b5b5 docs/docs/examples/docker/nginx.docker-compose.yml of pomerium/pomerium v0.1.0
b8e94673 examples/traefik/config.yaml of pomerium/pomerium v0.10.0
b951c853 content/examples/tooljet/config-tooljet.yaml.md of pomerium/documentation
bb30dc5e examples/config/config.example.yaml of pomerium/pomerium
beb545bc internal/acceptance/pomerium/config.yaml of pomerium/pomerium
cb1aef33 content/examples/config/config.docker.yaml.md of pomerium/documentation
d71a07d9 content/docs/reference/shared-secret.mdx of pomerium/documentation
e13181ba internal/acceptance/pomerium/config.yaml of pomerium/pomerium
f2c57f57 integration/clusters/kubernetes/compose.yml of pomerium/pomerium
f6116572 content/examples/ssh-tcp-l4-passthrough/config/pomerium.yaml of pomerium/documentation
f7f90dc0 content/docs/integrations/user-identity/keycloak.mdx of pomerium/documentation"#,
        );
    }

    #[test]
    fn a_secret_is_known_however_its_base64_ends() {
        let published = "WwMtDXWaRDMBQCylle8OJ+w4kLIDIGd8W3cB4/zFFtg=";
        assert_eq!(printed_in(published), Some("examples/config/config.example.yaml of pomerium/pomerium"));
        assert_eq!(printed_in(&format!("{published}\n")), printed_in(published));
        assert_eq!(printed_in("3gmXKHKeGnXRYwqLPsQxlJBgBnhhPGVqLZ9pc+2KDD8="), None);
        assert_eq!(printed_in(""), None);
    }
}
