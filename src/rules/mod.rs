//! The judgements, one file per stage of the login chain.
//!
//! A rule is a plain function of its evidence. The types of its parameters are the questions it asks; if one has no answer the
//! function is not called and the verdict is *undecided*. A rule does no I/O and reads neither clock nor environment.
//!
//! Adding a rule touches three places: its function in the file of its stage, its line in [`RULES`], its page in `rules/`.

#![allow(clippy::trivially_copy_pass_by_ref, reason = "a fact is passed by reference, however small it is")]

mod callback;
mod check;
mod claims;
mod client;
mod cognito_claims;
mod config;
mod criterion;
mod cure;
mod discovery;
mod domain;
mod finding;
mod flow;
mod ignores;
mod issuer;
mod login;
mod missing;
mod parameters;
mod place;
mod policy;
mod pomerium;
mod scopes;
mod secret;
mod session;
mod sign_out;
#[cfg(test)]
mod testing;

use std::fmt;
use std::sync::LazyLock;

pub use check::Check;
pub use finding::{Edit, Finding, Ignored, Judgement, NearMiss};

use crate::evidence::{Case, ExchangeId, Missing, Need};

/// The steps of a login, in order. [`Stage::ALL`] is the login path on the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// Would Pomerium read this file, and what would it read?
    Config,
    /// Can its own side of the login work?
    Pomerium,
    /// Is `idp_provider_url` the pool's issuer?
    Issuer,
    /// Does the pool serve a discovery document that Pomerium accepts?
    Discovery,
    /// Can its tokens be verified?
    Keys,
    /// Has it a domain, and does it answer?
    Domain,
    /// May the app client use the hosted login?
    Client,
    /// Does it know the callback URL?
    Callback,
    /// May it use the authorization-code flow?
    Flow,
    /// May it ask for the scopes?
    Scopes,
    /// Is its secret right?
    Secret,
    /// Do users see a login page?
    Login,
    /// Does Pomerium learn the claims that policies and headers ask for?
    Claims,
    /// Do the policies let in whom they are meant for?
    Policy,
    /// Does each route, and each token that a program sends, come to a session?
    Session,
    /// Does sign-out work?
    SignOut,
}

impl Stage {
    /// All stages, in order.
    pub const ALL: [Self; 16] = [
        Self::Config,
        Self::Pomerium,
        Self::Issuer,
        Self::Discovery,
        Self::Keys,
        Self::Domain,
        Self::Client,
        Self::Callback,
        Self::Flow,
        Self::Scopes,
        Self::Secret,
        Self::Login,
        Self::Claims,
        Self::Policy,
        Self::Session,
        Self::SignOut,
    ];

    /// The name used in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Config => "config",
            Self::Pomerium => "pomerium",
            Self::Issuer => "issuer",
            Self::Discovery => "discovery",
            Self::Keys => "keys",
            Self::Domain => "domain",
            Self::Client => "client",
            Self::Callback => "callback",
            Self::Flow => "flow",
            Self::Scopes => "scopes",
            Self::Secret => "secret",
            Self::Login => "login",
            Self::Claims => "claims",
            Self::Policy => "policy",
            Self::Session => "session",
            Self::SignOut => "sign-out",
        }
    }
}

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Hygiene; shown with `--pedantic`.
    Note,
    /// It works by luck, for some users, until a restart, or on some versions only; or the behaviour is inferred.
    Warning,
    /// Pomerium will not start, or a login will fail.
    Error,
}

impl Severity {
    /// The name used in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What became of a rule.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// Nothing wrong.
    Pass,
    /// At least one finding.
    Fail(Vec<Finding>),
    /// Not judged, for these reasons.
    Undecided(Vec<Missing>),
    /// The question makes no sense for this configuration.
    NotApplicable(&'static str),
}

/// A rule: its name, its place in the login chain, how bad a finding is, its page, and its judgement.
pub struct Rule {
    /// Its name: the contract that reports, ignore comments and CI histories rely on.
    pub name: &'static str,
    /// Its place in the login chain.
    pub stage: Stage,
    /// How bad a finding is, unless the finding itself says otherwise.
    pub severity: Severity,
    /// The text of its page in `rules/`.
    pub page: &'static str,
    /// The evidence it takes, read off its signature.
    pub needs: Vec<Need>,
    /// It is judged once for each app client.
    pub per_client: bool,
    /// Rules whose finding explains this one's: if one of them fails, this rule *follows* and is not judged.
    pub follows: &'static [&'static str],
    /// The rule in whose place it speaks: what ignores that one ignores this one too.
    pub replaces: Option<&'static str>,
    /// The options that it wants to be set. Where one may be set after all, that none is set is no finding.
    pub wants: &'static [&'static str],
    judge: Judge,
    unseen: fn(&Case<'_>) -> Vec<Missing>,
}

/// A check with its facts filled in: the verdict, and the exchanges behind it.
type Judge = Box<dyn Fn(&Case<'_>) -> (Verdict, Vec<ExchangeId>) + Send + Sync>;

impl fmt::Debug for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Rule").field(&self.name).finish()
    }
}

impl Rule {
    pub(crate) fn new<Facts, F: Check<Facts> + Send + Sync + 'static>(
        name: &'static str,
        page: &'static str,
        stage: Stage,
        severity: Severity,
        check: F,
    ) -> Self {
        let (needs, per_client) = (F::needs(), F::per_client());
        Self {
            name,
            stage,
            severity,
            page,
            needs,
            per_client,
            follows: &[],
            replaces: None,
            wants: &[],
            unseen: F::unseen,
            judge: Box::new(move |case| check.judge(case)),
        }
    }

    /// Names the rules whose finding explains this one's.
    fn after(mut self, causes: &'static [&'static str]) -> Self {
        self.follows = causes;
        self
    }

    /// Names the rule in whose place it speaks.
    fn replaces(mut self, rule: &'static str) -> Self {
        self.replaces = Some(rule);
        self
    }

    /// Names the options that it wants to be set.
    fn wants(mut self, options: &'static [&'static str]) -> Self {
        self.wants = options;
        self
    }

    /// Judges one case; also names the exchanges behind the verdict.
    pub fn judge(&self, case: &Case<'_>) -> (Verdict, Vec<ExchangeId>) {
        let (mut verdict, witnesses) = (self.judge)(case);
        let doubts = match &mut verdict {
            Verdict::Fail(findings) if findings.iter().any(|finding| finding.is_of_unset) => {
                let mut doubts = self.doubts(case);
                if !doubts.is_empty() {
                    findings.retain(|finding| !finding.is_of_unset);
                }
                // What is certain is said all the same.
                doubts.retain(|_| findings.is_empty());
                doubts
            }
            Verdict::Fail(_) if !self.wants.is_empty() => self.doubts(case),
            // An option that is set where everything was read stays set.
            Verdict::Pass if self.wants.is_empty() => (self.unseen)(case),
            _ => Vec::new(),
        };
        (if doubts.is_empty() { verdict } else { Verdict::Undecided(doubts) }, witnesses)
    }

    /// Why an option that it wants may be set although no value of it is known.
    fn doubts(&self, case: &Case<'_>) -> Vec<Missing> {
        let reading = &case.config.reading;
        if self.wants.iter().any(|option| reading.undecodable.contains(option)) {
            return vec![Missing::Follows(Need::File)];
        }
        // A part that only the cluster holds counts where nothing else may set it.
        let is_kept = |part: &&String| reading.kept.contains(part);
        let elsewhere = reading.incomplete.iter().find(|part| !is_kept(part)).map_or_else(
            || {
                let part = reading.incomplete.first()?;
                Some(Missing::Elsewhere(format!("it may be set in {part}, which only the cluster holds")))
            },
            |part| Some(Missing::Unconfigured(format!("it may be set in {part}, which cannot be read from here"))),
        );
        elsewhere.into_iter().collect()
    }

    /// The title of its page: what is wrong, in one line.
    pub fn title(&self) -> &'static str {
        self.page.lines().find_map(|line| line.strip_prefix("# ")).unwrap_or(self.name)
    }
}

/// The rule that whoever starts a check asks for with `--pool`: nobody else can switch it off.
pub const POOL_NOT_EXPECTED: &str = "pool-not-expected";

/// The rule of that name.
pub fn find(name: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.name == name)
}

/// The name of the rule that was probably meant.
pub fn nearest(name: &str) -> Option<&'static str> {
    /// No rule has a longer name.
    const LONGEST: usize = 80;
    let names = RULES.iter().map(|rule| rule.name).filter(|_| name.len() <= LONGEST);
    let (distance, nearest) = names.map(|rule| (strsim::damerau_levenshtein(name, rule), rule)).min()?;
    (distance <= name.len().div_ceil(3)).then_some(nearest)
}

/// What a resource lacks that Kubernetes refuses follows from that.
const REJECTED: &[&str] = &["crd-field-rejected"];

/// One line of [`RULES`]; the page is found by the name.
macro_rules! rule {
    ($name:literal, $stage:ident, $severity:ident, $check:expr) => {
        Rule::new(
            $name,
            include_str!(concat!("../../rules/", $name, ".md")),
            Stage::$stage,
            Severity::$severity,
            $check,
        )
    };
}

/// Every rule, in the order of the login chain.
pub static RULES: LazyLock<Vec<Rule>> = LazyLock::new(|| {
    vec![
        // config
        rule!("config-format-unsupported", Config, Error, config::config_format_unsupported),
        rule!("config-syntax-error", Config, Error, config::config_syntax_error).after(&["config-format-unsupported"]),
        rule!("duplicate-key", Config, Error, config::duplicate_key),
        rule!("keys-differ-only-in-case", Config, Error, config::keys_differ_only_in_case),
        rule!("unknown-key", Config, Warning, config::unknown_key),
        rule!("option-misplaced", Config, Warning, config::option_misplaced).replaces("unknown-key"),
        rule!("removed-key-stops-start", Config, Error, config::removed_key_stops_start),
        rule!("removed-key-ignored", Config, Warning, config::removed_key_ignored),
        rule!("later-document-ignored", Config, Warning, config::later_document_ignored),
        rule!("placeholder-left", Config, Error, config::placeholder_left),
        rule!("template-not-checked", Config, Note, config::template_not_checked),
        rule!("managed-by-zero", Config, Warning, config::managed_by_zero),
        rule!("environment-overrides-file", Config, Note, config::environment_overrides_file),
        rule!("wrong-environment-name", Config, Error, config::wrong_environment_name),
        rule!("policy-environment-undecodable", Config, Error, config::policy_environment_undecodable),
        rule!("value-of-wrong-type", Config, Error, config::value_of_wrong_type),
        rule!("config-refused", Config, Error, config::config_refused),
        rule!("config-not-mounted", Config, Error, config::config_not_mounted),
        rule!("crd-field-rejected", Config, Error, config::crd_field_rejected),
        rule!("form-field-unknown", Config, Warning, config::form_field_unknown),
        rule!("ignore-malformed", Config, Warning, ignores::ignore_malformed),
        rule!("ignore-without-reason", Config, Warning, ignores::ignore_without_reason),
        rule!("ignore-unknown-rule", Config, Warning, ignores::ignore_unknown_rule),
        // The engine adds the findings of these two: it knows the day and all other verdicts.
        rule!("ignore-expired", Config, Warning, ignores::ignore_expired),
        rule!("ignore-unused", Config, Warning, ignores::ignore_unused),
        // pomerium
        rule!("authenticate-url-missing", Pomerium, Error, pomerium::authenticate_url_missing)
            .wants(&["authenticate_service_url"])
            .after(REJECTED),
        rule!("authenticate-url-hosted", Pomerium, Error, pomerium::authenticate_url_hosted),
        rule!("authenticate-url-malformed", Pomerium, Error, pomerium::authenticate_url_malformed),
        rule!("authenticate-url-not-https", Pomerium, Error, pomerium::authenticate_url_not_https),
        rule!("authenticate-url-path-dropped", Pomerium, Warning, pomerium::authenticate_url_path_dropped)
            .after(&["authenticate-url-malformed"]),
        rule!("authenticate-url-explicit-port", Pomerium, Warning, pomerium::authenticate_url_explicit_port),
        rule!("authenticate-url-uppercase", Pomerium, Warning, pomerium::authenticate_url_uppercase),
        rule!("authenticate-url-not-ascii", Pomerium, Warning, pomerium::authenticate_url_not_ascii),
        rule!("authenticate-url-query-sent", Pomerium, Error, pomerium::authenticate_url_query_sent),
        rule!(
            "authenticate-host-unreachable-by-browsers",
            Pomerium,
            Warning,
            pomerium::authenticate_host_unreachable_by_browsers
        ),
        rule!("authenticate-host-is-a-route", Pomerium, Error, pomerium::authenticate_host_is_a_route),
        rule!("authenticate-host-is-the-issuer", Pomerium, Warning, pomerium::authenticate_host_is_the_issuer),
        rule!("callback-path-ignored", Pomerium, Warning, pomerium::callback_path_ignored),
        rule!("provider-missing", Pomerium, Error, pomerium::provider_missing)
            .wants(&["idp_provider"])
            // Pomerium's own service then runs the login, and asks no provider of the user's.
            .after(&["authenticate-url-missing", "authenticate-url-hosted", "crd-field-rejected"]),
        rule!("provider-unknown", Pomerium, Error, pomerium::provider_unknown),
        rule!("provider-not-cognito", Pomerium, Error, pomerium::provider_not_cognito),
        rule!("provider-generic-oidc", Pomerium, Warning, pomerium::provider_generic_oidc),
        rule!("shared-secret-malformed", Pomerium, Error, pomerium::shared_secret_malformed),
        rule!("cookie-secret-malformed", Pomerium, Error, pomerium::cookie_secret_malformed),
        rule!("secret-not-fixed", Pomerium, Warning, pomerium::secret_not_fixed)
            .wants(&["shared_secret", "cookie_secret"])
            .after(REJECTED),
        rule!("published-secret-in-use", Pomerium, Error, pomerium::published_secret_in_use),
        rule!("secret-in-plain-text", Pomerium, Note, pomerium::secret_in_plain_text),
        rule!("cookie-same-site-strict", Pomerium, Error, pomerium::cookie_same_site_strict),
        rule!("databroker-not-shared", Pomerium, Warning, pomerium::databroker_not_shared)
            .wants(&["databroker_storage_type"]),
        rule!("cookie-domain-too-narrow", Pomerium, Error, pomerium::cookie_domain_too_narrow),
        rule!("identity-headers-not-passed", Pomerium, Warning, pomerium::identity_headers_not_passed)
            .wants(&["pass_identity_headers"]),
        rule!("services-disagree", Pomerium, Error, pomerium::services_disagree),
        // issuer
        rule!("issuer-missing", Issuer, Error, issuer::issuer_missing).wants(&["idp_provider_url"]).after(REJECTED),
        rule!("issuer-malformed", Issuer, Error, issuer::issuer_malformed),
        rule!("issuer-is-login-domain", Issuer, Error, issuer::issuer_is_login_domain).after(&["issuer-malformed"]),
        rule!("issuer-has-discovery-path", Issuer, Error, issuer::issuer_has_discovery_path).after(&[
            "issuer-malformed",
            "issuer-is-login-domain",
            "issuer-not-cognito",
        ]),
        rule!("issuer-has-trailing-slash", Issuer, Error, issuer::issuer_has_trailing_slash)
            .after(&["issuer-malformed", "issuer-is-login-domain"]),
        rule!("issuer-not-cognito", Issuer, Error, issuer::issuer_not_cognito).after(&["issuer-malformed"]),
        rule!("issuer-pool-malformed", Issuer, Error, issuer::issuer_pool_malformed)
            .after(&["issuer-malformed", "issuer-has-discovery-path"]),
        rule!("issuer-region-contradicts-pool", Issuer, Warning, issuer::issuer_region_contradicts_pool)
            .after(&["issuer-malformed"]),
        rule!("issuer-on-fips-host", Issuer, Warning, issuer::issuer_on_fips_host),
        rule!("pool-not-expected", Issuer, Error, issuer::pool_not_expected).after(&[
            "issuer-malformed",
            "issuer-is-login-domain",
            "issuer-has-discovery-path",
            "issuer-has-trailing-slash",
        ]),
        rule!("pool-does-not-exist", Issuer, Error, issuer::pool_does_not_exist).after(&[
            "issuer-malformed",
            "issuer-has-discovery-path",
            "issuer-pool-malformed",
        ]),
        rule!("issuer-mismatch", Issuer, Error, issuer::issuer_mismatch).after(&[
            "issuer-malformed",
            "issuer-has-discovery-path",
            "issuer-has-trailing-slash",
            "issuer-pool-malformed",
            "issuer-not-switched",
            "discovery-refused",
        ]),
        rule!("issuer-not-switched", Issuer, Error, issuer::issuer_not_switched).after(&[
            "issuer-malformed",
            "issuer-pool-malformed",
            "pool-does-not-exist",
        ]),
        rule!("issuer-switched", Issuer, Warning, issuer::issuer_switched).after(&[
            "issuer-malformed",
            "issuer-has-trailing-slash",
            "pool-does-not-exist",
            "issuer-mismatch",
            "discovery-refused",
        ]),
        // The provider's side, in the order in which a login meets it.
        rule!("discovery-refused", Discovery, Error, discovery::discovery_refused).after(&[
            "issuer-malformed",
            "issuer-is-login-domain",
            "issuer-has-discovery-path",
            "issuer-not-cognito",
            "issuer-pool-malformed",
            "issuer-not-switched",
        ]),
        rule!("discovery-malformed", Discovery, Error, discovery::discovery_malformed).after(&[
            "issuer-malformed",
            "issuer-is-login-domain",
            "issuer-has-discovery-path",
            "issuer-not-cognito",
            "issuer-pool-malformed",
        ]),
        rule!("discovery-incomplete", Discovery, Error, discovery::discovery_incomplete).after(&[
            "issuer-is-login-domain",
            "issuer-not-cognito",
            "discovery-malformed",
            "pool-has-no-domain",
        ]),
        rule!("userinfo-endpoint-missing", Discovery, Error, discovery::userinfo_endpoint_missing).after(&[
            "issuer-not-cognito",
            "discovery-malformed",
            "pool-has-no-domain",
        ]),
        rule!("code-response-type-missing", Discovery, Error, discovery::code_response_type_missing)
            .after(&["issuer-not-cognito", "discovery-malformed"]),
        rule!("clock-skew", Discovery, Warning, discovery::clock_skew),
        rule!("no-signing-keys", Keys, Error, discovery::no_signing_keys).after(&[
            "issuer-malformed",
            "issuer-is-login-domain",
            "issuer-has-discovery-path",
            "issuer-not-cognito",
            "issuer-pool-malformed",
            "issuer-not-switched",
            "pool-does-not-exist",
            "discovery-refused",
            "discovery-malformed",
        ]),
        rule!("signing-algorithm-unsupported", Keys, Error, discovery::signing_algorithm_unsupported).after(&[
            "issuer-not-cognito",
            "discovery-malformed",
            "no-signing-keys",
        ]),
        rule!("pool-has-no-domain", Domain, Error, domain::pool_has_no_domain)
            .after(&["issuer-not-cognito", "discovery-malformed"]),
        rule!("domain-does-not-resolve", Domain, Error, domain::domain_does_not_resolve).after(&["pool-has-no-domain"]),
        rule!("domain-certificate-invalid", Domain, Error, domain::domain_certificate_invalid)
            .after(&["pool-has-no-domain", "domain-does-not-resolve"]),
        rule!("domain-blocked", Domain, Warning, domain::domain_blocked),
        rule!("client-id-missing", Client, Error, client::client_id_missing).wants(&["idp_client_id"]).after(REJECTED),
        rule!("client-id-malformed", Client, Error, client::client_id_malformed)
            .after(&["client-id-read-as-number", "client-id-and-secret-swapped"]),
        rule!("client-id-read-as-number", Client, Error, client::client_id_read_as_number),
        rule!("client-id-and-secret-swapped", Client, Error, client::client_id_and_secret_swapped),
        rule!("client-not-usable", Client, Error, client::client_not_usable).after(&[
            "client-id-missing",
            "client-id-malformed",
            "client-id-read-as-number",
            "client-id-and-secret-swapped",
        ]),
        rule!("callback-not-registered", Callback, Error, callback::callback_not_registered).after(&[
            "authenticate-url-missing",
            "authenticate-url-hosted",
            "authenticate-url-malformed",
            "authenticate-url-not-https",
            "authenticate-url-query-sent",
            "callback-unregistrable",
        ]),
        rule!("callback-unregistrable", Callback, Error, callback::callback_unregistrable),
        rule!("code-flow-disabled", Flow, Error, flow::code_flow_disabled),
        rule!("scope-not-allowed", Scopes, Error, scopes::scope_not_allowed),
        rule!("scope-unsupported", Scopes, Error, scopes::scope_unsupported).after(&["provider-not-cognito"]),
        rule!("scope-openid-missing", Scopes, Error, scopes::scope_openid_missing).after(&["provider-not-cognito"]),
        rule!("scope-email-missing", Scopes, Error, scopes::scope_email_missing).after(&["provider-not-cognito"]),
        rule!("scope-profile-missing", Scopes, Warning, scopes::scope_profile_missing).after(&["provider-not-cognito"]),
        rule!("scopes-badly-written", Scopes, Warning, scopes::scopes_badly_written).after(&["scope-unsupported"]),
        rule!("request-parameter-overrides-protocol", Scopes, Error, parameters::request_parameter_overrides_protocol),
        rule!("identity-provider-not-enabled", Scopes, Error, parameters::identity_provider_not_enabled),
        rule!("client-secret-missing", Secret, Error, secret::client_secret_missing)
            .wants(&["idp_client_secret", "idp_client_secret_file"])
            .after(REJECTED),
        rule!("client-secret-has-whitespace", Secret, Error, secret::client_secret_has_whitespace),
        rule!("client-secret-malformed", Secret, Error, secret::client_secret_malformed)
            .after(&["client-id-and-secret-swapped"]),
        rule!("client-secret-set-twice", Secret, Warning, secret::client_secret_set_twice),
        rule!("client-secret-rejected", Secret, Error, secret::client_secret_rejected).after(&[
            "client-id-malformed",
            "client-id-read-as-number",
            "client-id-and-secret-swapped",
            "client-not-usable",
            "client-secret-has-whitespace",
            "client-secret-malformed",
        ]),
        rule!("client-secret-not-expected", Secret, Error, secret::client_secret_not_expected),
        rule!("silent-login-without-session", Login, Error, login::silent_login_without_session),
        rule!("login-page-unavailable", Login, Error, login::login_page_unavailable),
        rule!("login-page-broken", Login, Error, login::login_page_broken).after(&["silent-login-without-session"]),
        rule!("groups-criterion-never-matches", Claims, Error, claims::groups_criterion_never_matches),
        rule!("claim-never-sent", Claims, Error, claims::claim_never_sent),
        rule!("claim-case-lost", Claims, Error, claims::claim_case_lost),
        rule!("claim-needs-scope", Claims, Warning, claims::claim_needs_scope).after(&[
            "provider-not-cognito",
            "scope-email-missing",
            "scope-profile-missing",
        ]),
        rule!("identity-header-claim-missing", Claims, Warning, claims::identity_header_claim_missing)
            .after(&["scope-profile-missing"]),
        rule!("policy-does-not-compile", Policy, Error, policy::policy_does_not_compile),
        rule!("route-nobody-can-use", Policy, Warning, policy::route_nobody_can_use),
        rule!("wildcard-user-never-matches", Policy, Error, policy::wildcard_user_never_matches),
        rule!("user-or-domain-never-matches", Policy, Error, policy::user_or_domain_never_matches),
        rule!("route-client-half-set", Session, Error, session::route_client_half_set),
        rule!("session-ends-at-once", Session, Warning, session::session_ends_at_once),
        rule!("audience-check-impossible", Session, Error, session::audience_check_impossible),
        rule!("sign-out-url-not-registered", SignOut, Warning, sign_out::sign_out_url_not_registered).after(&[
            "authenticate-url-missing",
            "authenticate-url-hosted",
            "authenticate-url-malformed",
            "authenticate-url-not-https",
            "authenticate-url-query-sent",
            "client-not-usable",
        ]),
    ]
});
