//! `ziadeck demo`: the console on the built-in simulator. No account, no file that stays.

use crate::cli::args::{DemoArgs, Global};
use crate::cli::commands::console::{Backed, open_with};
use crate::cli::exit::Exit;
use crate::cli::output::Out;
use crate::ops::OpsError;
use crate::tui::demo::{Demo, DemoOptions};

pub(crate) async fn run(global: &Global, args: DemoArgs, out: Out) -> Result<Exit, OpsError> {
    super::console::check_terminal()?;
    let demo = Demo::start(DemoOptions {
        limit: args.limit,
        used: args.used.min(args.limit),
    })
    .await?;
    open_with(global, Backed::Demo(demo), out).await
}
