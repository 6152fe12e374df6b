//! What lies over the screen.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, BorderType, Borders, Clear};
use unicode_width::UnicodeWidthStr;

use super::{guide, paint, plan, records, setup, unknowns};
use crate::base::Outcome;
use crate::keymap::Command;
use crate::theme::{Role, Theme};
use crate::tui::data::attempt::Whose;
use crate::tui::layout::{ABOUT_ROWS, HELP_KEY_COLUMNS, inside, pick_list};
use crate::tui::model::Model;
use crate::tui::model::decide::Decide;
use crate::tui::model::picker::{Item, Picker};
use crate::tui::model::popup::{
    Confirm, FilterForm, FilterRow, Help, HelpRow, OVERRIDE_WORD, Popup,
};
use crate::tui::ui::text::{RichLine, fitted};

pub(super) fn draw(model: &Model, theme: &Theme, frame: &mut Frame<'_>, what: (&Popup, Rect)) {
    let (popup, area) = what;
    match popup {
        Popup::Help(help) => {
            let title = match help.told {
                Some(_) => "Read this before you go on",
                None => "Keys that work here",
            };
            surface(theme, frame, area, title);
            draw_help(theme, frame, (help, inside(area)));
        }
        Popup::Pick(picker) => {
            surface(theme, frame, area, picker.title);
            draw_picker(theme, frame, (picker, area));
        }
        Popup::Filter(form) => {
            surface(theme, frame, area, "Filter the log");
            draw_filter(theme, frame, (form, inside(area)));
        }
        Popup::Confirm(confirm) => {
            surface(theme, frame, area, &confirm.question);
            draw_confirm(model, theme, frame, (confirm, inside(area)));
        }
        Popup::Decide(decide) => {
            surface(theme, frame, area, &decide.question);
            draw_decide(model, theme, frame, (decide, inside(area)));
        }
        Popup::Prompt(prompt) => {
            surface(theme, frame, area, &prompt.title);
            let row = paint::from_column(paint::row(inside(area), 1), 2);
            let hint = paint::from_column(paint::row(inside(area), 3), 2);
            let row = Rect::new(row.x, row.y, row.width.saturating_sub(2), row.height);
            paint::field(theme, frame, row, &prompt.field);
            paint::text(theme, frame, hint, (Role::Dim, prompt.hint));
        }
        Popup::GrantCode(code) => {
            surface(
                theme,
                frame,
                area,
                &format!("Sign {} in again", code.profile),
            );
            setup::grant_code(model, theme, frame, (code, inside(area)));
        }
        Popup::Plan(form) => {
            surface(theme, frame, area, plan::title(form));
            plan::draw(model, theme, frame, (form, inside(area)));
        }
        Popup::Unknowns(open) => {
            surface(theme, frame, area, &unknowns::title(open));
            unknowns::draw(model, theme, frame, (open, area));
        }
        Popup::Records(open) => {
            surface(theme, frame, area, &records::title(open));
            records::draw(model, theme, frame, (open, area));
        }
        Popup::Guide(open) => {
            surface(theme, frame, area, "Set up a profile");
            guide::draw(model, theme, frame, (open, inside(area)));
        }
    }
}

fn surface(theme: &Theme, frame: &mut Frame<'_>, area: Rect, title: &str) {
    let style = theme
        .style(Role::Background)
        .patch(theme.style(Role::Popup));
    let block = Block::new()
        .borders(Borders::ALL)
        .border_type(BorderType::Rounded)
        .border_style(style.patch(theme.style(Role::PopupBorder)))
        .style(style)
        .title(Line::styled(
            format!(
                " {} ",
                fitted(title, usize::from(area.width.saturating_sub(6)))
            ),
            theme.style(Role::Title),
        ));
    frame.render_widget(Clear, area);
    frame.render_widget(block, area);
}

fn draw_help(theme: &Theme, frame: &mut Frame<'_>, what: (&Help, Rect)) {
    let (help, area) = what;
    let area = paint::from_column(area, 1);
    let seen = help.view.seen(help.rows.len(), usize::from(area.height));
    let first = seen.start;
    for index in seen {
        let place = paint::row(area, index - first);
        let beside = paint::from_column(place, HELP_KEY_COLUMNS);
        match help.rows.get(index) {
            Some(HelpRow::Heading(text)) => paint::text(theme, frame, place, (Role::Accent, text)),
            Some(HelpRow::Keys(keys, text)) => {
                paint::text(theme, frame, place, (Role::Title, keys));
                frame.render_widget(paint::line(theme, text), beside);
            }
            Some(HelpRow::Line(text)) => paint::text(theme, frame, place, (Role::Text, text)),
            Some(HelpRow::Blank) | None => {}
        }
    }
}

fn draw_picker(theme: &Theme, frame: &mut Frame<'_>, what: (&Picker, Rect)) {
    let (picker, popup) = what;
    let area = paint::from_column(inside(popup), 1);
    let prompt = paint::row(area, 0);
    paint::text(theme, frame, prompt, (Role::Accent, "› "));
    let field = paint::from_column(prompt, 2);
    let field = Rect::new(
        field.x,
        field.y,
        field.width.saturating_sub(1),
        field.height,
    );
    paint::field(theme, frame, field, &picker.query);
    let list = pick_list(picker, popup);
    if picker.matches.is_empty() {
        let text = match (picker.is_asked, picker.query.is_empty()) {
            (true, _) => "asking the server",
            (false, true) => "the list is empty; type a name",
            (false, false) => "nothing matches",
        };
        paint::text(theme, frame, paint::from_column(list, 2), (Role::Dim, text));
        return;
    }
    if picker.is_guess {
        let row = paint::from_column(paint::row(area, 1), 2);
        let text = "nothing has these letters; did you mean";
        paint::text(theme, frame, row, (Role::Warning, text));
    }
    let seen = picker
        .view
        .seen(picker.matches.len(), usize::from(list.height));
    let first = seen.start;
    for place in seen {
        let item = picker
            .matches
            .get(place)
            .and_then(|index| picker.items.get(*index));
        if let Some(item) = item {
            let row = paint::row(list, place - first);
            item_row(theme, frame, (item, row, place == picker.view.selected));
        }
    }
    if let Some(about) = picker.about() {
        let below = Rect::new(
            area.x + 1,
            list.bottom() + 1,
            area.width.saturating_sub(2),
            ABOUT_ROWS - 1,
        );
        let text = RichLine::new().with(Role::Dim, about);
        for (index, line) in text.wrapped(usize::from(below.width), 0).iter().enumerate() {
            frame.render_widget(paint::line(theme, line), paint::row(below, index));
        }
    }
}

fn item_row(theme: &Theme, frame: &mut Frame<'_>, what: (&Item, Rect, bool)) {
    let (item, row, is_selected) = what;
    if is_selected {
        frame
            .buffer_mut()
            .set_style(row, theme.style(Role::Selection));
    }
    let width = usize::from(row.width);
    let hint = fitted(&item.hint, width / 2);
    let room = width.saturating_sub(hint.width() + 5);
    let (mark, role) = if is_selected {
        ("▌ ", Role::Accent)
    } else {
        ("  ", Role::Text)
    };
    let text = fitted(&item.text, room);
    let gap = width.saturating_sub(text.width() + hint.width() + 3);
    let line = Line::from(vec![
        Span::styled(mark, theme.style(role)),
        Span::styled(text, theme.style(Role::Text)),
        Span::raw(" ".repeat(gap)),
        Span::styled(hint, theme.style(Role::Dim)),
    ]);
    frame.render_widget(line, row);
    if is_selected {
        paint::select(theme, frame, row, Role::Selection);
    }
}

fn draw_filter(theme: &Theme, frame: &mut Frame<'_>, what: (&FilterForm, Rect)) {
    let (form, area) = what;
    let area = paint::from_column(area, 1);
    let rows = FilterForm::rows();
    let room = usize::from(area.height.saturating_sub(1)).max(1);
    let first = (form.selected + 1).saturating_sub(room);
    for (index, row) in rows.iter().enumerate().skip(first).take(room) {
        let place = paint::row(area, index - first);
        let is_selected = index == form.selected;
        if is_selected {
            frame
                .buffer_mut()
                .set_style(place, theme.style(Role::Selection));
        }
        let mark = if is_selected { "›" } else { " " };
        let (label, value) = filter_row(form, *row);
        paint::text(
            theme,
            frame,
            place,
            (Role::Text, &format!("{mark} {label:<10}")),
        );
        let value_area = paint::from_column(place, 13);
        match form.field().filter(|_| is_selected) {
            Some(field) => paint::field(theme, frame, value_area, field),
            None => paint::text(theme, frame, value_area, (Role::Text, &value)),
        }
    }
    let last = paint::row(area, usize::from(area.height.saturating_sub(1)));
    match &form.problem {
        Some(problem) => paint::text(theme, frame, last, (Role::Error, problem)),
        None => {
            let text = "Space changes · Enter applies · Esc leaves";
            paint::text(theme, frame, last, (Role::Dim, text));
        }
    }
}

fn filter_row(form: &FilterForm, row: FilterRow) -> (String, String) {
    match row {
        FilterRow::Profile => {
            let value = match &form.profile {
                Some(name) => name.to_string(),
                None => "all profiles".to_owned(),
            };
            ("Profile".to_owned(), value)
        }
        FilterRow::Whose => {
            let value = match form.whose {
                Whose::All => "everybody's",
                Whose::Mine => "mine",
            };
            ("Whose".to_owned(), value.to_owned())
        }
        FilterRow::Since => {
            let value = if form.since.is_empty() {
                "any time"
            } else {
                form.since.value()
            };
            ("Since".to_owned(), value.to_owned())
        }
        FilterRow::Code => {
            let value = if form.code.is_empty() {
                "any code"
            } else {
                form.code.value()
            };
            ("Code".to_owned(), value.to_owned())
        }
        FilterRow::Outcome(outcome) => {
            let mark = if form.outcomes.contains(&outcome) {
                "[x]"
            } else {
                "[ ]"
            };
            let label = if Outcome::ALL.first() == Some(&outcome) {
                "Outcomes"
            } else {
                ""
            };
            (label.to_owned(), format!("{mark} {outcome}"))
        }
    }
}

fn draw_decide(model: &Model, theme: &Theme, frame: &mut Frame<'_>, what: (&Decide, Rect)) {
    let (decide, area) = what;
    let area = paint::from_column(area, 2);
    let width = usize::from(area.width.saturating_sub(2));
    let mut index = 1;
    for text in &decide.lines {
        for line in RichLine::new().with(Role::Text, text).wrapped(width, 2) {
            frame.render_widget(paint::line(theme, &line), paint::row(area, index));
            index += 1;
        }
    }
    if let Some(typed) = &decide.typed {
        let row = paint::row(area, usize::from(area.height.saturating_sub(4)));
        let prompt = format!("type {}, {}, to go on: ", typed.called, typed.wanted);
        let column = u16::try_from(prompt.width()).unwrap_or(0);
        paint::text(theme, frame, row, (Role::Warning, &prompt));
        let field = paint::from_column(row, column);
        let field = Rect::new(field.x, field.y, field.width.min(16), field.height);
        paint::field(theme, frame, field, &typed.field);
    }
    let key = |command| {
        let chord = model
            .shared
            .settings
            .bindings
            .shown(&model.contexts(), command);
        chord.map(|chord| chord.to_string()).unwrap_or_default()
    };
    let answer = match decide.typed {
        Some(_) => Command::Accept,
        None => Command::SendAnyway,
    };
    let line = RichLine::new()
        .with(Role::Title, &key(answer))
        .with(Role::Dim, &format!(" {}   ", decide.does))
        .with(Role::Title, &key(Command::Back))
        .with(Role::Dim, &format!(" {}", decide.leaves));
    let last = paint::row(area, usize::from(area.height.saturating_sub(2)));
    frame.render_widget(paint::line(theme, &line), last);
}

fn draw_confirm(model: &Model, theme: &Theme, frame: &mut Frame<'_>, what: (&Confirm, Rect)) {
    let (confirm, area) = what;
    let area = paint::from_column(area, 2);
    let width = usize::from(area.width.saturating_sub(2));
    let mut index = 1;
    for text in &confirm.lines {
        for line in RichLine::new().with(Role::Text, text).wrapped(width, 0) {
            frame.render_widget(paint::line(theme, &line), paint::row(area, index));
            index += 1;
        }
    }
    if let Some(typed) = &confirm.typed {
        index += 1;
        let row = paint::row(area, index);
        let prompt = format!("type {OVERRIDE_WORD} to go on: ");
        let column = u16::try_from(prompt.width()).unwrap_or(0);
        paint::text(theme, frame, row, (Role::Warning, &prompt));
        let field = paint::from_column(row, column);
        let field = Rect::new(field.x, field.y, field.width.min(14), field.height);
        paint::field(theme, frame, field, typed);
    }
    let key = |command| {
        let chord = model
            .shared
            .settings
            .bindings
            .shown(&model.contexts(), command);
        chord.map(|chord| chord.to_string()).unwrap_or_default()
    };
    let answer = match confirm.typed {
        Some(_) => Command::Accept,
        None => Command::SendAnyway,
    };
    let line = RichLine::new()
        .with(Role::Title, &key(answer))
        .with(Role::Dim, " sends it   ")
        .with(Role::Title, &key(Command::Back))
        .with(Role::Dim, " sends nothing");
    let last = paint::row(area, usize::from(area.height.saturating_sub(2)));
    frame.render_widget(paint::line(theme, &line), last);
}
