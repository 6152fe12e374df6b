//! `ziadeck demo`: the console on the built-in simulator. No account, no file that stays.

use crate::cli::args::{DemoArgs, Global};
use crate::cli::commands::console::{Backed, Looks, open_with};
use crate::cli::exit::Exit;
use crate::cli::output::Out;
use crate::cli::plain;
use crate::ops::OpsError;
use crate::tui::demo::{Demo, DemoOptions};

pub(crate) async fn run(global: &Global, args: DemoArgs, out: Out) -> Result<Exit, OpsError> {
    if !global.plain {
        super::console::no_yes(args.yes)?;
        super::console::check_terminal()?;
    }
    let demo = Demo::start(DemoOptions {
        limit: args.limit,
        used: args.used.min(args.limit),
    })
    .await?;
    if global.read_only {
        demo.context().forbid_sending();
    }
    if global.plain {
        let exit = plain::on_deck(global, demo.context(), args.yes, out).await;
        demo.context().close().await;
        demo.stop().await;
        return exit;
    }
    let looks = Looks::on(demo.context(), global)?;
    open_with(global, Backed::Demo(demo), looks, out).await
}
