//! Which screens are drawn.

use ziadeck::enrichment::Field;
use ziadeck::theme::{ColorDepth, Theme, Themes};

use ziadeck::tui::app::cx::ScreenId;

use super::show::Show;
use super::svg::{self, Still};
use super::{Picture, Trouble};

/// Seconds that each screen of the tour stays.
const TOUR_SECONDS: u32 = 3;

/// Every picture of `docs/pictures`.
///
/// # Errors
/// When the console does not do what a scene expects.
pub(crate) fn pictures() -> Result<Vec<Picture>, Trouble> {
    let dark = theme("default-dark")?;
    let light = theme("default-light")?;
    let one = |file, theme: &Theme, still: Result<Still, Trouble>| {
        Ok::<_, Trouble>(Picture {
            file,
            svg: svg::still(theme, &still?),
        })
    };
    Ok(vec![
        one("console-dark.svg", &dark, console(&dark, (120, 40)))?,
        one("console-light.svg", &light, console(&light, (120, 40)))?,
        one("console-small.svg", &dark, console(&dark, (80, 24)))?,
        one("rejection.svg", &dark, rejection(&dark))?,
        one("unknown.svg", &dark, unknown(&dark))?,
        one("settle.svg", &dark, settle(&dark))?,
        one(
            "jobs.svg",
            &dark,
            screen(
                &dark,
                ("2", ScreenId::Jobs),
                "Jobs: what was found beside what was asked",
            ),
        )?,
        one(
            "usage.svg",
            &light,
            screen(
                &light,
                ("4", ScreenId::Usage),
                "Usage: every figure with its source and its age",
            ),
        )?,
        one("runs.svg", &dark, runs(&dark))?,
        one("setup.svg", &light, setup(&light))?,
        one("palette.svg", &dark, palette(&dark))?,
        one("welcome.svg", &dark, welcome(&dark))?,
        one("guide.svg", &light, guide(&light))?,
        Picture {
            file: "tour.svg",
            svg: svg::film(&dark, &tour(&dark)?, TOUR_SECONDS),
        },
    ])
}

fn theme(name: &str) -> Result<Theme, Trouble> {
    let (theme, warnings) = Themes::default().load(name, ColorDepth::TrueColor)?;
    match warnings.first() {
        Some(warning) => Err(warning.to_string().into()),
        None => Ok(theme),
    }
}

/// From one input of the form to a later one.
fn go(show: &mut Show, from: Field, to: Field) -> Result<(), Trouble> {
    let fields = Field::ALL.into_iter().skip_while(|field| *field != from);
    for _ in fields.take_while(|field| *field != to) {
        show.press("Tab")?;
    }
    Ok(())
}

/// A form that is filled and ready.
fn filled(show: &mut Show) -> Result<(), Trouble> {
    show.type_text("Ada Lindgren")?;
    go(show, Field::Name, Field::Email)?;
    show.type_text("ada@northgate.example")?;
    go(show, Field::Email, Field::Company)?;
    show.type_text("Northgate Labs")?;
    go(show, Field::Company, Field::Website)
}

fn console(theme: &Theme, (width, height): (u16, u16)) -> Result<Still, Trouble> {
    let mut show = Show::at_work(width, height)?;
    filled(&mut show)?;
    show.still(theme, &format!("ziadeck at {width}x{height}"))
}

fn rejection(theme: &Theme) -> Result<Still, Trouble> {
    let mut show = Show::at_work(80, 24)?;
    show.press("F3 Down Enter")?;
    show.still(theme, "A rejection, and what to do about it")
}

fn unknown(theme: &Theme) -> Result<Still, Trouble> {
    let mut show = Show::at_work(120, 30)?;
    show.press("F3 Down Down")?;
    show.still(
        theme,
        "A lost answer is unknown, counts as spent and is never sent again",
    )
}

fn settle(theme: &Theme) -> Result<Still, Trouble> {
    let mut show = Show::at_work(100, 28)?;
    show.press("F3 u")?;
    show.still(
        theme,
        "Settling an unknown: the jobs that may be its own, side by side",
    )
}

fn screen(theme: &Theme, (digit, id): (&str, ScreenId), caption: &str) -> Result<Still, Trouble> {
    let mut show = Show::at_work(120, 36)?;
    show.go_to(digit, id)?;
    show.still(theme, caption)
}

fn runs(theme: &Theme) -> Result<Still, Trouble> {
    let mut show = Show::at_work(120, 36)?;
    show.go_to("3", ScreenId::Runs)?;
    show.go_on()?;
    show.still(
        theme,
        "A run under way: what is done, what waits, and how long it takes",
    )
}

fn setup(theme: &Theme) -> Result<Still, Trouble> {
    let mut show = Show::at_work(120, 40)?;
    show.go_to("5", ScreenId::Setup)?;
    show.still(
        theme,
        "Setup: everything a send depends on, and what to do about it",
    )
}

fn palette(theme: &Theme) -> Result<Still, Trouble> {
    let mut show = Show::at_work(100, 28)?;
    filled(&mut show)?;
    show.press("Ctrl+P")?;
    show.type_text("re")?;
    show.still(theme, "Ctrl+P finds every command and shows its key")
}

fn welcome(theme: &Theme) -> Result<Still, Trouble> {
    let mut show = Show::first_start(80, 24)?;
    show.open()?;
    show.still(theme, "The first start")
}

fn guide(theme: &Theme) -> Result<Still, Trouble> {
    let mut show = Show::first_start(80, 24)?;
    show.open()?;
    show.press("F6 Enter Enter")?;
    show.type_text("1000.A2B4C6D8E0F1G3H5I7J9")?;
    show.press("Enter")?;
    show.paste("0123456789abcdef0123456789abcdef")?;
    show.press("Enter")?;
    show.still(theme, "The set-up guide: secrets are never shown")
}

/// From an empty form to a settled unknown.
fn tour(theme: &Theme) -> Result<Vec<Still>, Trouble> {
    let mut show = Show::at_work(120, 30)?;
    let mut stills = vec![show.still(theme, "Five data centres, one form, one log, one number")?];
    show.type_text("Ada Lindgren")?;
    go(&mut show, Field::Name, Field::Email)?;
    stills.push(show.still(
        theme,
        "Typed: what the server would refuse is marked at once",
    )?);
    show.type_text("ada@northgate.example")?;
    go(&mut show, Field::Email, Field::Company)?;
    show.type_text("Northgate Labs")?;
    stills.push(show.still(theme, "Ready: what it spends, before and after")?);
    show.press("F5")?;
    show.dispatch()?;
    stills.push(show.still(theme, "F5: on record first, then on its way")?);
    show.settle()?;
    stills.push(show.still(theme, "Scheduled: one unit spent, the job's id on record")?);
    show.wait()?;
    show.press("F3 Down Down Down")?;
    stills.push(show.still(
        theme,
        "A lost answer is unknown, never sent again by itself",
    )?);
    show.press("Ctrl+P")?;
    show.type_text("recon")?;
    stills.push(show.still(theme, "Ctrl+P: every command by a few letters")?);
    show.press("Enter")?;
    show.reconcile()?;
    stills.push(show.still(
        theme,
        "Reconciled: the job was found and the attempt settled",
    )?);
    Ok(stills)
}
