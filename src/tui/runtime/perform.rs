//! The effects that concern the terminal, which the loop carries out itself.

use std::sync::Arc;

use super::themes::Configured;
use super::{Console, Exit, Signal, signal};
use crate::theme::ThemeWarning;
use crate::tui::app::effect::{Effect, Worker};
use crate::tui::app::msg::{Msg, ThemeRead};
use crate::tui::app::op::Reply;
use crate::tui::app::shared::Env;
use crate::tui::app::state::update;
use crate::tui::terminal::{Tui, edit};

impl<S: Tui, W: Worker> Console<S, W> {
    /// Carries effects out until none is left. What answers at once is taken at once.
    pub(super) async fn perform(
        &mut self,
        effects: Vec<Effect>,
        env: &mut Env,
    ) -> Result<(), Exit> {
        let mut effects = std::collections::VecDeque::from(effects);
        while let Some(effect) = effects.pop_front() {
            let answer = match effect {
                Effect::Ask(id, op) => {
                    let (shown, full) = (op.without_secrets(), op.full());
                    let started = self.worker.start(id, op);
                    let refused = || Reply::new(id, Arc::new(shown), Err(full));
                    started.err().map(|_| Msg::Reply(Box::new(refused())))
                }
                Effect::AskAfterFrame(id, op) => {
                    self.later.push((id, op));
                    None
                }
                Effect::Quit => return Err(Exit::Done),
                Effect::Redraw => {
                    self.tui.repaint().map_err(|_| self.lose())?;
                    self.app.is_dirty = true;
                    None
                }
                Effect::Mouse(mode) => {
                    self.tui.mouse(mode).map_err(|_| self.lose())?;
                    None
                }
                Effect::UseTheme(name) => Some(self.use_theme(&name)),
                Effect::ReadThemeAgain => self.read_theme_again(),
                Effect::Copy { text, what } => Some(self.copy(&text, what).await),
                Effect::OpenEditor(text) => Some(self.lend(&text).await?),
                Effect::Suspend => {
                    self.tui.release().await;
                    // SIGSTOP cannot be caught, so the process stands still in this very call.
                    stop_self();
                    self.tui.reclaim().map_err(|_| self.lose())?;
                    Some(Msg::Resumed)
                }
            };
            if let Some(msg) = answer {
                self.tell_time(env);
                effects.extend(update(&mut self.app, msg, env));
            }
        }
        Ok(())
    }

    fn use_theme(&mut self, name: &str) -> Msg {
        let result = match self.session.themes.load(name, self.session.depth) {
            Ok((theme, warnings)) => {
                self.theme = theme;
                self.app.is_dirty = true;
                Ok(told(&warnings))
            }
            Err(error) => Err(format!("{error}; everything looks as before")),
        };
        Msg::Themed(Box::new(ThemeRead {
            name: name.to_owned(),
            names: self.session.themes.names(),
            result,
        }))
    }

    /// A file of a theme, or the configuration, was written. The file is a person's work in progress:
    /// while it is broken, the theme that was read before stays.
    fn read_theme_again(&mut self) -> Option<Msg> {
        let before = self.theme.clone();
        let configured = self
            .session
            .configured
            .as_mut()
            .and_then(Configured::changed);
        let is_other = configured
            .as_deref()
            .is_some_and(|name| name != before.name());
        let name = configured.as_deref().filter(|_| is_other);
        let msg = self.use_theme(name.unwrap_or(before.name()));
        let is_news = match &msg {
            Msg::Themed(read) => {
                let told = read.result.as_ref().map_or_else(Some, Option::as_ref);
                self.theme != before
                    || read.result.is_err()
                    || told != self.app.shared.settings.theme_told.as_ref()
                    || read.names != self.app.shared.settings.themes
            }
            _ => true,
        };
        is_news.then_some(msg)
    }

    async fn copy(&mut self, text: &str, what: &str) -> Msg {
        let copied = self.session.clipboard.copy(text).await;
        Msg::Copied(copied.and_then(|(route, bytes)| {
            if !bytes.is_empty() {
                self.tui
                    .write(&bytes)
                    .map_err(|error| format!("cannot write to the terminal: {error}"))?;
            }
            Ok(route.sentence(what, text.len()))
        }))
    }

    /// Lends the terminal to the editor. Messages wait in the inbox meanwhile; the workers are on
    /// other threads and go on. A signal ends the loan: the editor is killed, the form untouched.
    async fn lend(&mut self, text: &str) -> Result<Msg, Exit> {
        self.tui.release().await;
        let outcome = {
            let editing = edit(&self.session.editor, text);
            tokio::pin!(editing);
            loop {
                tokio::select! {
                    outcome = &mut editing => break outcome,
                    signal = signal(&mut self.signals) => match signal {
                        // Ctrl+C and Ctrl+\ in the editor reach the whole group; they are its own.
                        Signal::INTERRUPT | Signal::QUIT | Signal::CONTINUE | Signal::STOP => {}
                        ends => return Err(Exit::Signal(ends)),
                    },
                }
            }
        };
        self.tui.reclaim().map_err(|_| self.lose())?;
        self.app.is_dirty = true;
        self.take_size();
        Ok(Msg::Edited(outcome))
    }
}

/// The first thing that is wrong with a theme, and where the others are told.
fn told(warnings: &[ThemeWarning]) -> Option<String> {
    let first = warnings.first()?;
    Some(match warnings.len() - 1 {
        0 => first.to_string(),
        more => format!("{first}; and {more} more, which `ziadeck themes` tells"),
    })
}

fn stop_self() {
    // It fails only where signals to oneself are forbidden; the console then simply goes on.
    let _ = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::STOP);
}
