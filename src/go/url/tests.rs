#![allow(clippy::unwrap_used, clippy::expect_used)]

use super::*;

fn refused(text: &str) -> String {
    parse_and_validate(text).expect_err(text)
}

#[test]
fn nothing_is_normalised_but_the_scheme() {
    for (written, printed) in [
        ("https://authenticate.corp.example.com", "https://authenticate.corp.example.com"),
        ("HTTPS://Authenticate.Corp.Example.com:443/", "https://Authenticate.Corp.Example.com:443/"),
        ("https://u:p@h.example:/x//y/../z?a=1;b&c#f", "https://u:p@h.example:/x//y/../z?a=1;b&c#f"),
        ("https://h.example?", "https://h.example?"),
        ("https://h.example??", "https://h.example??"),
        ("https://h.example#", "https://h.example"),
        ("https://[::1]:8443", "https://[::1]:8443"),
        ("https://[fe80::1%25en0]/x", "https://[fe80::1%25en0]/x"),
        ("https://bücher.example/ä b", "https://b%C3%BCcher.example/%C3%A4%20b"),
        ("https://h.example/a%2fb", "https://h.example/a%2fb"),
        ("https://h.example/%7Ex", "https://h.example/%7Ex"),
        ("https://h.example/${X}", "https://h.example/$%7BX%7D"),
        ("https://h.example /x", ""),
        ("unix:/var/run/x.sock", "unix:/var/run/x.sock"),
        ("https+unix:///var/run/x.sock", "https+unix:///var/run/x.sock"),
        ("tcp+https://ssh.example:22", "tcp+https://ssh.example:22"),
        ("https://a@b@h.example", "https://a%40b@h.example"),
    ] {
        assert_eq!(parse_and_validate(written).map(|url| url.to_string()).unwrap_or_default(), printed, "{written}");
    }
}

#[test]
fn refusals_are_in_the_words_of_go_and_pomerium() {
    for (written, words) in [
        ("", "url cannot be empty"),
        ("authenticate.corp.example.com", "authenticate.corp.example.com url does not contain a valid scheme"),
        ("//h.example/x", "//h.example/x url does not contain a valid scheme"),
        (
            "authenticate.corp.example.com:443",
            "authenticate.corp.example.com:443 url does not contain a valid hostname",
        ),
        ("https:///x", "https:///x url does not contain a valid hostname"),
        ("https:/h.example", "https:/h.example url does not contain a valid hostname"),
        ("https:", "https: url does not contain a valid hostname"),
        (
            " https://authenticate.corp.example.com ",
            "parse \" https://authenticate.corp.example.com \": first path segment in URL cannot contain colon, \
             have you specified protocol (ex: https)",
        ),
        (
            "10.0.0.1:8080",
            "parse \"10.0.0.1:8080\": first path segment in URL cannot contain colon, \
             have you specified protocol (ex: https)",
        ),
        ("https://${AUTH_HOST}", "parse \"https://${AUTH_HOST}\": invalid character \"{\" in host name"),
        ("https://h.example #x", "parse \"https://h.example \": invalid character \" \" in host name"),
        ("://h.example", "parse \"://h.example\": missing protocol scheme"),
        ("https://h.example\n", "parse \"https://h.example\\n\": net/url: invalid control character in URL"),
        ("https://h.example:port", "parse \"https://h.example:port\": invalid port \":port\" after host"),
        ("https://h.example:80:81", "parse \"https://h.example:80:81\": invalid port \":80:81\" after host"),
        ("https://[::1]x", "parse \"https://[::1]x\": invalid port \"x\" after host"),
        ("https://[::1", "parse \"https://[::1\": missing ']' in host"),
        ("https://[1.2.3.4]", "parse \"https://[1.2.3.4]\": invalid IP-literal"),
        ("https://h%41.example", "parse \"https://h%41.example\": invalid URL escape \"%41\""),
        ("https://h.example/%zz", "parse \"https://h.example/%zz\": invalid URL escape \"%zz\""),
        ("https://h.example/%4", "parse \"https://h.example/%4\": invalid URL escape \"%4\""),
        ("https://h.example#%", "parse \"https://h.example#%\": invalid URL escape \"%\""),
        ("https://a b@h.example", "parse \"https://a b@h.example\": net/url: invalid userinfo"),
        (
            "\"https://h.example\"",
            concat!(
                "parse \"\\\"https://h.example\\\"\": first path segment in URL cannot ",
                "contain colon, have you specified protocol (ex: https)"
            ),
        ),
        (
            "\u{feff}https://h.example",
            "parse \"\\ufeffhttps://h.example\": first path segment in URL cannot contain colon, \
             have you specified protocol (ex: https)",
        ),
    ] {
        assert_eq!(refused(written), words, "{written}");
    }
}

#[test]
fn host_and_port_come_apart() {
    for (written, hostname, port) in [
        ("https://H.example:8443/x", "H.example", "8443"),
        ("https://h.example:", "h.example", ""),
        ("https://h.example", "h.example", ""),
        ("https://[::1]:8443", "::1", "8443"),
        ("https://[fe80::1%25en0]", "fe80::1%en0", ""),
        ("https://bücher.example", "bücher.example", ""),
    ] {
        let url = parse_and_validate(written).unwrap();
        assert_eq!((url.hostname().as_str(), url.port()), (hostname, port), "{written}");
    }
}

#[test]
fn setting_the_path_keeps_what_resolving_it_drops() {
    let url = parse_and_validate("https://u@H.example:443/a%2fb?x=1#f").unwrap();
    assert_eq!(url.with_path("/oauth2/callback").to_string(), "https://u@H.example:443/oauth2/callback?x=1#f");
    assert_eq!(url.resolve_path("/.pomerium/signed_out").to_string(), "https://u@H.example:443/.pomerium/signed_out");
}

#[test]
fn queries_are_written_as_go_writes_them() {
    assert_eq!(
        query_encode(&[("scope", "openid  a+b,c"), ("x y", "https://h.example/~ä")]),
        "scope=openid++a%2Bb%2Cc&x+y=https%3A%2F%2Fh.example%2F~%C3%A4"
    );
}

#[test]
fn what_nobody_sees_is_escaped() {
    for (text, quoted) in [("é\u{ad}", "\"é\\u00ad\""), ("a\u{2066}b", "\"a\\u2066b\""), ("\u{feff}", "\"\\ufeff\"")]
    {
        assert_eq!(crate::go::quote(text), quoted);
    }
}
