//! Stage domain: has the pool a domain, and does it answer?

use super::discovery::UNREADABLE;
use super::{Finding, Rule, Severity, Stage, cure};
use crate::config::cognito::is_in_login_zone;
use crate::config::{Cognito, Issuer, UserPool};
use crate::evidence::{BothDomains, CertificateAnswer, DomainAnswer, DomainStatus, NameAnswer, PoolDomain};
use crate::infra::Language;

const STAGE: Stage = Stage::Domain;

/// The rules of this stage, in the order in which they are shown.
pub(super) fn rules() -> Vec<Rule> {
    vec![
        rule!("pool-has-no-domain", Error, pool_has_no_domain).after(UNREADABLE),
        rule!("domain-does-not-resolve", Error, domain_does_not_resolve).after(&["pool-has-no-domain"]),
        rule!("domain-certificate-invalid", Error, domain_certificate_invalid)
            .after(&["pool-has-no-domain", "domain-does-not-resolve"]),
        rule!("domain-blocked", Warning, domain_blocked),
        rule!("domain-not-active", Error, domain_not_active).after(&["pool-has-no-domain"]),
        rule!("custom-domain-took-over", Note, custom_domain_took_over),
    ]
}

/// `pool-has-no-domain`
pub(super) fn pool_has_no_domain(_: &Cognito, issuer: &Issuer, domain: &PoolDomain) -> Option<Finding> {
    let says = match domain {
        PoolDomain::Present => return None,
        PoolDomain::Unheeded { endpoint, host } => return Some(domain_unheeded(issuer, endpoint, host)),
        PoolDomain::Absent { is_new: true, .. } => {
            "the apply makes this user pool, and no domain with it: a login needs one from elsewhere".to_owned()
        }
        PoolDomain::Absent { endpoint: None, .. } => "this user pool has no domain".to_owned(),
        PoolDomain::Absent { endpoint: Some(endpoint), .. } if endpoint.is_empty() => {
            "this user pool has no domain: its discovery document names no authorization endpoint".to_owned()
        }
        PoolDomain::Absent { endpoint: Some(endpoint), .. } => {
            format!("this user pool has no domain: browsers are sent to `{endpoint}`, where no login page is")
        }
    };
    let pool = cure::pool(&issuer.0.value);
    // What the apply takes away can be kept.
    let is_told = matches!(domain, PoolDomain::Absent { endpoint: None, .. });
    let cure = if is_told { "keep the domain of the pool, or create one" } else { "create a domain for the pool" };
    // What is not in these files may be in others.
    let severity = match domain {
        PoolDomain::Absent { is_new: true, .. } => Severity::Warning,
        _ => Severity::Error,
    };
    let finding = Finding::at(issuer.0.span, says)
        .severity(severity)
        .fix(format!("{cure}; the issuer stays as it is"))
        .fix(cure::pool_console(&issuer.0.value, "Branding → Domain → Actions → Create Cognito domain"));
    // Who makes the pool by code has it in one language.
    let language = match domain {
        PoolDomain::Absent { language, .. } => language.0,
        PoolDomain::Present | PoolDomain::Unheeded { .. } => None,
    };
    let finding = if language == Some(Language::CloudFormation) {
        finding
    } else {
        finding
            .fix("Terraform:")
            .fix("resource \"aws_cognito_user_pool_domain\" \"login\" {")
            .fix("  domain       = \"a-prefix-of-your-choice\"")
            .fix(format!("  user_pool_id = \"{pool}\""))
            .fix("}")
    };
    Some(if is_told && language != Some(Language::Terraform) {
        finding.fix("CloudFormation: an AWS::Cognito::UserPoolDomain with the properties Domain and UserPoolId")
    } else {
        finding
    })
}

/// The pool has a domain, which came after the discovery document that a running Pomerium has.
fn domain_unheeded(issuer: &Issuer, endpoint: &str, host: &str) -> Finding {
    let says = format!(
        "browsers are sent to `{endpoint}`, where no login page is: the pool has the domain `{host}` by now, and the running Pomerium does not know it"
    );
    Finding::at(issuer.0.span, says)
        .fix("restart Pomerium: from v0.30 on it keeps the discovery document that it has until a setting of the provider changes")
}

/// `domain-not-active`
fn domain_not_active(issuer: &Issuer, state: &DomainStatus) -> Option<Finding> {
    let DomainStatus { domain, status } = state;
    if status == "ACTIVE" {
        return None;
    }
    let finding =
        Finding::at(issuer.0.span, format!("the domain `{domain}` of this user pool is not ready: it is {status}"));
    // That logins fail during a change is not known.
    let finding = if status == "UPDATING" { finding.severity(Severity::Warning) } else { finding };
    Some(match status.as_str() {
        "CREATING" | "UPDATING" => finding.fix("wait: a custom domain takes up to an hour, and a prefix a minute"),
        _ => finding.fix(cure::pool_console(&issuer.0.value, "Branding → Domain → delete it, and create it again")),
    })
}

/// `custom-domain-took-over`
fn custom_domain_took_over(issuer: &Issuer, domains: &BothDomains) -> Option<Finding> {
    let (prefix, custom) = domains.both.as_ref()?;
    let says = format!(
        "the pool has the custom domain `{custom}` beside the prefix domain `{prefix}`: browsers are sent to the custom one"
    );
    Some(
        Finding::at(issuer.0.span, says)
            .fix("see that its DNS record and its certificate are there before it is; nothing else has to change"),
    )
}

/// `domain-does-not-resolve`
pub(super) fn domain_does_not_resolve(UserPool(pool): &UserPool, name: &NameAnswer) -> Option<Finding> {
    let why = name.absent.as_ref()?;
    let host = &name.host;
    let finding = Finding::at(
        pool.span,
        format!("the pool sends users to `{host}` to log in, and that name has no address: {why}"),
    );
    let console = cure::pool_console(&pool.value, "Branding → Domain");
    Some(if is_in_login_zone(host) {
        finding
            .fix(
                "look whether the pool still has this domain; create it again if it was deleted, and allow it a minute",
            )
            .fix(console)
    } else {
        finding
            .fix(format!("point {host} at the alias target that Cognito shows for the domain (a CNAME or an ALIAS record)"))
            .fix(console)
            .fix("Terraform: an aws_route53_record whose alias is the cloudfront_distribution of aws_cognito_user_pool_domain")
    })
}

/// `domain-certificate-invalid`
pub(super) fn domain_certificate_invalid(
    UserPool(pool): &UserPool,
    certificate: &CertificateAnswer,
) -> Option<Finding> {
    let why = certificate.refused.as_ref()?;
    let host = &certificate.host;
    Some(
        Finding::at(pool.span, format!("browsers will not open the login page on `{host}`: {why}"))
            .fix(format!("give the domain an ACM certificate of us-east-1 that covers {host} and is not expired"))
            .fix(cure::pool_console(&pool.value, "Branding → Domain → Actions → Change certificate"))
            .fix("Terraform, in aws_cognito_user_pool_domain:")
            .fix(cure::copied("certificate_arn = aws_acm_certificate.login.arn"))
            .fix("if a proxy in between signs answers anew, pass its certificate authority with --ca"),
    )
}

/// `domain-blocked`
pub(super) fn domain_blocked(UserPool(pool): &UserPool, domain: &DomainAnswer) -> Option<Finding> {
    domain.blocked.then(|| {
        Finding::at(
            pool.span,
            format!("`{}` answers 403 to everything asked from this machine: a web ACL or a rule on countries stands in front", domain.host),
        )
        .fix("if your users come from here too, allow them; if not, run the check from where they are, or allow this machine's address")
        .fix(cure::pool_console(&pool.value, "Security → AWS WAF"))
        .fix("Terraform: the aws_wafv2_web_acl behind aws_wafv2_web_acl_association of the pool")
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;
    use crate::evidence::Unweighed;
    use crate::rules::testing::issuer;

    #[test]
    fn the_cure_names_the_pool_and_the_finding_what_browsers_meet() {
        let issuer = issuer();
        let absent = PoolDomain::Absent {
            is_new: false,
            endpoint: Some(format!("{}/authorize", issuer.0.value)),
            language: Unweighed::default(),
        };
        let finding = pool_has_no_domain(&Cognito, &issuer, &absent).unwrap();
        assert!(finding.says.contains("/eu-west-1_9xK2mPq7R/authorize"), "{}", finding.says);
        assert!(finding.fix.iter().any(|line| line.contains("user_pool_id = \"eu-west-1_9xK2mPq7R\"")));
        assert_eq!(pool_has_no_domain(&Cognito, &issuer, &PoolDomain::Present), None);
    }

    #[test]
    fn the_cure_is_in_the_language_that_makes_the_pool() {
        for (language, is_terraform, is_cloudformation) in [
            (None, true, true),
            (Some(Language::Terraform), true, false),
            (Some(Language::CloudFormation), false, true),
        ] {
            let absent = PoolDomain::Absent { is_new: false, endpoint: None, language: Unweighed(language) };
            let cure = pool_has_no_domain(&Cognito, &issuer(), &absent).unwrap().fix.join("\n");
            assert_eq!(cure.contains("aws_cognito_user_pool_domain"), is_terraform, "{cure}");
            let property = "CloudFormation: an AWS::Cognito::UserPoolDomain with the properties Domain and UserPoolId";
            assert_eq!(cure.contains(property), is_cloudformation, "{cure}");
        }
    }

    #[test]
    fn a_domain_that_is_being_changed_is_no_error() {
        let judge = |status: &str| {
            let state = DomainStatus { domain: "acme".to_owned(), status: status.to_owned() };
            domain_not_active(&issuer(), &state).map(|finding| finding.severity)
        };
        assert_eq!(judge("ACTIVE"), None);
        assert_eq!(judge("UPDATING"), Some(Some(Severity::Warning)));
        for status in ["CREATING", "DELETING", "FAILED"] {
            assert_eq!(judge(status), Some(None), "{status}");
        }
    }

    #[test]
    fn a_pool_that_the_apply_makes_may_get_its_domain_elsewhere() {
        let issuer = issuer();
        let absent = PoolDomain::Absent { is_new: true, endpoint: None, language: Unweighed::default() };
        let finding = pool_has_no_domain(&Cognito, &issuer, &absent).unwrap();
        assert_eq!(
            finding.says,
            "the apply makes this user pool, and no domain with it: a login needs one from elsewhere"
        );
        assert_eq!(finding.severity, Some(Severity::Warning));
    }
}
