//! What the answers of the API say of the secret of an app client.

use super::super::answer::{Compared, Told};
use super::super::call::Operation;
use super::{Answers, OfClient, told_of};
use crate::evidence::{Evidence, Missing, SecretStanding, Seen};
use crate::infra::Value;
use crate::infra::settings::Field;

impl OfClient {
    /// How many secrets it has. A list that goes on after its first page does not tell.
    fn listed_secrets(&self) -> Option<u64> {
        let list = told_of(&self.secrets)?;
        list.count().filter(|_| list.next_page().is_none())
    }
}

impl Answers {
    /// Whether the configured secret is one of the client's.
    pub(super) fn secret(&self, answers: &OfClient, told: &Told) -> Evidence<SecretStanding> {
        let (own, list) = (answers.client.id.clone(), answers.secrets.id.clone());
        let seen = |value| Ok(Seen { value, witnesses: vec![own.clone()] });
        let counted = |value| Ok(Seen { value, witnesses: vec![own.clone(), list] });
        let is_bare = || answers.configured.as_ref().map(Option::is_none).map_err(Clone::clone);
        match (told.compared(), answers.listed_secrets()) {
            (Some(Compared::Same), Some(2..)) => counted(SecretStanding::Accepted { is_one_of_two: true }),
            (Some(Compared::Same), _) => seen(SecretStanding::Accepted { is_one_of_two: false }),
            (Some(Compared::None), Some(0)) if is_bare()? => counted(SecretStanding::Public),
            (Some(Compared::None), Some(0)) => counted(SecretStanding::NotExpected),
            (Some(Compared::Alone | Compared::Elsewhere), _) if is_bare()? => seen(SecretStanding::Required),
            (Some(Compared::None), Some(_)) if is_bare()? => counted(SecretStanding::Required),
            // A client may have two secrets, and the API shows one of them.
            (Some(Compared::Other), Some(1)) => counted(SecretStanding::Rejected { is_answer: false }),
            (Some(Compared::Other), Some(count)) => untold(&format!(
                "the app client has {count} secrets, and the API shows only one, which is not the configured one"
            )),
            // One that the customer chose is shown by no call.
            (Some(Compared::Elsewhere | Compared::None), Some(_)) | (Some(Compared::Elsewhere), None) => {
                untold("the app client has a secret that the API does not show")
            }
            (Some(Compared::Other), None) => {
                self.uncounted(answers, "the secret that the API shows is not the configured one, and there may be two")
            }
            (Some(Compared::None), None) => self.uncounted(
                answers,
                "the API shows no secret of the app client, and there may be one that it does not show",
            ),
            (Some(Compared::Alone) | None, _) => Err(Missing::NotRecorded { url: answers.client.request.url.clone() }),
        }
    }

    /// How many secrets there are would tell, and was not told.
    fn uncounted(&self, answers: &OfClient, known: &str) -> Evidence<SecretStanding> {
        if told_of(&answers.secrets).is_some_and(|list| list.next_page().is_some()) {
            return untold(&format!("{known}, as the list of its secrets has further pages"));
        }
        Err(match self.missing(&answers.secrets, Operation::ListUserPoolClientSecrets) {
            Missing::Refused { says, statement } => {
                Missing::Refused { says: format!("{known} (--probe-secret tells). {says}"), statement }
            }
            other => other,
        })
    }
}

/// Whether the client has a secret. One that is not shown may be there all the same.
pub(super) fn has_secret(answers: &OfClient, told: &Told) -> Field<bool> {
    let value = match (told.compared(), answers.listed_secrets()) {
        (Some(Compared::None), Some(0)) => Value::Known(false),
        (Some(Compared::None), None) | (None, _) => {
            Value::Unknown("the API shows no secret, and not how many there are".to_owned())
        }
        _ => Value::Known(true),
    };
    Field::new(value, None)
}

/// The API does not tell, and asking Cognito does.
fn untold<T>(known: &str) -> Evidence<T> {
    Err(Missing::Refused { says: format!("{known}: --probe-secret tells"), statement: None })
}
