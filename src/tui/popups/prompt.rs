//! A line that is asked for.

use ratatui::layout::Rect;

use crate::base::{ModuleName, RunId, Scope};
use crate::keymap::{Command, Context};
use crate::ops::configure::{Edit, Mapping};
use crate::theme::Role;
use crate::tui::app::cx::{About, Cx, Handled, Intent, Out, Screen};
use crate::tui::app::op::{ChangeOf, Op};
use crate::tui::app::shared::Shared;
use crate::tui::popups::contexts;
use crate::tui::ui::field::TextField;
use crate::tui::ui::painter::{Painter, from_column, from_row, inside, row, without_last};
use crate::tui::ui::text::paragraphs;

/// The line.
pub struct Prompt {
    title: String,
    /// What is good to know.
    hint: &'static str,
    field: TextField,
    purpose: Purpose,
}

/// What it is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Purpose {
    /// The file that the rows of a run are written to.
    Export(RunId),
    /// The CRM field that feeds an input, or takes an output, of a configuration; the word for it
    /// with its side.
    Map(Scope, ModuleName, String),
}

impl Prompt {
    pub fn new(title: String, hint: &'static str, text: &str, purpose: Purpose) -> Self {
        Self {
            title,
            hint,
            field: TextField::of(text),
            purpose,
        }
    }

    fn answer(&self) -> Option<Out> {
        let text = self.field.value().trim();
        match &self.purpose {
            Purpose::Export(_) if text.is_empty() => None,
            Purpose::Export(run) => Some(Out::Do(Op::ExportRun {
                run: *run,
                path: text.to_owned(),
            })),
            Purpose::Map(scope, module, name) => {
                let name = name.clone();
                let edit = match text.is_empty() {
                    true => Edit::Unmap(vec![name]),
                    false => Edit::Map(vec![Mapping {
                        name,
                        field: text.to_owned(),
                    }]),
                };
                // What that would change is shown first.
                Some(Out::Deliver(Intent::PlanChange(Box::new(ChangeOf {
                    scope: scope.clone(),
                    module: module.clone(),
                    edit,
                }))))
            }
        }
    }
}

impl Screen for Prompt {
    fn contexts(&self, _shared: &Shared) -> Vec<Context> {
        contexts(None, true)
    }

    fn command(&mut self, command: Command, cx: &mut Cx<'_>) -> Handled {
        if command != Command::Accept {
            return Handled::No;
        }
        cx.close();
        cx.out.extend(self.answer());
        Handled::Yes
    }

    fn text_field(&mut self) -> Option<&mut TextField> {
        Some(&mut self.field)
    }

    fn draw(&self, _shared: &Shared, p: &mut Painter<'_, '_>, area: Rect) {
        let line = from_column(row(inside(area), 1), 2);
        p.field(without_last(line, 2), &self.field);
        let below = without_last(from_column(from_row(inside(area), 3), 2), 2);
        let text = [(Role::Dim, self.hint)];
        p.lines(below, &paragraphs(text, (usize::from(below.width), 0)));
    }

    fn about(&self) -> About {
        (
            "One line",
            "{accept} takes what is typed, {back} takes nothing.",
        )
    }

    fn title(&self, _shared: &Shared) -> String {
        self.title.clone()
    }

    fn size(&self, _room: (u16, u16)) -> (u16, u16) {
        (90, 7)
    }
}
