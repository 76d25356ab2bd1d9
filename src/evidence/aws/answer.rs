//! An answer of the API, cut down to what may be kept; and what it says.

use std::borrow::Cow;

use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use super::call::{Call, Kind, Operation};
use super::errors::{is_error_name, is_passing_name};
use crate::evidence::{Answer, Exchange, redact, unclear};

/// What a kept answer holds beside what the API says.
const SECRET: &str = "ClientSecretIs";
const COUNT: &str = "Count";
const ERROR: &str = "__type";
const RESOURCE: &str = "Resource";
const POLICY: &str = "Policy";
const IS_DENIAL: &str = "Denies";
const PAGE: &str = "NextToken";
const UNUSABLE: &str = "Unusable";

/// A longer ARN is cut, in characters.
const LONGEST: usize = 200;

/// How the secret of the app client and the configured one compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Compared {
    /// None is shown.
    None,
    /// AWS Secrets Manager holds it, and it is not shown.
    Elsewhere,
    /// It has one, and there was nothing to compare it with.
    Alone,
    Same,
    Other,
}

impl Compared {
    const NAMES: [(Self, &'static str); 5] = [
        (Self::None, "absent"),
        (Self::Elsewhere, "in Secrets Manager"),
        (Self::Alone, "present"),
        (Self::Same, "the configured one"),
        (Self::Other, "another one"),
    ];
}

impl Call {
    /// What is kept of an answer: see `kept`.
    pub fn kept(&self, status: u16, error_header: Option<&str>, body: &[u8], is_whole: bool) -> String {
        kept(self, status, error_header, body, is_whole)
    }
}

/// What came, less everything that is not known to be harmless: the body that is kept. `error_header` is the type of an error as the
/// header names it.
pub(super) fn kept(call: &Call, status: u16, error_header: Option<&str>, body: &[u8], is_whole: bool) -> String {
    let unusable = |why: &str| Value::from(Map::from_iter([(UNUSABLE.to_owned(), why.into())])).to_string();
    if !is_whole && begins_with_style(call, status, body) {
        return Value::from(Map::from_iter([(call.operation.member().to_owned(), Map::new().into())])).to_string();
    }
    if !is_whole {
        return unusable("a body that is longer than is read");
    }
    let parsed: Option<Map<String, Value>> = serde_json::from_slice(body).ok();
    let Some(mut parsed) = parsed else {
        if let Some(name) = error_header.filter(|_| status >= 400) {
            return refusal(Some(name), &Map::new()).to_string();
        }
        let start = body.iter().copied().find(|byte| !byte.is_ascii_whitespace());
        return unusable(match start {
            None => "an empty body",
            Some(b'<') => "a page",
            Some(_) => "what is not JSON",
        });
    };
    let kept = if status == 200 { answer(call, &mut parsed) } else { Some(refusal(error_header, &parsed)) };
    wipe(&mut Value::Object(parsed));
    kept.map_or_else(|| unusable("JSON of another shape"), |kept| kept.to_string())
}

/// Whether an answer begins with a style, of which nothing is kept but that it is there: its images make it longer than is read.
fn begins_with_style(call: &Call, status: u16, body: &[u8]) -> bool {
    let body: String =
        body.iter().take(100).map(|byte| char::from(*byte)).filter(|char| !char.is_whitespace()).collect();
    status == 200
        && call.operation == Operation::DescribeManagedLoginBrandingByClient
        && body.starts_with(&format!("{{\"{}\":{{", call.operation.member()))
}

/// Overwrites the texts of a value, as far as the memory is still ours.
fn wipe(value: &mut Value) {
    use zeroize::Zeroize as _;
    match value {
        Value::String(text) => text.zeroize(),
        Value::Array(list) => list.iter_mut().for_each(wipe),
        Value::Object(members) => members.values_mut().for_each(wipe),
        _ => {}
    }
}

fn answer(call: &Call, body: &mut Map<String, Value>) -> Option<Value> {
    let (operation, name) = (call.operation, call.operation.member());
    let member = body.get(name)?;
    let mut kept = Map::new();
    if operation.is_list() {
        let list = member.as_array()?;
        kept.insert(COUNT.to_owned(), list.len().into());
        if !operation.kept().is_empty() {
            let members = list.iter().map(|one| fields(one, operation.kept())).collect::<Option<Vec<Value>>>()?;
            kept.insert(name.to_owned(), members.into());
        }
    } else {
        kept.insert(name.to_owned(), fields(member, operation.kept())?);
    }
    if operation.is_list()
        && let Some(page) = body.get(PAGE).and_then(Value::as_str)
    {
        kept.insert(PAGE.to_owned(), page.into());
    }
    if operation == Operation::DescribeUserPoolClient {
        let text = |name| member.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
        let compared = match text("ClientSecret") {
            Some(secret) => compare(call, secret),
            None if text("ClientSecretArn").is_some() => Compared::Elsewhere,
            None => Compared::None,
        };
        let (_, word) = Compared::NAMES.iter().find(|(own, _)| *own == compared)?;
        kept.insert(SECRET.to_owned(), (*word).into());
    }
    Some(kept.into())
}

/// Compares both in a time that does not depend on where they differ.
fn compare(call: &Call, secret: &str) -> Compared {
    let Some(configured) = &call.configured else { return Compared::Alone };
    let digests = [secret, configured.expose()].map(Sha256::digest);
    let [one, other] = &digests;
    let differences = one.iter().zip(other).fold(0, |all, (one, other)| all | (one ^ other));
    if differences == 0 { Compared::Same } else { Compared::Other }
}

/// The fields of an object that are kept; nothing if one of them is of another kind than AWS documents.
fn fields(value: &Value, kept: &[(&str, Kind)]) -> Option<Value> {
    let object = value.as_object()?;
    let mut fields_kept = Map::new();
    for (name, kind) in kept {
        let Some(value) = object.get(*name).filter(|value| !value.is_null()) else { continue };
        let value = match kind {
            Kind::Text => Some(value.clone()).filter(Value::is_string),
            Kind::Flag => Some(value.clone()).filter(Value::is_boolean),
            Kind::Number => value.as_u64().map(Value::from),
            Kind::Texts => texts(value, |text| Cow::Borrowed(text)),
            Kind::Addresses => texts(value, redact),
            Kind::Within(inner) => fields(value, inner),
            Kind::Attributes => value.as_object().map(|mapping| {
                let is_filled = |value: &Value| value.as_str().is_some_and(|from| !from.is_empty());
                let names =
                    mapping.iter().filter(|(_, from)| is_filled(from)).map(|(name, _)| Value::from(name.as_str()));
                names.collect::<Vec<Value>>().into()
            }),
        };
        // What the API writes as a number it may write as a text one day.
        let value = value.or_else(|| {
            object.get(*name)?.as_str().filter(|_| matches!(kind, Kind::Number))?.parse::<u64>().ok().map(Value::from)
        });
        fields_kept.insert((*name).to_owned(), value?);
    }
    Some(fields_kept.into())
}

/// A list of texts, each as much of it as is kept; nothing if it is none.
fn texts(value: &Value, kept: fn(&str) -> Cow<'_, str>) -> Option<Value> {
    let texts = value.as_array()?.iter().map(|text| Some(kept(text.as_str()?).into()));
    texts.collect::<Option<Vec<Value>>>().map(Value::from)
}

/// An error: its type, and of its words only what the verdict needs.
fn refusal(header: Option<&str>, body: &Map<String, Value>) -> Value {
    let name = type_of(header, body);
    let mut kept = Map::from_iter([(ERROR.to_owned(), (if is_error_name(name) { name } else { "" }).into())]);
    let message = ["message", "Message"].iter().find_map(|name| body.get(*name)?.as_str()).unwrap_or_default();
    if name == "ResourceNotFoundException" {
        // Whether it is the client that is not there, or the pool with it.
        let what = if message.to_ascii_lowercase().contains("client") { "client" } else { "pool" };
        kept.insert("message".to_owned(), what.into());
    }
    if let Some(policy) = Policy::of(message) {
        kept.insert(POLICY.to_owned(), policy.kind.into());
        kept.insert(IS_DENIAL.to_owned(), policy.denies.into());
    }
    let arn = message.split_once(" on resource: ").and_then(|(_, rest)| rest.split_whitespace().next());
    if let Some(arn) = arn.filter(|arn| arn.starts_with("arn:") && arn.contains(":userpool/")) {
        kept.insert(RESOURCE.to_owned(), arn.chars().take(LONGEST).collect::<String>().into());
    }
    kept.into()
}

/// Whether it may be another one in a moment. `error_header` is the type of an error as the header names it.
pub(in crate::evidence) fn is_passing(status: u16, error_header: Option<&str>, body: &[u8]) -> bool {
    // STS answers in XML.
    let code = || std::str::from_utf8(body).ok().and_then(|text| element(text, "Code")).unwrap_or_default();
    let name = || match serde_json::from_slice(body) {
        Ok(held) => type_of(error_header, &held).to_owned(),
        Err(_) => type_of(error_header.or(Some(code())), &Map::new()).to_owned(),
    };
    matches!(status, 429 | 500..=599) || status >= 400 && is_passing_name(&name())
}

/// What stands between the tags of this name.
pub(super) fn element<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    let (_, rest) = text.split_once(&format!("<{name}>"))?;
    Some(rest.split_once(&format!("</{name}>"))?.0)
}

/// The type of an error: what the body names, else the header; without the service before it and the address behind it.
fn type_of<'e>(header: Option<&'e str>, body: &'e Map<String, Value>) -> &'e str {
    let own = ["__type", "code", "Code"].iter().find_map(|name| body.get(*name)?.as_str());
    let name = own.or(header).unwrap_or_default();
    name.rsplit('#').next().unwrap_or_default().split(':').next().unwrap_or_default()
}

/// The policy that refuses a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Policy {
    /// As AWS calls it.
    pub(super) kind: &'static str,
    /// It says no; else it does not say yes.
    pub(super) denies: bool,
}

impl Policy {
    /// The kinds of policies that AWS names ("Troubleshoot access denied error messages", IAM User Guide).
    const KINDS: [&'static str; 7] = [
        "service control policy",
        "resource control policy",
        "VPC endpoint policy",
        "permissions boundary",
        "session policy",
        "resource-based policy",
        "identity-based policy",
    ];

    /// The one that a refusal names.
    fn of(message: &str) -> Option<Self> {
        let find = |behind: &str, articles: &[&str]| {
            let (_, rest) = message.split_once(behind)?;
            let rest = articles.iter().find_map(|article| rest.strip_prefix(article))?;
            Self::KINDS.into_iter().find(|kind| rest.starts_with(kind))
        };
        let denying = find(" explicit deny in ", &["a ", "an "]).map(|kind| Self { kind, denies: true });
        denying.or_else(|| find(" because no ", &[""]).map(|kind| Self { kind, denies: false }))
    }

    /// The same from what is kept.
    fn kept(body: &Map<String, Value>) -> Option<Self> {
        let word = body.get(POLICY)?.as_str()?;
        let kind = Self::KINDS.into_iter().find(|kind| *kind == word)?;
        Some(Self { kind, denies: body.get(IS_DENIAL)?.as_bool()? })
    }
}

/// What a kept answer says.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Reply {
    /// What was asked for.
    Told(Told),
    /// There is no such thing; in the API's words.
    Absent(String),
    /// An error of this type, the resource that it names, and the policy.
    Error { name: String, resource: Option<String>, policy: Option<Policy> },
    /// Nothing that says anything: what came instead.
    Nothing(String),
}

/// The body of an answer that tells.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Told(Map<String, Value>);

/// Reads an exchange; nothing if no answer came.
pub(super) fn read(exchange: &Exchange) -> Option<Reply> {
    let answer: &Answer = unclear::answer(exchange).ok()?;
    let Ok(body) = serde_json::from_str::<Map<String, Value>>(&answer.body) else {
        return Some(Reply::Nothing("what is not JSON".to_owned()));
    };
    let text = |name: &str| body.get(name).and_then(Value::as_str).map(str::to_owned);
    if let Some(what) = text(UNUSABLE) {
        return Some(Reply::Nothing(what));
    }
    Some(match text(ERROR) {
        None if answer.status == 200 => Reply::Told(Told(body)),
        Some(name) if name == "ResourceNotFoundException" => Reply::Absent(text("message").unwrap_or_default()),
        Some(name) if !name.is_empty() => Reply::Error { name, resource: text(RESOURCE), policy: Policy::kept(&body) },
        _ => Reply::Nothing("an error without a name".to_owned()),
    })
}

impl Told {
    /// The object that was asked for.
    pub(super) fn object(&self, operation: Operation) -> Option<&Map<String, Value>> {
        self.0.get(operation.member())?.as_object()
    }

    /// The objects of a list.
    pub(super) fn list(&self, operation: Operation) -> impl Iterator<Item = &Map<String, Value>> {
        self.0.get(operation.member()).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_object)
    }

    /// How many there are in a list.
    pub(super) fn count(&self) -> Option<u64> {
        self.0.get(COUNT)?.as_u64()
    }

    /// How the page after this one is named.
    pub(super) fn next_page(&self) -> Option<String> {
        self.0.get(PAGE)?.as_str().filter(|page| !page.is_empty()).map(str::to_owned)
    }

    /// How the secrets compare.
    pub(super) fn compared(&self) -> Option<Compared> {
        let word = self.0.get(SECRET)?.as_str()?;
        Compared::NAMES.iter().find(|(_, known)| *known == word).map(|(own, _)| *own)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use std::rc::Rc;

    use super::*;
    use crate::secret::Secret;

    fn call(operation: Operation, configured: Option<&str>) -> Call {
        Call::new(operation, "eu-west-1", configured.map(Secret::new), None, Rc::default())
    }

    #[test]
    fn of_a_client_only_what_is_listed_is_kept_and_of_its_secret_how_it_compares() {
        let body = br#"{"UserPoolClient":{"ClientId":"c","ClientSecret":"CANARY","NewField":"CANARY2","CallbackURLs":["https://a"],"TokenValidityUnits":{"RefreshToken":"days","x":"CANARY3"},"EnableTokenRevocation":null},"Other":"CANARY4"}"#;
        for (configured, word) in
            [(Some("CANARY"), "the configured one"), (Some("other"), "another one"), (None, "present")]
        {
            let kept = kept(&call(Operation::DescribeUserPoolClient, configured), 200, None, body, true);
            assert!(!kept.contains("CANARY") && kept.contains(word) && kept.contains("https://a"), "{kept}");
        }
    }

    #[test]
    fn of_a_provider_the_names_of_its_attributes_are_kept() {
        let body = br#"{"IdentityProvider":{"ProviderName":"Google","ProviderDetails":{"client_secret":"CANARY"},"AttributeMapping":{"email":"CANARY","name":""}}}"#;
        let kept = kept(&call(Operation::DescribeIdentityProvider, None), 200, None, body, true);
        assert_eq!(kept, r#"{"IdentityProvider":{"ProviderName":"Google","AttributeMapping":["email"]}}"#);
    }

    #[test]
    fn what_is_no_answer_is_told_apart_and_never_kept() {
        let client = || call(Operation::DescribeUserPoolClient, None);
        for (status, body, what) in [
            (500, "<html>CANARY</html>", "a page"),
            (200, "", "an empty body"),
            (200, "CANARY", "what is not JSON"),
            (200, "{}", "JSON of another shape"),
            (200, r#"{"UserPoolClient":{"CallbackURLs":"CANARY"}}"#, "JSON of another shape"),
        ] {
            let kept = kept(&client(), status, None, body.as_bytes(), true);
            assert!(kept.contains(what) && !kept.contains("CANARY"), "{kept}");
        }
        let cut = kept(&client(), 200, None, br#"{"UserPoolClient":{}}"#, false);
        assert!(cut.contains("longer"), "{cut}");
    }

    #[test]
    fn a_style_is_there_however_large_its_images_are() {
        let style = || call(Operation::DescribeManagedLoginBrandingByClient, None);
        let body = br#"{ "ManagedLoginBranding": {"Assets":[{"Bytes":"CANARY"#;
        assert_eq!(kept(&style(), 200, None, body, false), r#"{"ManagedLoginBranding":{}}"#);
        for (status, body) in [(400, &body[..]), (200, br#"{"Other":{"ManagedLoginBranding":{"#), (200, b"<html>")] {
            assert!(kept(&style(), status, None, body, false).contains("longer"), "{status}");
        }
    }

    #[test]
    fn a_callback_is_kept_without_the_password_in_it() {
        let body = br#"{"UserPoolClient":{"CallbackURLs":["https://u:CANARY@a.example/?client_secret=CANARY&x=1"],"LogoutURLs":["https://u:CANARY@a.example/"],"AllowedOAuthScopes":["openid"]}}"#;
        let kept = kept(&call(Operation::DescribeUserPoolClient, None), 200, None, body, true);
        assert!(!kept.contains("CANARY") && kept.contains("@a.example/") && kept.contains("x=1"), "{kept}");
    }

    #[test]
    fn an_error_keeps_its_type_and_the_resource_it_names() {
        let body = br#"{"__type":"com.amazon.coral#AccessDeniedException","Message":"User: arn:aws:sts::1:assumed-role/CANARY/x is not authorized to perform: cognito-idp:DescribeUserPool on resource: arn:aws:cognito-idp:eu-west-1:123456789012:userpool/p because no policy allows it"}"#;
        let kept = kept(&call(Operation::DescribeUserPool, None), 400, None, body, true);
        assert_eq!(
            kept,
            r#"{"__type":"AccessDeniedException","Resource":"arn:aws:cognito-idp:eu-west-1:123456789012:userpool/p"}"#
        );
        for (name, is_kept) in
            [("OperationNotEnabledException", true), ("SlowDown", true), ("zq7CANARY", false), ("CANARY", false)]
        {
            let body = format!(r#"{{"__type":"{name}","message":"CANARY client","x":"CANARY on resource: CANARY"}}"#);
            let kept = super::kept(&call(Operation::DescribeUserPool, None), 400, None, body.as_bytes(), true);
            assert!(kept.contains(name) == is_kept && !kept.contains("CANARY"), "{kept}");
        }
        let absent = br#"{"__type":"ResourceNotFoundException","message":"User pool client CANARY does not exist."}"#;
        let absent = super::kept(&call(Operation::DescribeUserPoolClient, None), 400, None, absent, true);
        assert_eq!(absent, r#"{"__type":"ResourceNotFoundException","message":"client"}"#);
        let by_header =
            super::kept(&call(Operation::DescribeUserPool, None), 400, Some("TooManyRequestsException:"), b"", true);
        assert!(by_header.contains("TooManyRequestsException"), "{by_header}");
        assert!(is_passing(400, None, br#"{"__type":"x#TooManyRequestsException"}"#) && is_passing(503, None, b""));
        assert!(is_passing(400, Some("TooManyRequestsException:http://internal"), b"{}"));
        let of_tokens = |code: &str| format!("<ErrorResponse><Error><Code>{code}</Code></Error></ErrorResponse>");
        assert!(is_passing(400, None, of_tokens("Throttling").as_bytes()));
        assert!(!is_passing(403, None, of_tokens("AccessDenied").as_bytes()));
        assert!(is_passing(400, Some("Throttling"), b"{}") && is_passing(400, None, br#"{"__type":"SlowDown"}"#));
        assert!(!is_passing(400, None, body) && !is_passing(200, None, br#"{"__type":"TooManyRequestsException"}"#));
    }
}
