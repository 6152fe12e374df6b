//! The commands of the app, and going about: screens, profiles, kinds.

use super::cx::{Cx, Handled, Out, Screen, ScreenId};
use super::effect::Effect;
use super::leave;
use super::op::{Freshness, Op};
use super::state::{App, Turn};
use crate::base::{DataCenter, EnrichmentKind, ProfileName, Scope};
use crate::keymap::{Command, Owner};
use crate::tui::data::profile::{ProfileState, Profiles};
use crate::tui::layout::is_too_small;
use crate::tui::popups::dialog::Dialog;
use crate::tui::popups::guide::Guide;
use crate::tui::popups::help::TextPopup;
use crate::tui::popups::lists;
use crate::tui::popups::plan::PlanPopup;
use crate::tui::popups::unknowns::Unknowns;
use crate::tui::screens::console::Pane;
use crate::tui::terminal::MouseMode;
use crate::tui::ui::form::turned;

impl App {
    /// Runs a command where the focus is.
    pub(super) fn run(&mut self, command: Command, turn: &mut Turn<'_>) -> Handled {
        let has_popup = !self.popups.is_empty();
        if command == Command::Send && !has_popup && !self.sees_form() {
            return self.in_console(command, turn);
        }
        let (top, shared) = self.top_mut();
        if has_popup && top.closes_by(command) {
            self.close_top(turn);
            return Handled::Yes;
        }
        let mut cx = turn.cx(shared);
        if top.command(command, &mut cx) == Handled::Yes
            || edited(top, command, &mut cx) == Handled::Yes
        {
            return Handled::Yes;
        }
        match command.owner() {
            Owner::App => self.anywhere(command, turn),
            Owner::Console => self.in_console(command, turn),
            // It means something only where its list, text, popup or screen has the focus.
            Owner::Screen => Handled::No,
        }
    }

    /// A command that needs the panes of the Console, from wherever. A request is never sent unseen:
    /// its form must be in sight.
    fn in_console(&mut self, command: Command, turn: &mut Turn<'_>) -> Handled {
        let is_seen = self.sees_form();
        self.go(ScreenId::Console, turn);
        let console = &mut self.screens.console;
        let mut cx = turn.cx(&self.shared);
        if command == Command::Send && !is_seen {
            console.focus(Pane::Compose, &mut cx);
            cx.info("this is the request; nothing was sent yet");
            return Handled::Yes;
        }
        console.command(command, &mut cx)
    }

    /// Whether the form is on screen, as far as popups leave it.
    fn sees_form(&self) -> bool {
        self.screen == ScreenId::Console
            && !is_too_small(self.shared.width, self.shared.height)
            && self.screens.console.shows_form(self.body())
    }

    /// The commands of the app.
    pub(super) fn anywhere(&mut self, command: Command, turn: &mut Turn<'_>) -> Handled {
        let mut screens = ScreenId::ALL.iter();
        if let Some(screen) = screens.find(|screen| screen.command() == command) {
            self.go(*screen, turn);
            return Handled::Yes;
        }
        match command {
            Command::Help => self.open_help(),
            Command::Palette if self.top().about().0 == Command::Palette.title() => {}
            Command::Palette => {
                let palette = lists::palette(self.screen, &self.contexts(), &self.shared);
                self.popups.push(Box::new(palette));
            }
            // Where no popup is open, the key that closes one means what it means everywhere.
            Command::Quit | Command::ClosePopup => self.ask_to_leave(turn),
            Command::Redraw => turn.out.push(Out::Effect(Effect::Redraw)),
            Command::Suspend => turn.out.push(Out::Effect(Effect::Suspend)),
            Command::NextScreen => self.go(self.screen.next(), turn),
            Command::ChooseProfile => self
                .popups
                .push(Box::new(lists::profiles(&self.shared, &DataCenter::ALL))),
            Command::UseUs => self.go_to(DataCenter::Us, turn),
            Command::UseIn => self.go_to(DataCenter::In, turn),
            Command::UseAu => self.go_to(DataCenter::Au, turn),
            Command::UseCa => self.go_to(DataCenter::Ca, turn),
            Command::UseSa => self.go_to(DataCenter::Sa, turn),
            Command::SetUp => {
                let here = self.shared.profile().map(|profile| profile.data_center);
                turn.out.push(Out::SetUp(here.unwrap_or(DataCenter::Us)));
            }
            Command::SwitchKind => {
                let kind = turned(&EnrichmentKind::ALL, self.shared.kind, 1);
                turn.out.push(Out::Kind(kind));
            }
            Command::RefreshUsage
            | Command::RefreshToken
            | Command::Reconcile
            | Command::SettleUnknowns
            | Command::PlanRun => match self.shared.scope() {
                Some(scope) => self.with_scope(command, scope, turn),
                None => turn.warn("set up a profile first"),
            },
            Command::ToggleMouse => self.toggle_mouse(turn),
            Command::ChooseTheme => {
                let settings = &mut self.shared.settings;
                settings.theme_before.clone_from(&settings.theme);
                self.popups.push(Box::new(lists::themes(settings)));
            }
            _ => return Handled::No,
        }
        Handled::Yes
    }

    /// The commands that need a profile.
    fn with_scope(&mut self, command: Command, scope: Scope, turn: &mut Turn<'_>) {
        match command {
            Command::RefreshUsage => turn.out.push(Out::AskUsage(Freshness::Server)),
            Command::RefreshToken => turn.out.push(Out::Do(Op::RefreshToken(scope.profile))),
            Command::Reconcile => turn.out.push(Out::Do(Op::Reconcile(scope))),
            Command::SettleUnknowns if self.popup::<Unknowns>().is_none() => {
                let unknowns = Unknowns::open(scope, &mut turn.cx(&self.shared));
                self.popups.push(Box::new(unknowns));
            }
            Command::PlanRun if self.popup::<PlanPopup>().is_none() => {
                let module = self.screens.console.compose.module();
                let plan = PlanPopup::new(scope, module);
                self.popups.push(Box::new(plan));
            }
            _ => {}
        }
    }

    fn open_help(&mut self) {
        let is_open = self.popups.last().is_some_and(|top| top.is::<TextPopup>());
        if !is_open {
            let (contexts, about) = (self.contexts(), self.top().about());
            self.popups.push(Box::new(TextPopup::help(contexts, about)));
        }
    }

    fn ask_to_leave(&mut self, turn: &mut Turn<'_>) {
        let lines = leave::lines(&self.shared);
        let dialogs = self.popups.iter();
        let mut dialogs = dialogs.filter_map(|popup| popup.downcast_ref::<Dialog>());
        if lines.is_empty() {
            turn.out.push(Out::Effect(Effect::Quit));
        } else if !dialogs.any(|dialog| dialog.is_leaving) {
            self.popups.push(Box::new(Dialog::leaving(lines)));
        }
    }

    /// Closes the popup on top, as a key does.
    pub(super) fn close_top(&mut self, turn: &mut Turn<'_>) {
        let Some(mut popup) = self.popups.pop() else {
            return;
        };
        popup.closed(&mut turn.cx(&self.shared));
        if popup
            .downcast_ref::<Guide>()
            .is_some_and(Guide::is_unfinished)
        {
            self.guide_kept = Some(popup);
        }
    }

    fn toggle_mouse(&mut self, turn: &mut Turn<'_>) {
        self.shared.has_mouse = !self.shared.has_mouse;
        let (mode, text) = if self.shared.has_mouse {
            let text = "mouse on; the terminal's selection needs Shift now";
            (MouseMode::On, text)
        } else {
            (MouseMode::Off, "mouse off")
        };
        turn.info(text);
        turn.out.push(Out::Effect(Effect::Mouse(mode)));
    }

    /// Takes the mouse where it is on: at the start, and after another program had the terminal.
    pub(super) fn mouse_again(&self) -> Option<Out> {
        let is_on = self.shared.has_mouse;
        is_on.then_some(Out::Effect(Effect::Mouse(MouseMode::On)))
    }

    /// Goes to a screen. What was typed stays where it was typed, and nothing is sent.
    pub(super) fn go(&mut self, screen: ScreenId, turn: &mut Turn<'_>) {
        if self.shared.is_first_run() {
            return;
        }
        self.screens.all_mut().for_each(Screen::left);
        self.screen = screen;
        let shown = self.screens.get_mut(screen);
        shown.shown(&mut turn.cx(&self.shared));
    }

    /// Goes to a data centre: to its one profile, to a list of them, or to the set-up guide.
    pub(super) fn go_to(&mut self, data_center: DataCenter, turn: &mut Turn<'_>) {
        let all = self.shared.all_profiles();
        let there: Vec<ProfileName> = all
            .filter(|profile| profile.data_center == data_center)
            .map(|profile| profile.name.clone())
            .collect();
        let active = self.shared.active.as_ref();
        // The key goes round the data centre's profiles once one of them is on screen.
        let here = there.iter().position(|name| Some(name) == active);
        match (there.as_slice(), here) {
            ([], _) => turn.out.push(Out::SetUp(data_center)),
            ([only], _) => turn.out.push(Out::Switch(only.clone())),
            (several, Some(index)) => {
                let next = several.get((index + 1) % several.len()).cloned();
                turn.out.extend(next.map(Out::Switch));
            }
            (_, None) => {
                let list = lists::profiles(&self.shared, &[data_center]);
                self.popups.push(Box::new(list));
            }
        }
    }

    /// Shows another profile. It keeps the draft and never sends.
    pub(super) fn switch(&mut self, name: ProfileName, turn: &mut Turn<'_>) {
        if self.shared.active.as_ref() == Some(&name) {
            return;
        }
        let draft = self.screens.console.compose.keep_now(&self.shared);
        turn.out.extend(draft.map(Out::Do));
        let is_first = self.shared.active.is_none();
        self.shared.active = Some(name.clone());
        // The first frame waits for the log alone, so nothing else may be asked before it.
        let console = &mut self.screens.console;
        console.profile_changed(&name, is_first, &mut turn.cx(&self.shared));
        turn.out.push(Out::Do(Op::UseProfile(name)));
        self.scope_changed(turn);
        if let Some(profile) = self.shared.profile()
            && profile.state == ProfileState::NotSetUp
        {
            let text = format!(
                "{} is not signed in; the command Set up a profile leads through it",
                profile.name
            );
            turn.warn(text);
        }
    }

    /// Shows the other kind of enrichment.
    pub(super) fn set_kind(&mut self, kind: EnrichmentKind, turn: &mut Turn<'_>) {
        if self.shared.kind == kind {
            return;
        }
        self.shared.kind = kind;
        let console = &mut self.screens.console;
        console.compose.kind_changed(&mut turn.cx(&self.shared));
        self.scope_changed(turn);
    }

    /// Another profile or kind is on screen.
    pub(super) fn scope_changed(&mut self, turn: &mut Turn<'_>) {
        if let Some(scope) = self.shared.scope() {
            self.shared.usages.entry(scope).or_default().is_new_here = true;
        }
        self.ask_usage(Freshness::Ledger, turn);
        let mut cx = turn.cx(&self.shared);
        self.screens.console.scope_changed(&mut cx);
        if self.screen != ScreenId::Console {
            self.screens.get_mut(self.screen).scope_changed(&mut cx);
        }
    }

    /// Takes the profiles in; the first time, one is chosen.
    pub(super) fn take_profiles(&mut self, profiles: Profiles, turn: &mut Turn<'_>) {
        let Profiles {
            list,
            start_with,
            last_sent,
        } = profiles;
        let start_with = start_with.or_else(|| list.first().map(|p| p.name.clone()));
        self.shared.last_sent = last_sent.or(self.shared.last_sent.take());
        self.shared.profiles = Some(list);
        if self.shared.profile().is_some() {
            return;
        }
        match start_with {
            Some(name) => self.switch(name, turn),
            None => self.shared.active = None,
        }
    }

    /// Opens the set-up guide; one that was closed before its end comes back, so that nothing typed
    /// is lost.
    pub(super) fn set_up(&mut self, data_center: DataCenter) {
        let kept = self.guide_kept.take().filter(|popup| {
            let guide = popup.downcast_ref::<Guide>();
            guide.is_some_and(|guide| guide.data_center == data_center)
        });
        let mut popup = kept.unwrap_or_else(|| Box::new(Guide::new(data_center)));
        if let Some(guide) = popup.downcast_mut::<Guide>() {
            guide.opened(&self.shared);
        }
        self.popups.push(popup);
    }
}

/// Edits the text with the focus.
fn edited(top: &mut dyn Screen, command: Command, cx: &mut Cx<'_>) -> Handled {
    let Some(field) = top.text_field() else {
        return Handled::No;
    };
    let before = (field.value().to_owned(), field.length());
    if !field.on(command) {
        return Handled::No;
    }
    if (field.value(), field.length()) != (before.0.as_str(), before.1) {
        top.text_changed(cx);
    }
    Handled::Yes
}
