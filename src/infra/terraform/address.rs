//! Addresses of Terraform: `module.login["prod"].aws_cognito_user_pool_client.this[0]`.

/// A name in an address, with its index if it has one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Step {
    pub(super) name: String,
    /// As written: `"prod"`, `0`.
    pub(super) index: Option<String>,
}

impl Step {
    fn of(text: &str) -> Self {
        match text.split_once('[') {
            Some((name, index)) => {
                Self { name: name.to_owned(), index: Some(index.strip_suffix(']').unwrap_or(index).to_owned()) }
            }
            None => Self { name: text.to_owned(), index: None },
        }
    }

    /// Whether this is an instance of that one. Without an index, all of them are meant.
    fn is_of(&self, wanted: &Self) -> bool {
        self.name == wanted.name && (wanted.index.is_none() || wanted.index == self.index)
    }
}

/// Where a resource stands in a configuration, or a reference points to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Address {
    /// The calls that lead to its module.
    pub(super) modules: Vec<Step>,
    /// `aws_cognito_user_pool.staff`, or with `data.` before it.
    pub(super) local: String,
    pub(super) index: Option<String>,
}

impl Address {
    pub(super) fn of(text: &str) -> Self {
        let mut steps = steps(text).into_iter().peekable();
        let mut modules = Vec::new();
        while steps.next_if(|step| step == "module").is_some() {
            modules.extend(steps.next().map(|name| Step::of(&name)));
        }
        let rest: Vec<String> = steps.collect();
        let last = rest.last().map(|last| Step::of(last));
        let before = rest.iter().take(rest.len().saturating_sub(1)).map(String::as_str);
        let local: Vec<&str> = before.chain(last.as_ref().map(|last| last.name.as_str())).collect();
        Self { modules, local: local.join("."), index: last.and_then(|last| last.index) }
    }

    /// Whether this resource is one of those that are meant.
    pub(super) fn is_of(&self, wanted: &Self) -> bool {
        let same_modules = self.modules.len() == wanted.modules.len()
            && self.modules.iter().zip(&wanted.modules).all(|(own, wanted)| own.is_of(wanted));
        same_modules && self.local == wanted.local && (wanted.index.is_none() || wanted.index == self.index)
    }
}

/// The parts between dots; those in brackets and quotes separate nothing.
pub(super) fn steps(text: &str) -> Vec<String> {
    let mut steps = vec![String::new()];
    let (mut quoted, mut escaped, mut depth) = (false, false, 0_usize);
    for letter in text.chars() {
        match letter {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            '[' if !quoted => depth += 1,
            ']' if !quoted => depth = depth.saturating_sub(1),
            '.' if !quoted && depth == 0 => {
                steps.push(String::new());
                continue;
            }
            _ => {}
        }
        if let Some(last) = steps.last_mut() {
            last.push(letter);
        }
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_taken_apart_and_matches_what_means_it() {
        let address = Address::of(r#"module.login["a.b"].module.c[0].aws_cognito_user_pool.p["x]\"y"]"#);
        let step = |name: &str, index: &str| Step { name: name.to_owned(), index: Some(index.to_owned()) };
        assert_eq!(address.modules, [step("login", r#""a.b""#), step("c", "0")]);
        assert_eq!(address.local, "aws_cognito_user_pool.p");
        assert_eq!(address.index.as_deref(), Some(r#""x]\"y""#));
        assert!(address.is_of(&Address::of("module.login.module.c.aws_cognito_user_pool.p")));
        assert!(!address.is_of(&Address::of("module.login[\"b\"].module.c.aws_cognito_user_pool.p")));
        assert!(!address.is_of(&Address::of("aws_cognito_user_pool.p")));
        assert_eq!(Address::of("data.aws_cognito_user_pool.p").local, "data.aws_cognito_user_pool.p");
    }
}
