//! What code says of the login pages: which kind the domain serves, and whether the client has a style, without which managed login
//! shows none (Cognito Developer Guide, "Apply branding to managed login pages").

use super::pool::{of_linked, whether_there};
use super::{Hearing, Told, UNSEEN};
use crate::evidence::settled::{ManagedLogin, PageStyle};
use crate::evidence::{Evidence, LoginPage, Missing, Seen, World};
use crate::infra::settings::{BrandingSettings, ClientSettings, DomainSettings};
use crate::infra::{Answer, Code, Fate, Form, Linked, Resource, Tense};

/// Whether it is there after all, where it stands, and itself.
type Found<'c> = (bool, Told<'c>, &'c Resource<BrandingSettings>);

impl<'a> Hearing<'a> {
    /// Which pages the domain serves that browsers are sent to: the custom one, if there are two.
    pub(super) fn managed_login(
        &mut self,
        told: Told<'_>,
        linked: &[Linked<'_, DomainSettings>],
    ) -> Evidence<ManagedLogin> {
        let certain =
            || linked.iter().filter(|linked| linked.belongs == Answer::Yes && linked.resource.doubt.is_none());
        let is_custom =
            |linked: &&Linked<'_, DomainSettings>| linked.resource.settings.is_custom.value.known() == Some(&true);
        let Some(telling) = certain().find(is_custom).or_else(|| certain().next()) else { return Err(UNSEEN) };
        let version = &telling.resource.settings.managed_login_version;
        // Left out, what is there stays.
        if version.value.is_unset() != Answer::No {
            return Err(UNSEEN);
        }
        let is_on = version.value.asked(Answer::Maybe, &|version| (*version == 2).into());
        let at = version.at.unwrap_or(telling.resource.at);
        self.seen(ManagedLogin { is_on }, of_linked(told, telling), None, at)
    }

    /// Whether the client has a style.
    pub(super) fn style(
        &mut self,
        index: usize,
        told: Told<'_>,
        client: &Resource<ClientSettings>,
    ) -> Evidence<PageStyle> {
        let (is_there, own, style) = self.found_style(index, told, client)?;
        self.seen(PageStyle { is_there }, own, None, style.at)
    }

    /// The style of the client, or the one that the apply takes away. Another one may be made elsewhere, as the console does.
    fn found_style(
        &self,
        index: usize,
        told: Told<'_>,
        client: &Resource<ClientSettings>,
    ) -> Result<Found<'a>, Missing> {
        let codes = self.codes;
        let styles = |tense: Tense| {
            let all = codes.iter().enumerate().flat_map(move |(file, code)| {
                let told =
                    move |style: &'a Resource<BrandingSettings>| Told { file, code, address: &style.address, tense };
                code.picture(tense).brandings.iter().map(move |style| (told(style), style))
            });
            all.map(move |(own, style)| (self.is_of(index, told, client, own.code, style), own, style))
        };
        let of_it = |tense: Tense, answer: Answer| styles(tense).find(|(is_it, ..)| *is_it == answer);
        if let Some((_, own, style)) = of_it(told.tense, Answer::Yes) {
            let is_left =
                told.tense == Tense::AfterApply && own.code.form == Form::Plan && !style.fate.is_some_and(Fate::writes);
            // What the apply leaves as it is is said of today.
            return if is_left { Err(UNSEEN) } else { Ok((true, own, style)) };
        }
        if let Some((_, _, style)) = of_it(told.tense, Answer::Maybe) {
            return Err(Missing::Untold(match &style.doubt {
                Some(doubt) => whether_there(&style.address, doubt),
                None => format!("whether {} is the style of {} is not known", style.address, told.address),
            }));
        }
        let is_taken = |style: &Resource<BrandingSettings>| matches!(style.fate, Some(Fate::Delete | Fate::Replace));
        let mut had = styles(Tense::Now).filter(|(is_it, ..)| *is_it == Answer::Yes);
        if told.tense == Tense::AfterApply
            && let Some((_, own, style)) = had.find(|(_, _, style)| is_taken(style))
        {
            return Ok((false, Told { tense: told.tense, ..own }, style));
        }
        let (address, file) = (told.address, &told.code.file);
        let is_made = matches!(client.fate, Some(Fate::Create | Fate::Replace)) && told.tense == Tense::AfterApply;
        if is_made && codes.iter().all(|code| code.is_complete) {
            return Err(Missing::Untold(format!(
                "the apply makes {address} and no style for it, and managed login shows no page without one"
            )));
        }
        Err(Missing::Elsewhere(format!(
            "{file} has no style of the login pages for {address}; it may be made elsewhere"
        )))
    }

    /// Whether it is a style of this client.
    fn is_of(
        &self,
        index: usize,
        told: Told<'_>,
        client: &Resource<ClientSettings>,
        code: &Code,
        style: &Resource<BrandingSettings>,
    ) -> Answer {
        let named = &style.settings.client.value;
        let of_code = client.settings.id.value.known().map(String::as_str);
        let has_id = of_code.or(self.id(index)).map_or(Answer::Maybe, |id| named.equals(id));
        let is_same_file = std::ptr::eq(code, told.code);
        let referred = named
            .refers_to()
            .filter(|_| is_same_file)
            .or_else(|| named.id_in_file().filter(|(file, _)| *file == told.code.file).map(|(_, address)| address));
        let is_it = match referred {
            Some(address) => (address == told.address).into(),
            // A client of a template has an id that nobody tells.
            None if of_code.is_none() && told.code.form == Form::Template && has_id == Answer::No => Answer::Maybe,
            None => has_id,
        };
        if is_it == Answer::Yes && style.doubt.is_some() { Answer::Maybe } else { is_it }
    }
}

impl World {
    /// What the pages become by what an apply makes of their kind and their styles, beside what is `now`.
    pub(super) fn with_pages(mut self, now: &Self) -> Self {
        let managed = &self.pool.managed_login;
        let is_on =
            |evidence: &Evidence<ManagedLogin>| evidence.as_ref().map_or(Answer::Maybe, |seen| seen.value.is_on);
        let is_there =
            |evidence: &Evidence<PageStyle>| evidence.as_ref().map_or(Answer::Maybe, |seen| seen.value.is_there.into());
        let was_on = is_on(&now.pool.managed_login);
        for (client, was) in self.clients.iter_mut().zip(&now.clients) {
            let (style, was_there) = (&client.style, is_there(&was.style));
            let is_missing = Answer::all([is_on(managed), is_there(style).not()]);
            let was_missing = Answer::all([was_on, was_there.not()]);
            let witnesses = || {
                let style = style.iter().flat_map(|seen| &seen.witnesses);
                style.chain(managed.iter().flat_map(|seen| &seen.witnesses)).cloned().collect()
            };
            let page = match (&client.login_page, is_missing) {
                (Err(Missing::NotApplicable(_)), _) => continue,
                (_, Answer::Yes) if was_missing != Answer::Yes => {
                    Ok(Seen { value: LoginPage::Unavailable, witnesses: witnesses() })
                }
                (Ok(Seen { value: LoginPage::Unavailable, .. }), Answer::No) if was_missing != Answer::No => {
                    Ok(Seen { value: LoginPage::Served, witnesses: witnesses() })
                }
                (_, Answer::Maybe) if was_missing == Answer::No && is_on(managed) != Answer::No => Err(Missing::Untold(
                    "the apply leads to managed login, or takes a style away, and whether the app client then has a style is not known"
                        .to_owned(),
                )),
                (Err(Missing::Declined { .. }), Answer::Maybe) if is_on(managed) == Answer::Yes => match style {
                    Err(why) => Err(why.clone()),
                    Ok(_) => continue,
                },
                _ => continue,
            };
            client.login_page = page;
        }
        self
    }
}
