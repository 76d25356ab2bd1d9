use super::parts::*;

#[test]
fn an_issuer_is_taken_apart_where_it_stands() {
    let text = "https://cognito-idp.eu-west-1.amazonaws.com:443/eu-west-1_9xK2mPq7R?x#y";
    let parts = Parts::of(text);
    assert_eq!((parts.scheme, parts.port, parts.path, parts.tail), ("https", ":443", "/eu-west-1_9xK2mPq7R", "?x#y"));
    assert_eq!(parts.host, "cognito-idp.eu-west-1.amazonaws.com");
    assert_eq!(text.get(parts.host_start..parts.host_start + parts.host.len()), Some(parts.host));
    assert_eq!(Parts::of("cognito-idp.x/y").host, "cognito-idp.x");
    assert_eq!(Parts::of("").host, "");
    assert_eq!(Parts::of("//ä").host, "ä");
}

#[test]
fn regions_are_read_off_hosts_of_every_partition() {
    for (host, region) in [
        ("cognito-idp.eu-west-1.amazonaws.com", Some("eu-west-1")),
        ("cognito-idp-fips.us-gov-west-1.amazonaws.com", Some("us-gov-west-1")),
        ("issuer-cognito-idp.us-east-2.amazonaws.com", Some("us-east-2")),
        ("cognito-idp.eusc-de-east-1.amazonaws.eu", Some("eusc-de-east-1")),
        ("cognito-idp.amazonaws.com", None),
        ("cognito-idp.eu-west-1.amazon.com", None),
        ("cognito-identity.eu-west-1.amazonaws.com", None),
        ("evil.cognito-idp.eu-west-1.amazonaws.com", None),
    ] {
        assert_eq!(region_of_host(host), region, "{host}");
    }
}

#[test]
fn a_pool_id_is_a_region_and_a_name() {
    for (id, region) in [
        ("eu-west-1_9xK2mPq7R", Some("eu-west-1")),
        ("us-gov-west-1_abc", Some("us-gov-west-1")),
        ("eu-west_9xK2mPq7R", None),
        ("eu-west-1-9xK2mPq7R", None),
        ("eu-west-1_", None),
        ("eu-west-1_9x/K2", None),
        ("EU-WEST-1_9xK2mPq7R", None),
    ] {
        assert_eq!(region_of_pool(id), region, "{id}");
    }
}

#[test]
fn what_stands_in_place_of_a_pool_id_is_named() {
    for (id, word) in [
        ("", "missing"),
        ("arn:aws:cognito-idp:eu-west-1:123456789012:userpool", "ARN"),
        ("eu-west-1:1f0a6a37-1c3b-4d2e-9c55-0a1b2c3d4e5f", "identity pool"),
        ("4qk2v9s7m1n3b5c8d0f6g7h2u1", "app client"),
        ("eu-west-1_9xK2mPq7R/extra", "before or after"),
        ("9xK2mPq7R", "looks like eu-west-1_"),
    ] {
        assert!(not_a_pool(id, "eu-west-1").contains(word), "{id}");
    }
    let arn = "https://cognito-idp.eu-west-1.amazonaws.com/arn:aws:cognito-idp:eu-west-1:123456789012:userpool/eu-west-1_9xK2mPq7R";
    assert_eq!(pool_id_in(arn), Some("eu-west-1_9xK2mPq7R"));
}

#[test]
fn a_path_below_the_issuer_is_found() {
    let issuer = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_9xK2mPq7R";
    for below in ["/.well-known/openid-configuration", "/.well-known/jwks.json", "/oauth2/authorize"] {
        assert_eq!(discovery_suffix(&format!("{issuer}{below}")), Some(issuer.len()));
    }
    assert_eq!(discovery_suffix(issuer), None);
}
