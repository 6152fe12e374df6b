//! Keys while a popup is open.

use super::{decide, filter, guide, help, keys, pick, plan, records, runs, send, setup, unknowns};
use crate::keymap::Command;
use crate::theme::Role;
use crate::tui::effects::Effect;
use crate::tui::layout;
use crate::tui::model::guide::Progress;
use crate::tui::model::popup::{Help, HelpRow, Popup, Purpose};
use crate::tui::model::{Env, Level, Model};
use crate::tui::ui::field::Pasted;
use crate::tui::ui::text::RichLine;
use crate::tui::ui::viewport::Viewport;

/// `None` when the command is not the popup's.
pub(super) fn on(model: &mut Model, command: Command, env: &mut Env) -> Option<Vec<Effect>> {
    // Whoever is typing when it appears must not close it unread: only Esc does.
    let must_be_read =
        matches!(model.popups.last(), Some(Popup::Help(help)) if help.told.is_some());
    if must_be_read && matches!(command, Command::ClosePopup | Command::Accept) {
        return Some(Vec::new());
    }
    if matches!(command, Command::Back | Command::ClosePopup) {
        return Some(close(model));
    }
    match model.popups.last()? {
        Popup::Help(_) => help_on(model, command),
        Popup::Pick(_) => pick_on(model, command, env),
        Popup::Filter(_) => filter::on(model, command, env),
        Popup::Confirm(_) => confirm_on(model, command, env),
        Popup::Decide(_) => decide::on(model, command, env),
        Popup::Prompt(_) => prompt_on(model, command),
        Popup::GrantCode(_) => setup::code_on(model, command, env),
        Popup::Plan(_) => plan::on(model, command, env),
        Popup::Unknowns(_) => unknowns::on(model, command, env),
        Popup::Records(_) => records::on(model, command, env),
        Popup::Guide(_) => guide::on(model, command, env),
    }
}

pub(super) fn typed(model: &mut Model, c: char, env: &mut Env) -> Option<Vec<Effect>> {
    let is_asked_for = match model.popups.last() {
        Some(Popup::Confirm(confirm)) => confirm.typed.is_some(),
        Some(Popup::Decide(decide)) => decide.typed.is_some(),
        _ => false,
    };
    if is_asked_for && keys::is_too_early(model, env) {
        return Some(Vec::new());
    }
    match model.popups.last_mut()? {
        Popup::Help(_) => None,
        Popup::Pick(picker) => {
            if !picker.query.insert(c) {
                return None;
            }
            picker.narrow();
            Some(pick::preview(model))
        }
        Popup::Filter(form) => filter::typed(form, c).then(Vec::new),
        Popup::Confirm(confirm) => {
            let is_taken = confirm.typed.as_mut().is_some_and(|field| field.insert(c));
            is_taken.then(Vec::new)
        }
        Popup::Decide(decide) => {
            let field = decide.typed.as_mut().map(|typed| &mut typed.field);
            field.is_some_and(|field| field.insert(c)).then(Vec::new)
        }
        Popup::Prompt(prompt) => prompt.field.insert(c).then(Vec::new),
        Popup::GrantCode(code) if code.is_working => None,
        Popup::GrantCode(code) => {
            code.field.insert(c);
            Some(Vec::new())
        }
        Popup::Plan(form) => plan::typed(form, c, env),
        Popup::Unknowns(_) => None,
        Popup::Records(records) => records.query.insert(c).then(Vec::new),
        Popup::Guide(guide) => guide::typed(guide, c).then(Vec::new),
    }
}

pub(super) fn paste(model: &mut Model, text: &str) -> Option<Pasted> {
    match model.popups.last_mut()? {
        Popup::Help(_) | Popup::Confirm(_) | Popup::Decide(_) | Popup::Unknowns(_) => None,
        Popup::Pick(picker) => {
            let pasted = picker.query.paste(text);
            picker.narrow();
            Some(pasted)
        }
        Popup::Filter(form) => form.field_mut().map(|field| field.paste(text)),
        Popup::Prompt(prompt) => Some(prompt.field.paste(text)),
        Popup::GrantCode(code) => {
            // What it was is not told, not even its length.
            code.field.paste(text);
            None
        }
        Popup::Plan(form) => plan::paste(form, text),
        Popup::Records(records) => Some(records.query.paste(text)),
        Popup::Guide(guide) => guide::paste(guide, text),
    }
}

/// Tells something that must be read to its end: a notice, or, where that would cut it, a text
/// that stays until it is closed.
pub(super) fn tell_whole(model: &mut Model, level: Level, text: String, env: &Env) {
    if text.chars().count() <= NOTICE_CHARS {
        return model.shared.say(level, text, env.uptime);
    }
    model.popups.push(Popup::Help(Help {
        told: Some(text),
        rows: Vec::new(),
        view: Viewport::default(),
    }));
    lay_out(model);
}

/// Characters that every notice shows, at 80 columns.
const NOTICE_CHARS: usize = 200;

/// Lays out what must be read for the width there is.
pub(super) fn lay_out(model: &mut Model) {
    help::lay_out(model);
    let columns = layout::text_columns(model);
    for popup in &mut model.popups {
        if let Popup::Help(help) = popup
            && let Some(told) = &help.told
        {
            // Each sentence begins a line of its own.
            let sentences = told
                .split("; ")
                .map(|text| RichLine::new().with(Role::Text, text));
            let lines = sentences.flat_map(|line| line.wrapped(columns, 2));
            help.rows = lines.map(|line| HelpRow::Line(line.text())).collect();
        }
    }
}

fn close(model: &mut Model) -> Vec<Effect> {
    let closed = model.popups.pop();
    // A theme that was only looked at goes back to the one in use.
    match closed {
        Some(Popup::Guide(guide)) if !matches!(guide.progress, Progress::Done(_)) => {
            model.guide_kept = Some(guide);
            Vec::new()
        }
        Some(Popup::Pick(picker)) if picker.title == Command::ChooseTheme.title() => {
            vec![Effect::UseTheme(model.shared.settings.theme_before.clone())]
        }
        _ => Vec::new(),
    }
}

fn help_on(model: &mut Model, command: Command) -> Option<Vec<Effect>> {
    let rows = layout::popup_rows(model);
    if let Some(Popup::Help(help)) = model.popups.last_mut() {
        let count = help.rows.len();
        let page = isize::try_from(rows).unwrap_or(1);
        let all = isize::try_from(count).unwrap_or(isize::MAX);
        match command {
            Command::Down => help.view.scroll_by(1, count, rows),
            Command::Up => help.view.scroll_by(-1, count, rows),
            Command::PageDown => help.view.scroll_by(page, count, rows),
            Command::PageUp => help.view.scroll_by(-page, count, rows),
            Command::Top => help.view.scroll_by(-all, count, rows),
            Command::Bottom => help.view.scroll_by(all, count, rows),
            Command::Accept => return Some(close(model)),
            _ => return None,
        }
    }
    Some(Vec::new())
}

fn pick_on(model: &mut Model, command: Command, env: &mut Env) -> Option<Vec<Effect>> {
    let rows = layout::popup_rows(model).max(1);
    let page = isize::try_from(rows).unwrap_or(1);
    let Some(Popup::Pick(picker)) = model.popups.last_mut() else {
        return None;
    };
    let count = picker.matches.len();
    match command {
        Command::Accept => return Some(pick::choose(model, env)),
        Command::Down | Command::NextPart => picker.view.move_by(1, count, rows),
        Command::Up | Command::PreviousPart => picker.view.move_by(-1, count, rows),
        Command::PageDown => picker.view.move_by(page, count, rows),
        Command::PageUp => picker.view.move_by(-page, count, rows),
        command => {
            if !picker.query.on(command) {
                return None;
            }
            picker.narrow();
        }
    }
    Some(pick::preview(model))
}

fn prompt_on(model: &mut Model, command: Command) -> Option<Vec<Effect>> {
    let Some(Popup::Prompt(prompt)) = model.popups.last_mut() else {
        return None;
    };
    if command != Command::Accept {
        return prompt.field.on(command).then(Vec::new);
    }
    let (purpose, text) = (prompt.purpose.clone(), prompt.field.value().to_owned());
    model.popups.pop();
    Some(match purpose {
        Purpose::Export(run) => runs::prompted(run, &text),
        Purpose::MapInput(of) => setup::prompted(*of, &text),
    })
}

fn confirm_on(model: &mut Model, command: Command, env: &mut Env) -> Option<Vec<Effect>> {
    let Some(Popup::Confirm(confirm)) = model.popups.last_mut() else {
        return None;
    };
    match command {
        Command::SendAnyway | Command::Accept if confirm.is_answered_by(command) => {
            let submit = confirm.submit.clone();
            model.popups.pop();
            Some(send::go(model, submit))
        }
        Command::Accept if confirm.typed.is_some() => {
            let text = "type the word first; nothing was sent";
            model.shared.say(Level::Warning, text, env.uptime);
            Some(Vec::new())
        }
        Command::Quit | Command::Help => None,
        command => {
            if let Some(field) = &mut confirm.typed {
                field.on(command);
            }
            Some(Vec::new())
        }
    }
}
