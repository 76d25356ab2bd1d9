//! Whether a text stands for itself.
//!
//! Somebody may expand `${VAR}` before Pomerium reads it, and somebody forgot to replace `YOUR_CLIENT_ID`. Neither is the value a
//! login will use, so no rule may judge it. The opposite mistake is worse, as a genuine value would go unjudged and be called a
//! placeholder: what could be genuine counts as literal.

mod signs;
#[cfg(test)]
mod tests;

/// Whether a text stands for itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueKind {
    /// The value itself.
    Literal,
    /// `${VAR}`, `$(VAR)`, `{{ … }}`: somebody may replace it before Pomerium reads it; Pomerium itself does not.
    Reference,
    /// `YOUR_CLIENT_ID`, `CHANGE_ME`, `<client id>`: somebody forgot to fill it in.
    Unfilled,
}

/// Nobody leaves a longer value to be filled in, in bytes.
const LONGEST: usize = 16 * 1024;

/// Whether a text stands for itself.
pub fn classify(text: &str) -> ValueKind {
    let text = text.trim().trim_matches(['"', '\'']);
    if text.len() > LONGEST || !signs::has_any(text) && !SAMPLES.contains(&text) {
        ValueKind::Literal
    } else {
        with_signs(text)
    }
}

fn with_signs(text: &str) -> ValueKind {
    if is_documentation_sample(text) {
        ValueKind::Unfilled
    } else if is_reference(text) {
        ValueKind::Reference
    } else if is_unfilled(text) {
        ValueKind::Unfilled
    } else {
        ValueKind::Literal
    }
}

/// Whether a file is a sample to be filled in, by its name: `*.example*`, `*.sample*`, `*.template*`, `*.tmpl`, `*.j2`,
/// `example.*`, `.env-example`, `*.dist.*`, `*.tpl`.
pub fn is_sample(path: &str) -> bool {
    let file = path.rsplit(['/', '\\']).next().unwrap_or(path).to_ascii_lowercase();
    let is_word = |word: &str| {
        file.contains(&format!(".{word}"))
            || file.strip_prefix(word).is_some_and(|rest| rest.starts_with('.'))
            || ["-", "_"].iter().any(|mark| file.ends_with(&format!("{mark}{word}")))
    };
    ["example", "sample", "template"].into_iter().any(is_word)
        || [".tmpl", ".j2"].iter().any(|ending| file.ends_with(ending))
        || file.split('.').skip(1).any(|part| ["dist", "tpl"].contains(&part))
}

/// The sample ids of Pomerium's own Cognito page, which look genuine.
const SAMPLES: [&str; 2] = ["304a12ktcc5djt9d7enj6dsjkg", "1re5ukkv3dab6up5aefv7rru65lu60oblf04t6cv8u9s0itjbci7"];

/// The client of that page, which prints names in braces that only look like references.
fn is_documentation_sample(text: &str) -> bool {
    let is_kebab = |name: &str| {
        name.split('-').all(|word| word.len() > 1 && word.bytes().all(|b| b.is_ascii_uppercase())) && name.contains('-')
    };
    SAMPLES.contains(&text) || between(text, "${", "}").any(|(_, name)| is_kebab(name))
}

/// Every stretch between two marks, with what stands before it. Of several that begin one in the other, all end together, and
/// that end is looked for once.
fn between<'t>(text: &'t str, open: &'t str, close: &'t str) -> impl Iterator<Item = (&'t str, &'t str)> {
    let mut end = 0;
    text.match_indices(open).map_while(move |(start, _)| {
        let inside = start + open.len();
        if end < inside {
            end = inside + text.get(inside..)?.find(close)?;
        }
        Some((&text[..start], &text[inside..end]))
    })
}

fn is_reference(text: &str) -> bool {
    // Pomerium itself expands ${pomerium.id_token} and its kin in request headers, and writes a dollar sign as two.
    let is_variable = |(before, name): (&str, &str)| {
        let is_own = name.get(..9).is_some_and(|start| start.eq_ignore_ascii_case("pomerium."));
        !before.ends_with('$') && name.starts_with(is_word_start) && !is_own
    };
    between(text, "${", "}").any(is_variable)
        || between(text, "$(", ")").any(is_variable)
        || is_bare_variable(text)
        || is_template(text)
        || is_format_verb(text)
        || is_secret_store(text)
}

fn is_word_start(c: char) -> bool {
    c.is_ascii_alphabetic() || c == '_'
}

/// `$CLIENT_ID` as the whole value, `https://$HOST`, or a name with an underscore anywhere, which no password has by chance.
fn is_bare_variable(text: &str) -> bool {
    let is_plain = |name: &str, case: fn(&u8) -> bool| {
        name.starts_with(is_word_start) && name.bytes().all(|b| case(&b) || b.is_ascii_digit() || b == b'_')
    };
    let is_upper = |name: &str| is_plain(name, u8::is_ascii_uppercase);
    if let Some(name) = text.strip_prefix('$')
        && (is_upper(name) || name.contains('_') && is_plain(name, u8::is_ascii_lowercase))
    {
        return true;
    }
    let in_url = text.contains("://");
    let pieces: Vec<&str> = text.split('$').collect();
    pieces.windows(2).any(|pair| {
        let [before, after] = pair else { return false };
        let name = after.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').next().unwrap_or_default();
        !before.is_empty() && is_upper(name) && (name.contains('_') || in_url && name.len() > 1)
    })
}

/// Go, Helm, Jinja, ERB, Ansible and build systems.
fn is_template(text: &str) -> bool {
    let is_expression = |(_, inner): (&str, &str)| {
        inner.trim_start_matches(['-', ' ']).starts_with(|c: char| is_word_start(c) || c == '.' || c == '$')
    };
    let is_at_name = |name: &str| name.len() > 1 && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_');
    between(text, "{{", "}}").any(is_expression)
        || between(text, "{%", "%}").any(is_expression)
        || between(text, "<%=", "%>").next().is_some()
        || between(text, "#{", "}").any(is_expression)
        || text.strip_prefix('@').and_then(|rest| rest.strip_suffix('@')).is_some_and(is_at_name)
}

/// `%s` and `%(name)s`. In a URL, `%s` cannot be an escape.
fn is_format_verb(text: &str) -> bool {
    ["%s", "%v", "%q", "%d"].contains(&text)
        || text.contains("://") && text.contains("%s")
        || text.split_once("%(").is_some_and(|(_, rest)| rest.contains(")s"))
}

/// Addresses in a secret store, and encrypted values: of 1Password, vals, SOPS, Ansible, Bank-Vaults, the Vault plugin of Argo CD,
/// and Berglas. A tool puts the value in their place before Pomerium reads it, and they are written for nothing else.
pub fn is_secret_store(text: &str) -> bool {
    let text = text.trim().trim_matches(['"', '\'']);
    let starts = |starts: &[&str]| starts.iter().any(|start| text.starts_with(start));
    starts(&["op://", "ref+", "secretref+", "ENC[", "$ANSIBLE_VAULT", "berglas://", "sm://"])
        || starts(&["vault:", ">>vault:", "bao:", "<path:"]) && text.contains(['#', '/'])
}

fn is_unfilled(text: &str) -> bool {
    is_elided(text)
        || is_unfilled_phrase(text)
        || is_in_angle_brackets(text)
        || is_in_braces(text)
        || is_documentation_host(text)
        || has_unfilled_word(text)
}

/// The runs of letters, digits, `_` and `-`.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '-')).filter(|word| !word.is_empty())
}

/// Upper case, with underscores between words and none around.
fn normalised(words: &str) -> String {
    let words = words.trim_matches(['-', ' ', '_']);
    words.chars().map(|c| if matches!(c, '-' | ' ') { '_' } else { c.to_ascii_uppercase() }).collect()
}

/// `...`, `eu-west-1_...`, `***`.
fn is_elided(text: &str) -> bool {
    let is_simple = |rest: &str| rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.:/".contains(&byte));
    let is_masked = text.len() >= 3 && text.bytes().all(|byte| byte == b'*');
    is_masked || text.ends_with('…') || text.ends_with("...") && is_simple(text) || text.contains("://...")
}

/// Words that say it all when they are the whole value: `TODO`, `client id`, `***FILL IN***`.
fn is_unfilled_phrase(text: &str) -> bool {
    let bare = text.trim_matches(|c: char| c.is_ascii_punctuation() && c != '_' && c != '-');
    let is_upper = |text: &str| !text.bytes().any(|byte| byte.is_ascii_lowercase());
    let phrase = normalised(bare);
    if bare.split(' ').count() > 6 || bare.contains(['\n', '\t']) {
        return false;
    }
    let shouted = ["TODO", "TBD", "FIXME", "REPLACE", "FILL_IN"];
    let said = ["REDACTED", "PLACEHOLDER", "XXX", "REPLACE_ME", "CHANGE_ME", "FILL_ME_IN", "FILL_ME", "INSERT_HERE"];
    // The lower-case `client_id` is a claim; nothing is called `CLIENT_ID` or `client id`.
    let is_option = OPTIONS.iter().any(|option| {
        phrase == *option && (is_upper(bare) || bare.contains(' ')) || phrase.strip_prefix("IDP_") == Some(option)
    });
    let is_variable = is_upper(bare) && !bare.contains(['-', ' ']) && OPTIONS.iter().any(|o| is_last_word(&phrase, o));
    shouted.contains(&phrase.as_str()) && is_upper(bare)
        || said.contains(&phrase.as_str())
        || is_option
        || is_variable
        || text.contains(' ') && bare.split(' ').count() < 5 && is_your_thing(&phrase)
}

const OPTIONS: [&str; 6] =
    ["CLIENT_ID", "CLIENT_SECRET", "PROVIDER_URL", "COOKIE_SECRET", "SHARED_SECRET", "SIGNING_KEY"];

/// What somebody is asked to put in.
#[rustfmt::skip]
const THINGS: &[&str] = &[
    "ID", "SECRET", "KEY", "URL", "URI", "DOMAIN", "TOKEN", "CLIENT", "NAME", "TENANT", "VALUE", "PASSWORD", "HOST",
    "POOL", "REGION", "PROVIDER", "ISSUER", "BASE64", "STRING", "SERVER", "COMPANY", "ORG", "SUBDOMAIN", "PREFIX",
    "REALM",
];

fn is_last_word(phrase: &str, word: &str) -> bool {
    phrase.strip_suffix(word).is_some_and(|before| before.ends_with('_'))
}

/// `YOUR_CLIENT_ID`, `PUT_X_HERE`, `CLIENT_SECRET_HERE`.
fn is_your_thing(phrase: &str) -> bool {
    let has_thing = || phrase.split('_').any(|word| THINGS.contains(&word));
    let asks = ["PUT_", "INSERT_", "ENTER_", "PASTE_", "ADD_", "YOUR_"].iter().any(|verb| phrase.starts_with(verb));
    phrase.starts_with("YOUR_") && has_thing() || phrase.strip_suffix("_HERE").is_some_and(|_| asks || has_thing())
}

/// Words that give a value away wherever they stand in it.
fn has_unfilled_word(text: &str) -> bool {
    let in_url = text.contains("://");
    let is_prose = text.contains(char::is_whitespace);
    let is_address = text.contains('@') && !in_url;
    let is_bare = !text.contains(['.', '/', ':']);
    words(text).any(|word| {
        let phrase = normalised(word);
        let is_upper = !word.bytes().any(|byte| byte.is_ascii_lowercase());
        let is_marked = word.len() > 5 && word.starts_with("__") && word.ends_with("__") && is_upper;
        // There are hosts whose name begins with `your-`.
        let is_thing = || is_bare || is_your_thing(&phrase);
        let is_yours = phrase.starts_with("YOUR_") && (is_upper || !is_prose && !is_address && is_thing());
        is_marked
            || is_yours
            || is_imperative(&phrase)
            || !is_prose && is_your_thing(&phrase)
            || is_run_of_x(word)
            || ["YOURDOMAIN", "YOURCOMPANY", "YOURORG", "YOURHOST", "YOURTENANT"].contains(&phrase.as_str())
            || word.ends_with("_EXAMPLE")
            || is_upper && in_url && URL_PARTS.contains(&phrase.as_str())
    })
}

/// What stands in a URL in capitals only as long as it is not filled in.
#[rustfmt::skip]
const URL_PARTS: &[&str] = &[
    "DOMAIN", "HOST", "HOSTNAME", "REGION", "AWS_REGION", "POOL_ID", "POOLID", "USER_POOL_ID", "USERPOOLID",
    "TENANT", "TENANT_ID", "TENANTID", "DOMAIN_NAME", "DOMAIN_PREFIX", "REALM", "ISSUER", "REPLACE",
];

/// `CHANGEME`, `change-me-shared-secret`, `REPLACE_WITH_RANDOM_VALUE`, but not `replacement` and not `changement`.
fn is_imperative(phrase: &str) -> bool {
    const ORDERS: [&str; 13] = [
        "CHANGEME",
        "CHANGE_ME",
        "CHANGE_THIS",
        "REPLACEME",
        "REPLACE_ME",
        "REPLACE_THIS",
        "REPLACE_WITH",
        "REPLACE_FROM",
        "GENERATE_ME",
        "FILL_ME",
        "FILL_IN",
        "INSERT_YOUR",
        "PUT_YOUR",
    ];
    ORDERS.iter().any(|order| {
        let begins = phrase.strip_prefix(order).is_some_and(|rest| {
            rest.is_empty() || rest.starts_with(|c: char| c == '_' || c.is_ascii_digit()) || rest.starts_with("WITH")
        });
        begins || is_last_word(phrase, order)
    })
}

/// Four or more `x`, or `y`, that are a part of their own: `us-east-1_xxxxxxxxx`.
fn is_run_of_x(word: &str) -> bool {
    word.split(['-', '_']).any(|part| {
        part.len() >= 4 && ["x", "X", "y"].iter().any(|letter| part.trim_matches(|c| letter.contains(c)).is_empty())
    })
}

/// `<client id>`, `https://<region>.example`; not HTML, not `Ann <ann@example.com>`, not a named group of a regular expression.
fn is_in_angle_brackets(text: &str) -> bool {
    if text.contains("</") || text.contains('\n') || text.contains("<!") {
        return false;
    }
    between(text, "<", ">").any(|(before, name)| {
        // First what ends at the next bracket: of many that stand one in the other, only the innermost is read whole.
        if name.contains(['@', '=', '<', '"']) || before.ends_with('?') || before.ends_with("?P") {
            return false;
        }
        let is_whole = before.is_empty() && text.ends_with('>');
        let name = if is_whole { name.trim() } else { name };
        let says_so = || {
            name.contains([' ', '-', '_'])
                || name.len() > 1 && name.bytes().all(|byte| byte.is_ascii_uppercase())
                || normalised(name).split('_').any(|word| THINGS.contains(&word))
        };
        name.starts_with(|c: char| c.is_alphabetic() || c == '_') && (is_whole || says_so())
    })
}

/// `{region}` and `{REPLACE-WITH-ID}` in a URL, or as the whole value.
fn is_in_braces(text: &str) -> bool {
    let is_whole = text.starts_with('{') && text.ends_with('}') && text.matches('{').count() == 1;
    (is_whole || text.contains("://"))
        && between(text, "{", "}").any(|(before, name)| {
            name.starts_with(is_word_start)
                && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_ ".contains(&byte))
                && !before.ends_with(['$', '{', '#', 'p', 'P'])
        })
}

/// AWS writes `cognito-idp.region.amazonaws.com/userPoolId`.
fn is_documentation_host(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    ["cognito-idp.region.", ".auth.region.", "amazonaws.com/userpoolid", "amazonaws.com/user-pool-id", "your.domain"]
        .iter()
        .any(|sample| lower.contains(sample))
}
