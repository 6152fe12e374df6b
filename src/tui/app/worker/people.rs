//! Forgetting a person from a row.

use crate::ops::forget::{self, Person};
use crate::ops::{AppContext, OpsError};
use crate::tui::app::op::{Forgetting, Whom};

/// Whoever is behind a row, and what there is of them.
pub(super) async fn find(context: &AppContext, whom: Whom) -> Result<Person, OpsError> {
    let by = match whom {
        Whom::Attempt(id) => forget::of_attempt(context, id).await?,
        Whom::Inputs(inputs, kind) => forget::of_inputs(&inputs, kind)?,
    };
    forget::find(context, by).await
}

/// Forgets them; which forms are about them, too.
pub(super) async fn forget(
    context: &AppContext,
    of: Forgetting,
) -> Result<(String, [bool; 2]), OpsError> {
    let Forgetting { person, forms } = of;
    let mut are_theirs = [false; 2];
    for (is_theirs, form) in are_theirs.iter_mut().zip(&forms) {
        if let Some(form) = form {
            *is_theirs = context.ledger().is_about(form, &person.by)?;
        }
    }
    let done = forget::forget(context, person).await?;
    let mut text = format!("forgotten: {}", done.person.sentence());
    for more in done.person.kept().into_iter().chain(done.not_compacted) {
        text.push_str("; ");
        text.push_str(&more);
    }
    Ok((text, are_theirs))
}
