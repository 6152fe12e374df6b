//! The demo: simulators, a throw-away configuration and a lived-in ledger.
//!
//! Nothing on its screen is invented: every line of its log was sent over HTTP to the simulator
//! and settled in a real ledger. Only the clock is turned back while that happens.

mod clock;
mod history;
mod home;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use self::clock::DemoClock;
pub use self::history::DemoOptions;
use self::history::{DAYS, History, live_through};
use self::home::ThrowAway;
use crate::base::{DataCenter, Environment};
use crate::config::{Config, Lenient, Paths, PathsInput};
use crate::ops::{AppContext, OpsError};
use crate::simulator::{OrganisationSeed, Simulator, SimulatorOptions};
use crate::tui::terminal::write_private;

/// A running demo. Its data is thrown away when it stops.
pub struct Demo {
    context: AppContext,
    simulators: Vec<Simulator>,
    // Removed with everything in it when the demo is dropped.
    _home: ThrowAway,
}

/// The places that are played: name of the profile, data centre, environment.
const PLACES: [(&str, DataCenter, Environment); 3] = [
    ("us-prod", DataCenter::Us, Environment::Production),
    ("us-sandbox", DataCenter::Us, Environment::Sandbox),
    ("in-prod", DataCenter::In, Environment::Production),
];

impl Demo {
    /// Starts the simulators, signs in, and lives through two weeks of history.
    ///
    /// # Errors
    /// When no port or no temporary directory can be had.
    pub async fn start(options: DemoOptions) -> Result<Self, OpsError> {
        let clock = Arc::new(DemoClock::behind_by(DAYS));
        let home = ThrowAway::new()?;
        let history = History::of(options);
        let mut simulators = Vec::new();
        for place in PLACES {
            simulators.push(simulator(place, &history, clock.clone()).await?);
        }
        let paths = Paths::resolve(&PathsInput {
            config_flag: Some(home.path().join("config.toml")),
            data_dir_flag: Some(home.path().join("data")),
            env: BTreeMap::new(),
        })?;
        let text = configuration(&simulators, options.limit);
        for (path, text) in [
            (&home.path().join("demo.secret"), "demo"),
            (&paths.config_file, &text),
        ] {
            write_private(path, text).map_err(|error| {
                let path = path.display();
                OpsError::Refused(format!("the demo cannot write {path}: {error}"))
            })?;
        }
        let config = Config::parse(&text, &paths, &Lenient)?;
        let context = AppContext::open(paths, config, clock.clone()).await?;
        live_through(&context, &simulators, &history, &clock).await?;
        Ok(Self {
            context,
            simulators,
            _home: home,
        })
    }

    /// The demo's context.
    pub fn context(&self) -> &AppContext {
        &self.context
    }

    /// Ends the simulators. Close the context first.
    pub async fn stop(self) {
        for simulator in self.simulators {
            simulator.stop().await;
        }
    }
}

async fn simulator(
    (name, data_center, environment): (&str, DataCenter, Environment),
    history: &History,
    clock: Arc<DemoClock>,
) -> Result<Simulator, OpsError> {
    let mut organisation = OrganisationSeed::for_data_center(data_center);
    organisation.environment = environment;
    if environment == Environment::Sandbox {
        organisation.name.push_str(" (sandbox)");
        organisation.id = "5725799000000020005".to_owned();
    }
    let is_first = PLACES.first().is_some_and(|(first, ..)| *first == name);
    let options = SimulatorOptions {
        limit: if is_first { history.limit } else { 1_500 },
        used: if is_first { history.before } else { 42 },
        job_seconds: Duration::from_secs(4),
        organisation,
        clock,
        ..SimulatorOptions::for_data_center(data_center)
    };
    Simulator::start(options)
        .await
        .map_err(|error| OpsError::Refused(format!("the simulator cannot start: {error}")))
}

fn configuration(simulators: &[Simulator], limit: u64) -> String {
    let mut text = "default_profile = \"us-prod\"\n".to_owned();
    for ((name, data_center, environment), simulator) in PLACES.iter().zip(simulators) {
        let base = simulator.base_url();
        text.push_str(&format!(
            r#"
[profiles.{name}]
data_center = "{data_center}"
environment = "{environment}"
client_id = "1000.DEMO"
client_secret_file = "demo.secret"
default_module = "Leads"
confirm = "never"
limit = {limit}
accounts_url = "{base}"
api_url = "{base}"
"#
        ));
    }
    text
}
