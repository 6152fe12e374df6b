//! The question before a person's decision: nothing is done until its key is pressed, and never by
//! Enter or Esc.

use crate::keymap::Command;
use crate::tui::effects::Effect;
use crate::tui::model::popup::Popup;
use crate::tui::model::{Env, Level, Model};

pub(super) fn on(model: &mut Model, command: Command, env: &mut Env) -> Option<Vec<Effect>> {
    let Some(Popup::Decide(decide)) = model.popups.last_mut() else {
        return None;
    };
    match command {
        Command::SendAnyway if decide.is_ready() => {
            let ask = decide.ask.clone();
            model.popups.pop();
            super::runs::confirmed(model, &ask);
            Some(vec![Effect::Ask(*ask)])
        }
        Command::SendAnyway => {
            let called = decide.typed.as_ref().map_or("it", |typed| typed.called);
            let text = format!("type {called} first; nothing was done");
            model.say(Level::Warning, text, env.uptime);
            Some(Vec::new())
        }
        Command::Quit | Command::Help => None,
        command => {
            if let Some(typed) = &mut decide.typed {
                typed.field.on(command);
            }
            Some(Vec::new())
        }
    }
}
