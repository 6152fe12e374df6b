//! Questions about what the form and the log hold.

use crate::base::sentence;
use crate::enrichment::Draft;
use crate::ops::forget::Person;
use crate::tui::app::cx::{Intent, Out};
use crate::tui::app::op::{Forgetting, Op};
use crate::tui::popups::dialog::Dialog;
use crate::tui::ui::text::grouped;

/// People whom the question before forgetting names.
const NAMED_MAX: usize = 3;

/// The question whether a row of a spreadsheet fills the form.
pub(super) fn offered(draft: Draft) -> Dialog {
    let mut lines: Vec<String> = draft
        .given()
        .map(|(field, value)| format!("{:<10}  {value}", field.as_str()))
        .collect();
    if !draft.record_id.is_empty() {
        lines.push(format!("{:<10}  {}", "record id", draft.record()));
    }
    lines.push("The form is emptied first. Nothing is sent.".to_owned());
    let question = "Fill the form with this row of a spreadsheet?";
    let fill = Intent::Fill(Box::new(draft), None);
    Dialog::new(question, lines, "fills the form").yes(Out::Deliver(fill))
}

/// The question whether a person is to be forgotten, and what there is of them.
pub fn forget_question(person: Person, forms: [Option<Draft>; 2]) -> Dialog {
    let given = person.by.given();
    let by: Vec<String> = given.map(|(_, value)| value.into_owned()).collect();
    let people = person.traces.people;
    let mut lines = vec![format!("Removes {}.", person.sentence())];
    let named = person.traces.named.iter().take(NAMED_MAX);
    lines.extend(named.map(|who| format!("  {who}")));
    lines.extend(person.notes().iter().map(|note| sentence(note)));
    lines.push("Counts and keyed hashes stay, and nobody is asked about them again.".to_owned());
    lines.push(
        "What is removed does not come back. Exports, backups and Zoho itself are not reached."
            .to_owned(),
    );
    let question = format!("Forget {}?", by.join(" · "));
    let mut dialog = Dialog::new(question, lines, "forgets them");
    if people > 1 {
        dialog = dialog.typed(grouped(people), "the number of people");
    }
    dialog.acts(Op::Forget(Box::new(Forgetting { person, forms })))
}
