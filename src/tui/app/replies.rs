//! Replies: whoever holds the id takes it, and of an act the person is told here.

use std::time::Duration;

use super::cx::{Changed, Out, ScreenId};
use super::notice::{Failure, FailureKind, Level, Notice};
use super::op::{self, Freshness, Op, Payload, Reply};
use super::poll::Brought;
use super::state::{App, Turn};
use crate::keymap::Command;
use crate::tui::data::usage::UsageFigures;
use crate::tui::screens::console::questions::forget_question;

/// Figures older than this are asked for again when a profile is shown.
const USAGE_STALE: Duration = Duration::from_secs(600);

impl App {
    /// Asks for the usage of the profile and kind on screen.
    pub(super) fn ask_usage(&mut self, from: Freshness, turn: &mut Turn<'_>) {
        let Some(scope) = self.shared.scope() else {
            return;
        };
        let mut read = self.shared.usages.remove(&scope).unwrap_or_default();
        let mut cx = turn.cx(&self.shared);
        let of = scope.clone();
        let op = Op::LoadUsage { scope: of, from };
        match from {
            Freshness::Server => read.server.anew(op, &mut cx),
            Freshness::Ledger | Freshness::Final => read.ledger.again(op, &mut cx),
        }
        self.shared.usages.insert(scope, read);
    }

    /// Takes the usage, if the reply is that; true if it was.
    fn usage_came(&mut self, reply: &mut Reply, turn: &mut Turn<'_>) -> bool {
        let Op::LoadUsage { scope, from } = &*reply.op.clone() else {
            return false;
        };
        let Some(mut read) = self.shared.usages.remove(scope) else {
            return true;
        };
        let is_server = *from == Freshness::Server;
        let asked = match is_server {
            true => &mut read.server,
            false => &mut read.ledger,
        };
        let taken = asked.take::<UsageFigures>(reply, &mut turn.cx(&self.shared));
        let is_taken = taken.is_some();
        let is_here = self.shared.scope().as_ref() == Some(scope);
        let mut brought = Brought::Nothing;
        match taken {
            Some(Ok(figures)) => {
                let age = figures.usage.at.map(|at| turn.env.now.duration_since(at));
                let age = age.and_then(|age| Duration::try_from(age).ok());
                let is_stale = age.is_none_or(|age| age > USAGE_STALE);
                let is_new_here = is_here && std::mem::take(&mut read.is_new_here);
                if is_new_here && is_stale && !read.server.is_open() && !is_server {
                    turn.out.push(Out::AskUsage(Freshness::Server));
                }
                let used = figures.usage.used;
                let before = read.figures.replace(figures);
                if before.is_none_or(|before| before.usage.used != used) {
                    brought = Brought::News;
                }
            }
            Some(Err(failure)) if is_here => turn.say(failure.notice()),
            Some(Err(_)) | None => {}
        }
        self.shared.usages.insert(scope.clone(), read);
        if is_server && is_taken {
            let mut cx = turn.cx(&self.shared);
            for screen in self.screens.all_mut() {
                screen.usage_told(scope, brought, &mut cx);
            }
        }
        true
    }

    pub(super) fn reply(&mut self, mut reply: Reply, turn: &mut Turn<'_>) -> Changed {
        self.shared.open.remove(&reply.id);
        if matches!(&*reply.op, Op::LookAtDraft(_)) {
            // The form tells the ages of what was found, some of it only seconds old.
            self.shared.now = turn.env.now;
        }
        if let Some(Err(failure)) = &reply.result
            && failure.kind == FailureKind::Fault
            && reply.op.class() == op::Class::Read
        {
            // Also where nobody waits for the answer.
            turn.say(failure.notice());
        }
        if self.usage_came(&mut reply, turn) {
            return Changed::Yes;
        }
        let mut changed = Changed::No;
        let (layers, shared) = self.layers();
        for layer in layers {
            if layer.reply(&mut reply, &mut turn.cx(shared)) == Changed::Yes {
                changed = Changed::Yes;
            }
        }
        match reply.result.take() {
            None => changed,
            Some(Ok(payload)) => {
                self.done(payload, turn);
                Changed::Yes
            }
            Some(Err(failure)) => {
                self.undone(&reply.op, failure, turn);
                Changed::Yes
            }
        }
    }

    /// Tells what came of an act that no screen told of.
    fn done(&mut self, payload: Payload, turn: &mut Turn<'_>) {
        match payload {
            Payload::LoadProfiles(profiles) | Payload::StartDemo(profiles) => {
                self.take_profiles(profiles, turn);
            }
            Payload::KeepTheme(told) => turn.out.extend(told.map(Out::Say)),
            Payload::ExportJob(told)
            | Payload::Decide(told)
            | Payload::PauseRun(told)
            | Payload::RequeueRows(told)
            | Payload::SkipRows(told)
            | Payload::DiscardRun(told)
            | Payload::TrackRun(told)
            | Payload::ExportRun(told) => turn.say(told),
            Payload::RefreshToken(changed)
            | Payload::ApplyChange(changed)
            | Payload::MakeDefault(changed)
            | Payload::RemoveProfile(changed)
            | Payload::SignOut(changed)
            | Payload::SignInAgain(changed) => self.set_up_changed(changed, turn),
            Payload::SetUpProfile(done) => {
                turn.info(format!("profile {} is saved and works", done.profile));
                self.take_profiles(done.profiles, turn);
            }
            Payload::Reconcile(done) => turn.say(done.told),
            Payload::FindPerson(person) => {
                let forms = self.screens.console.compose.forms(&self.shared);
                self.popups.push(Box::new(forget_question(person, forms)));
            }
            Payload::Forget((text, forms)) => {
                self.screens.forget_people();
                let console = &mut self.screens.console;
                console.compose.forgotten(forms, &mut turn.cx(&self.shared));
                turn.info(text);
                // The ledger's own word may have come before this one.
                self.ledger_changed(turn);
            }
            // Answers that are in no ledger may be in these words alone.
            Payload::StartRun(end) => turn.out.push(Out::Tell(end.told)),
            Payload::PlanRun(done) => {
                // The form was closed meanwhile; the run is there all the same.
                let key = self.shared.any_key(Command::StartOrPause);
                let text = format!("run {} is ready; {key} starts it", done.run);
                turn.info(text);
            }
            // Nothing to tell, told by whoever claims it, or an answer that nobody waits for any more.
            _ => {}
        }
    }

    /// What is set up was changed: what was read of it is read again.
    fn set_up_changed(&mut self, changed: op::Changed, turn: &mut Turn<'_>) {
        turn.say(changed.told);
        if let Some(profiles) = changed.profiles {
            self.take_profiles(profiles, turn);
        }
        let mut cx = turn.cx(&self.shared);
        self.screens
            .console
            .compose
            .ask_configuration_again(&mut cx);
        let is_shown = self.screen == ScreenId::Setup;
        self.screens.setup.reload(is_shown, &mut cx);
    }

    /// Tells why something was not done.
    fn undone(&mut self, op: &Op, failure: Failure, turn: &mut Turn<'_>) {
        let is_full = failure.kind == FailureKind::Full;
        match op {
            Op::SaveDraft(_) if is_full => self.screens.console.compose.keep_again(turn.env),
            Op::SaveDraft(_) => {
                turn.warn(format!("the draft is not kept: {failure}"));
            }
            Op::StartRun(_) => turn.out.push(Out::Tell(failure.notice())),
            Op::FindPerson(_) => {
                let (level, text) = (Level::Warning, failure.to_string());
                turn.say(Notice { level, text });
            }
            op if is_full && op.undone().is_empty() => {}
            // A late answer is nobody's.
            op if op.class() == op::Class::Read && !matches!(op, Op::LoadProfiles) => {}
            _ => turn.say(failure.notice()),
        }
    }
}
