//! The question before a person's decision: nothing is done until its key is pressed, or, where a
//! text is demanded, until that is typed and Enter pressed.

use crate::keymap::Command;
use crate::tui::effects::Effect;
use crate::tui::model::decide::Yes;
use crate::tui::model::popup::Popup;
use crate::tui::model::{Env, Level, Model};

pub(super) fn on(model: &mut Model, command: Command, env: &mut Env) -> Option<Vec<Effect>> {
    let Some(Popup::Decide(decide)) = model.popups.last_mut() else {
        return None;
    };
    match command {
        Command::SendAnyway | Command::Accept if decide.is_answered_by(command) => {
            let yes = decide.yes.clone();
            model.popups.pop();
            match yes {
                Yes::Ask(ask) => {
                    super::runs::confirmed(model, &ask);
                    Some(vec![Effect::Ask(*ask)])
                }
                Yes::Fill(draft) => Some(super::compose::fill(model, &draft, env)),
                Yes::Leave => Some(vec![Effect::Quit]),
            }
        }
        Command::Accept if decide.typed.is_some() => {
            let called = decide.typed.as_ref().map_or("it", |typed| typed.called);
            let text = format!("type {called} first; nothing was done");
            model.shared.say(Level::Warning, text, env.uptime);
            Some(Vec::new())
        }
        Command::Quit if decide.yes == Yes::Leave => Some(Vec::new()),
        Command::Quit | Command::Help => None,
        command => {
            if let Some(typed) = &mut decide.typed {
                typed.field.on(command);
            }
            Some(Vec::new())
        }
    }
}
