#![allow(clippy::unwrap_used)]

use openidconnect::http::Response;

use super::*;

fn heard(status: u16, headers: &[(&str, &str)], body: &str) -> (String, Vec<&'static str>) {
    let mut answer = Response::builder().status(status);
    for (name, value) in headers {
        answer = answer.header(*name, *value);
    }
    let heard = Heard::of(&answer.body(body.as_bytes().to_vec()).unwrap());
    (heard.says(), heard.pages())
}

#[test]
fn the_words_come_from_the_body_or_the_header_and_from_nowhere_else() {
    let header = r#"Bearer error="invalid_token", error_description="Access token does not contain openid scope""#;
    let (says, pages) = heard(401, &[("www-authenticate", header)], "");
    assert_eq!(says, "status 401: invalid_token: Access token does not contain openid scope");
    assert_eq!(pages, ["scope-openid-missing"]);
    let (says, _) = heard(400, &[], r#"{"error":"x","error_description":"y","access_token":"z"}"#);
    assert_eq!(says, "status 400: x: y");
    assert_eq!(heard(403, &[], r#"{"message":"Forbidden"}"#).0, "status 403: Forbidden");
    assert_eq!(heard(403, &[], "<html>no</html>").1, ["network-blocked"]);
}

#[test]
fn many_possible_causes_are_none() {
    assert_eq!(pages_of(r#"{"error":"invalid_request","error_description":""}"#), Vec::<&str>::new());
    assert_eq!(pages_of(r#"{"error":"invalid_scope","error_description":""}"#).len(), 2);
}
