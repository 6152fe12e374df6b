//! The console itself: everything around the loop, from the terminal to the exit code.

use std::io;
use std::os::fd::AsFd;
use std::sync::Arc;

use jiff::tz::TimeZone;
use tokio::sync::mpsc::channel;
use tokio::task::LocalSet;

use crate::base::limits::INBOX_MESSAGES;
use crate::base::{Clock, SystemClock};
use crate::cli::args::Global;
use crate::cli::exit::Exit;
use crate::cli::output::Out;
use crate::cli::plain;
use crate::cli::session;
use crate::cli::signals::last_words;
use crate::cli::vocabulary::{problems, themes};
use crate::config::{Binding, Config, Paths, Problem, Selection, scopes_default};
use crate::keymap::Bindings;
use crate::ops::{AppContext, OpsError};
use crate::theme::{ColorDepth, SelectedRow, Theme, Themes};
use crate::tui::app::shared::Demo as DemoMark;
use crate::tui::app::worker::OpsWorker;
use crate::tui::data::charset::Charset;
use crate::tui::demo::Demo;
use crate::tui::runtime::{
    Configured, FRAME_LOCAL, FRAME_SSH, ProfileSession, listen, watch_terminal, watch_themes,
};
use crate::tui::terminal::{Clipboard, Editor, Keyboard, Screen, check, install_panic_hook};
use crate::tui::ui::viewport::Turn;
use crate::tui::{App, Console, Settings};

/// What the console works on.
pub(crate) enum Backed {
    /// The real thing.
    AppContext(AppContext),
    /// The demo.
    Demo(Demo),
}

impl Backed {
    fn context(&self) -> &AppContext {
        match self {
            Self::AppContext(context) => context,
            Self::Demo(demo) => demo.context(),
        }
    }
}

/// `ziadeck` without a command.
pub(crate) async fn open(global: &Global, yes: bool, out: Out) -> Result<Exit, OpsError> {
    let (paths, config) = session::config(global)?;
    if global.plain || config.plain {
        return plain::open(global, yes, out).await;
    }
    no_yes(yes)?;
    check_terminal()?;
    // Opening the ledger takes most of the start; what does not need it is done beside it.
    let (depth, places, wishes) = (depth(global), paths.clone(), config.clone());
    let looks = tokio::spawn(async move { Looks::of(&places, &wishes, depth) });
    let clock = Arc::new(SystemClock::new());
    let context = AppContext::open_blocking(paths, config, clock, session::watchers(out))?;
    if global.read_only {
        context.forbid_sending();
    }
    let looks = looks
        .await
        .map_err(|error| OpsError::Refused(error.to_string()))??;
    open_with(global, Backed::AppContext(context), looks, out).await
}

/// What the console needs besides a ledger.
pub(crate) struct Looks {
    themes: Themes,
    depth: ColorDepth,
    theme: Theme,
    warnings: Vec<String>,
    bindings: Bindings,
    zone: TimeZone,
}

impl Looks {
    fn of(paths: &Paths, config: &Config, depth: ColorDepth) -> Result<Self, OpsError> {
        let themes = Themes {
            selected: match config.selection {
                Selection::Row => SelectedRow::Ground,
                Selection::Mark => SelectedRow::Bare,
            },
            ..themes(paths)
        };
        let (theme, warnings) = theme(&themes, &config.theme, depth)?;
        Ok(Self {
            themes,
            depth,
            theme,
            warnings,
            bindings: bindings(config)?,
            zone: crate::cli::zone::local(),
        })
    }

    /// Those of a context that is open.
    pub(crate) fn on(context: &AppContext, global: &Global) -> Result<Self, OpsError> {
        Self::of(context.paths(), &context.config(), depth(global))
    }
}

/// The full console asks a person in any case.
///
/// # Errors
/// Where the flag that lets piped lines send was given.
pub(crate) fn no_yes(yes: bool) -> Result<(), OpsError> {
    if yes {
        let text = "--yes goes with --plain; the full console always asks";
        return Err(OpsError::Refused(text.to_owned()));
    }
    Ok(())
}

/// Whether a console is possible here.
///
/// # Errors
/// A sentence that names the headless commands.
pub(crate) fn check_terminal() -> Result<(), OpsError> {
    check(std::env::var("TERM").ok().as_deref())
        .map_err(|error| OpsError::Refused(error.to_string()))
}

/// Runs the console on a context that is open.
pub(crate) async fn open_with(
    global: &Global,
    backed: Backed,
    looks: Looks,
    out: Out,
) -> Result<Exit, OpsError> {
    // The loop and what reads the terminal share this thread.
    LocalSet::new()
        .run_until(play(global, backed, looks, out))
        .await
}

async fn play(global: &Global, backed: Backed, looks: Looks, out: Out) -> Result<Exit, OpsError> {
    let context = backed.context().clone();
    let paths = context.paths().clone();
    let config = context.config();
    let broken = |error: io::Error| OpsError::Refused(format!("cannot use the terminal: {error}"));

    let Looks {
        themes,
        depth,
        theme,
        warnings,
        bindings,
        zone,
    } = looks;
    warnings.iter().for_each(|warning| out.say(warning));

    let (sender, inbox) = channel(INBOX_MESSAGES);
    let demo = match backed {
        Backed::AppContext(_) => DemoMark::No,
        Backed::Demo(_) => DemoMark::Yes,
    };
    let mut worker = match backed {
        Backed::AppContext(context) => {
            OpsWorker::new(context, sender.clone(), global.profile.clone())
        }
        Backed::Demo(demo) => OpsWorker::of_demo(demo, sender.clone()),
    };
    worker.begin();
    let (signal_sender, signals) = listen();
    install_panic_hook(paths.ledger.clone());
    let terminal = io::stdin().as_fd().try_clone_to_owned().map_err(broken)?;
    watch_terminal(terminal, signal_sender).map_err(broken)?;
    let term = std::env::var("TERM").unwrap_or_default();
    let keyboard = if config.kitty_keyboard {
        Keyboard::Kitty
    } else {
        Keyboard::Plain
    };
    let clock: Arc<dyn Clock> = context.clock().clone();
    let tui = Screen::enter((&term, depth), keyboard, sender.clone(), clock.clone())
        .map_err(|error| OpsError::Refused(error.to_string()))?;

    watch_themes(paths.themes_dir.clone(), sender);
    let settings = Settings {
        bindings,
        zone,
        themes: themes.names(),
        theme: config.theme.clone(),
        scopes: scopes_default().join(","),
        operator: context.operator().to_owned(),
        demo,
        charset: Charset::detect(|name| std::env::var(name).ok()),
        turn: if is_far() {
            Turn::QuarterPage
        } else {
            Turn::Row
        },
        ..Settings::default()
    };
    let mut app = App::new(settings, clock.now());
    app.shared.has_mouse = config.mouse;
    let console = Console {
        app,
        theme,
        tui,
        worker,
        inbox,
        signals,
        clock,
        session: surroundings(&paths, &config, (themes, depth)),
        later: Vec::new(),
        shown: None,
    };
    let left = console.run().await;
    let exit = Exit::of_code(left.exit.code());
    last_words(exit);
    if let Some(told) = left.told {
        out.say(&told);
    }
    Ok(exit)
}

fn depth(global: &Global) -> ColorDepth {
    if global.no_color {
        return ColorDepth::Mono;
    }
    ColorDepth::detect(|name| std::env::var(name).ok())
}

fn theme(themes: &Themes, name: &str, depth: ColorDepth) -> Result<(Theme, Vec<String>), OpsError> {
    let (theme, warnings) = themes
        .load(name, depth)
        .map_err(|error| OpsError::Refused(error.to_string()))?;
    Ok((theme, warnings.iter().map(ToString::to_string).collect()))
}

/// The keys with the changes of the configuration. A conflict is a problem of the file, at the
/// place of the command that brought it in.
fn bindings(config: &Config) -> Result<Bindings, OpsError> {
    let lines: Vec<(&str, Vec<String>)> = config.keys.iter().map(Binding::texts).collect();
    let changes = lines
        .iter()
        .map(|(name, chords)| (*name, chords.as_slice()));
    Bindings::with_changes(changes).map_err(|_| {
        let told = problems(&lines).into_iter().filter_map(|(at, message)| {
            let line = config.keys.get(at)?;
            let path = format!("keys.{}", line.command);
            Some(Problem::new(&line.place, &path, message, None))
        });
        config.malformed(told.collect()).into()
    })
}

fn surroundings(
    paths: &Paths,
    config: &Config,
    (themes, depth): (Themes, ColorDepth),
) -> ProfileSession {
    let hidden = config.secret_variables();
    let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    ProfileSession {
        themes,
        configured: Some(Configured::new(paths.clone(), &config.theme)),
        depth,
        clipboard: Clipboard {
            is_tmux: variable("TMUX").is_some(),
            directory: paths.data_dir.join("copied"),
            hidden: hidden.clone(),
        },
        editor: Editor {
            command: variable("VISUAL").or_else(|| variable("EDITOR")),
            scratch: paths.data_dir.join("scratch"),
            hidden,
        },
        frame: if is_far() { FRAME_SSH } else { FRAME_LOCAL },
    }
}

/// Whether a line lies between the program and the terminal.
fn is_far() -> bool {
    std::env::var_os("SSH_CONNECTION").is_some()
}
