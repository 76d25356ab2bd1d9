//! What Pomerium will send to the identity provider.

/// Who runs the login.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hosting {
    /// This Pomerium itself, with its `idp_*` settings.
    Own,
    /// Pomerium's hosted authenticate service: every `idp_*` setting is ignored.
    Hosted,
}

/// What Pomerium will send, derived from the settings as Pomerium derives it (`config/options.go`, `pkg/identity/oidc`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Login {
    /// Who runs the login.
    pub hosting: Hosting,
    /// The redirect URI, byte for byte. Empty if `authenticate_service_url` cannot be parsed.
    pub redirect_uri: String,
    /// The elements of `idp_scopes` or the provider's default, in Pomerium's order.
    pub scopes: Vec<String>,
    /// The `scope` parameter: the elements joined by one space.
    pub scope: String,
    /// What `idp_request_params` adds to, or overrides in, the authorize request, in query order.
    pub request_parameters: Vec<(String, String)>,
    /// The `logout_uri` sent at sign-out; `None` if this provider or version sends none.
    pub sign_out_uri: Option<String>,
}

impl Login {
    /// Derives it from the settings, for a release of Pomerium.
    pub fn of(settings: &super::Settings, version: super::PomeriumVersion) -> Self {
        let _ = (settings, version);
        Self {
            hosting: Hosting::Own,
            redirect_uri: String::new(),
            scopes: vec![],
            scope: String::new(),
            request_parameters: vec![],
            sign_out_uri: None,
        }
    }
}
