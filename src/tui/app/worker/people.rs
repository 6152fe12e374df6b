//! Forgetting a person from a row.

use super::At;
use crate::ops::OpsError;
use crate::ops::forget::{self, Person};
use crate::tui::app::op::{Forgetting, Whom};

/// Whoever is behind a row, and what there is of them.
pub(crate) async fn find(at: At<'_>, whom: Whom) -> Result<Person, OpsError> {
    let by = match whom {
        Whom::Attempt(id) => forget::of_attempt(at.context, id).await?,
        Whom::Inputs(inputs, kind) => forget::of_inputs(&inputs, kind)?,
    };
    forget::find(at.context, by).await
}

/// Forgets them; which forms are about them, too.
pub(crate) async fn forget(at: At<'_>, of: Forgetting) -> Result<(String, [bool; 2]), OpsError> {
    let Forgetting { person, forms } = of;
    let mut are_theirs = [false; 2];
    for (is_theirs, form) in are_theirs.iter_mut().zip(&forms) {
        if let Some(form) = form {
            *is_theirs = at.context.ledger().is_about(form, &person.by)?;
        }
    }
    let done = forget::forget(at.context, person).await?;
    let mut text = format!("forgotten: {}", done.person.sentence());
    for more in done.person.kept().into_iter().chain(done.not_compacted) {
        text.push_str("; ");
        text.push_str(&more);
    }
    Ok((text, are_theirs))
}
