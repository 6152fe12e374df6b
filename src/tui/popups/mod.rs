//! What can lie over a screen.

pub mod dialog;
pub mod filter;
pub mod grant_code;
pub mod guide;
pub mod help;
pub mod lists;
pub mod picker;
pub mod plan;
pub mod prompt;
pub mod records;
pub mod unknowns;

use crate::keymap::Context;
use crate::tui::app::notice::Failure;

/// How far the work is that a popup begins with what is filled in.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Progress<T> {
    Filling,
    Working,
    /// What is filled in may be mended.
    Failed(Failure),
    Done(T),
}

impl<T> Progress<T> {
    /// Whether it still takes changes.
    pub(crate) fn is_open(&self) -> bool {
        matches!(self, Self::Filling | Self::Failed(_))
    }
}

/// The contexts of a popup: its own first, then those of what can be done in it.
pub(crate) fn contexts(own: Option<Context>, types_text: bool) -> Vec<Context> {
    let text = types_text.then_some(Context::Text);
    own.into_iter()
        .chain([Context::Popup])
        .chain(text)
        .chain([Context::List, Context::Always])
        .collect()
}
