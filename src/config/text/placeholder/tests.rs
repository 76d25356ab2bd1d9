use super::*;

fn expect(kind: ValueKind, texts: &[&str]) {
    for text in texts {
        assert_eq!(classify(text), kind, "{text}");
    }
}

#[test]
fn what_somebody_expands_is_a_reference() {
    expect(
        ValueKind::Reference,
        &[
            "${IDP_CLIENT_ID}",
            "https://${AUTH_HOST}",
            "https://authenticate.${DOMAIN}/x",
            "${CLIENT_ID:-abc}",
            "${CLIENT_SECRET?CLIENT_SECRET must be set}",
            "https://cognito-idp.${AWS_REGION}.amazonaws.com/${USER_POOL_ID}",
            "${var.client_id}",
            "$(IDP_CLIENT_ID)",
            "https://$(AUTHENTICATE_SERVICE_HOST)",
            "$(openssl rand -base64 32)",
            "$IDP_CLIENT_ID",
            "$idp_client_id",
            "https://$HOST:8443",
            "https://auth.$DOMAIN",
            "verify.$CLUSTER_SUBDOMAIN.pomerium.app",
            "{{ .Values.client_id }}",
            "{{- .Values.client_id -}}",
            "https://{{ domain }}",
            "{{ template \"dexHost\" . }}",
            "{% if x %}a{% endif %}",
            "<%= client_id %>",
            "#{ClientId}",
            "@CLIENT_ID@",
            "%s",
            "https://%s/",
            "%(client_id)s",
            "op://vault/pomerium/secret",
            "vault:secret/data/pomerium#client_secret",
            "<path:secret/data/pomerium#client_secret>",
            "ENC[AES256_GCM,data:Tr7o,iv:1,tag:2,type:str]",
            "Bearer ${pomerium.access_token} ${OTHER}",
        ],
    );
}

#[test]
fn what_somebody_forgot_is_unfilled() {
    expect(
        ValueKind::Unfilled,
        &[
            "<client id>",
            "<CLIENT_ID>",
            "<secret>",
            "<CHANGEME>",
            "<CLIENT_ID>.apps.googleusercontent.com",
            "https://cognito-idp.<region>.amazonaws.com/<pool-id>",
            "https://login.microsoftonline.com/<azure-tenant-uuid-here>/v2.0",
            "<Keycloak 客户端密钥>",
            "YOUR_CLIENT_ID",
            "(YOUR_POMERIUM_URL)",
            "'your_client_secret'",
            "your-google-client-id",
            "https://your-domain.auth.eu-west-1.amazoncognito.com",
            "https://authenticate.yourdomain.com",
            "your client id",
            "https://writeguard.REPLACE.pomerium.app",
            "CHANGE_ME",
            "CHANGEME",
            "change-me-shared-secret",
            "REPLACE_ME",
            "REPLACE ME",
            "REPLACE",
            "REPLACE_ME_BASE64",
            "REPLACE_WITH_ANOTHER_SECRET",
            "REPLACE_FROM_SECRET_MANAGER",
            "https://REPLACE_ME.us.auth0.com",
            "https://login.microsoftonline.com/replacemewithtenantid/v2.0",
            "https://login.microsoftonline.com/{REPLACE-WITH-OIDC-METADATA-STRING}/v2.0",
            "PUT-AUTH0-CLIENT-ID-HERE",
            "https://PUT-AUTH0-DOMAIN-HERE",
            "cookie-secret-here",
            "URL of server here",
            "***FILL IN***",
            "********",
            "xxxx",
            "XXXXXX",
            "xxx",
            "yyyy.apps.googleusercontent.com",
            "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_xxxxxxxxx",
            "us-east-1_EXAMPLE",
            "https://cognito-idp.region.amazonaws.com/userPoolId",
            "https://cognito-idp.{region}.amazonaws.com/{userPoolId}",
            "https://cognito-idp.REGION.amazonaws.com/x",
            "https://auth.DOMAIN",
            "...",
            "https://...",
            "eu-west-1_...",
            "TODO",
            "REDACTED",
            "__GENERATE_ME__",
            "__CLIENT_ID__",
            "client id",
            "CLIENT_ID",
            "GOOGLE_CLIENT_SECRET",
            "idp_client_id",
            "https://cognito-idp.${AWS-REGION}.amazonaws.com/${USER-POOL-ID}",
            "304a12ktcc5djt9d7enj6dsjkg",
        ],
    );
}

#[test]
fn what_could_be_genuine_is_literal() {
    expect(
        ValueKind::Literal,
        &[
            "",
            "cognito",
            "oidc",
            "https://authenticate.corp.example.com",
            "https://authenticate.example.com:443",
            "https://pomerium.example.org/",
            "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_9xK2mPq7R",
            "4qk2v9s7m1n3b5c8d0f6g7h2u1",
            "1hq0f3l8a7s6d5f4g3h2j1k0l9m8n7b6v5c4x3z2q1w0e9r8t7u",
            "ed45xxxd0b1a78",
            "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
            "HhvLwcuLPpN/rnZa2mR8mvr43TJmOh8HFjKvOLrHteM=",
            "kKFqCvGtqkXB9Jiu2VLSnw65LHdNghiXWcpdK99EdCw=",
            "-----BEGIN EC PRIVATE KEY-----\nMHcCAQEEIIwnHANKC4qd\n-----END EC PRIVATE KEY-----",
            "openid profile email",
            "openid,email",
            "aws.cognito.signin.user.admin",
            "https://api.corp.example.com/read",
            "ann@corp.example.com",
            "*@example.com",
            "Ann <ann@corp.example.com>",
            "your-team@corp.example.com",
            "client_id",
            "cognito:groups",
            "custom:Department",
            "claim/given_name",
            "X-CLIENT-ID",
            "${pomerium.access_token}",
            "Bearer $pomerium.id_token",
            "$pomerium.jwt",
            "$${NOT_A_REFERENCE}",
            "$ecret$pass",
            "pa$$word",
            "^/api/(.*)$",
            "^/v[0-9]{2,3}/(?P<name>[a-z]+)$",
            "\\p{L}+",
            "%REQ(X-Request-Id)%",
            "%PROTOCOL%",
            "https://h.example/%73",
            "<html><body><h1>Hello</h1></body></html>",
            "a < b and c > d",
            "https://replacement.corp.example.com",
            "https://changement.corp.example.fr",
            "https://todo.corp.example.com",
            "todo",
            "Your apps",
            "Your temporary password for the repository",
            "https://adguard.your-dns.run",
            "start here",
            "The place where you change your password",
            "https://example.xxx",
            "http://keycloak.keycloak.svc.cluster.local:8080/realms/corp",
            "foo",
            "pomerium",
            "a.rego: {{\"a\": 1}}",
            "{\"openid\": true}",
            "14h",
            "/run/secrets/idp_client_secret",
            "postgres://pomerium:x@db/pomerium",
        ],
    );
}

#[test]
fn stretches_that_begin_one_in_the_other_end_together_and_none_ends_nowhere() {
    let of = |text: &'static str| between(text, "${", "}").collect::<Vec<_>>();
    assert_eq!(of("a${b${c}d}${e}${f"), [("a", "b${c"), ("a${b", "c"), ("a${b${c}d}", "e")]);
    assert_eq!(of("${}}"), [("", "")]);
    let open = "${".repeat(1000);
    // The first that does not end is the last one that is looked at.
    assert_eq!(between(&open, "${", "}").count(), 0);
    assert_eq!(classify(&open), ValueKind::Literal);
    assert_eq!(classify(&format!("{open}A}}")), ValueKind::Reference);
}
