//! A bench: a simulator in this process, a data directory, and the built program driven against it.
//! Each test file uses its part of it.
#![allow(
    dead_code,
    reason = "every test file is a program of its own and uses its part"
)]
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "what helps a test may fail as a test does"
)]

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;
use tokio::io::AsyncWriteExt;
use tokio::process::{Child, Command};
use ziadeck::base::{Clock, Secret, SystemClock};
use ziadeck::config::{Config, Lenient, Paths, PathsInput};
use ziadeck::ops::AppContext;
use ziadeck::simulator::{
    Control, Simulator, SimulatorOptions, WELL_KNOWN_ACCESS, WELL_KNOWN_REFRESH,
};

/// Longest that one run of the program may take.
const DEADLINE: Duration = Duration::from_secs(60);

/// What an object of `submit` has, in its order.
pub(crate) const SUBMIT_FIELDS: [&str; 19] = [
    "attempt",
    "profile",
    "outcome",
    "http_status",
    "code",
    "message",
    "job_id",
    "fields",
    "details",
    "charged",
    "sent",
    "match",
    "differs",
    "earlier",
    "job_status",
    "age_seconds",
    "doubts",
    "usage",
    "trust",
];

/// A simulator and a profile that is signed in to it.
pub(crate) struct Bench {
    directory: TempDir,
    simulator: Option<Simulator>,
    base: String,
}

/// What a run of the program gave.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ran {
    /// Every line of stdout as JSON.
    pub(crate) fn rows(&self) -> Vec<Value> {
        self.stdout
            .lines()
            .map(|line| {
                serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {self:?}"))
            })
            .collect()
    }

    /// The one line of stdout as JSON.
    pub(crate) fn row(&self) -> Value {
        let rows = self.rows();
        assert_eq!(rows.len(), 1, "one line is expected: {self:?}");
        rows.into_iter().next().unwrap()
    }

    /// The row whose field holds this text.
    pub(crate) fn find(&self, field: &str, text: &str) -> Value {
        let mut rows = self.rows().into_iter();
        rows.find(|row| row[field] == text)
            .unwrap_or_else(|| panic!("no {field} {text}: {self:?}"))
    }

    /// The names of a JSON row, in their order.
    pub(crate) fn keys(&self) -> Vec<String> {
        let row = self.rows().into_iter().next().expect("a row");
        row.as_object().unwrap().keys().cloned().collect()
    }

    #[track_caller]
    pub(crate) fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{self:?}");
        self
    }
}

impl Bench {
    /// A quiet organisation.
    pub(crate) async fn quiet() -> Self {
        Self::new(SimulatorOptions::default()).await
    }

    pub(crate) async fn new(options: SimulatorOptions) -> Self {
        let simulator = Simulator::start(options).await.unwrap();
        let bench = Self {
            directory: tempfile::tempdir().unwrap(),
            base: simulator.base_url(),
            simulator: Some(simulator),
        };
        bench.set_up();
        bench
    }

    /// Another host of the same organisation: its own ledger, the same server.
    pub(crate) fn other_host(&self) -> Self {
        let bench = Self {
            directory: tempfile::tempdir().unwrap(),
            base: self.base.clone(),
            simulator: None,
        };
        bench.set_up();
        bench
    }

    fn set_up(&self) {
        self.write("secret", "the-client-secret\n", 0o600);
        let profile = self.profile("us", "");
        self.write("config.toml", &profile, 0o600);
        self.sign_in("us");
    }

    /// The table of a profile, with more keys.
    pub(crate) fn profile(&self, name: &str, more: &str) -> String {
        format!(
            "[profiles.{name}]\ndata_center = \"US\"\nclient_id = \"1000.TEST\"\n\
             client_secret_file = {:?}\ndefault_module = \"Leads\"\n\
             accounts_url = \"{base}\"\napi_url = \"{base}\"\n{more}\n",
            self.path("secret"),
            base = self.base,
        )
    }

    /// Writes the credential files of a profile as a sign-in leaves them; whose organisation the token
    /// reaches is taken as asked for, and nothing is known of it.
    pub(crate) fn sign_in(&self, profile: &str) {
        let mark = ziadeck::auth::mark(&Secret::new(WELL_KNOWN_ACCESS));
        let name = format!("data/credentials/{profile}.org.toml");
        self.credentials(
            profile,
            &format!(
                "refresh_token = \"{WELL_KNOWN_REFRESH}\"\naccess_token = \"{WELL_KNOWN_ACCESS}\"\n\
                 expires_at = \"2099-01-01T00:00:00Z\"\n"
            ),
        );
        self.write(&name, &format!("access = \"{mark}\"\n\n[reached]\n"), 0o600);
    }

    /// Whose organisation the token reaches is not known any more, and has to be asked for.
    pub(crate) fn forget_organisation(&self, profile: &str) {
        std::fs::remove_file(self.path(&format!("data/credentials/{profile}.org.toml"))).unwrap();
    }

    /// The same without an access token: the first call has to get one.
    pub(crate) fn sign_in_without_access(&self, profile: &str) {
        self.credentials(
            profile,
            &format!("refresh_token = \"{WELL_KNOWN_REFRESH}\"\n"),
        );
    }

    fn credentials(&self, profile: &str, text: &str) {
        for directory in ["data", "data/credentials"] {
            let directory = self.path(directory);
            std::fs::create_dir_all(&directory).unwrap();
            std::fs::set_permissions(&directory, PermissionsExt::from_mode(0o700)).unwrap();
        }
        self.write(&format!("data/credentials/{profile}.toml"), text, 0o600);
    }

    pub(crate) fn write(&self, name: &str, text: &str, mode: u32) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, PermissionsExt::from_mode(mode)).unwrap();
        path
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    pub(crate) fn base(&self) -> &str {
        &self.base
    }

    pub(crate) fn control(&self) -> Control {
        self.simulator.as_ref().expect("a simulator").control()
    }

    /// The server is gone.
    pub(crate) async fn stop_server(&mut self) {
        self.simulator.take().expect("a simulator").stop().await;
    }

    /// Another server at the same address.
    pub(crate) async fn start_server(&mut self, options: SimulatorOptions) {
        let port = self.base.rsplit(':').next().unwrap().parse().unwrap();
        let options = SimulatorOptions { port, ..options };
        self.simulator = Some(Simulator::start(options).await.unwrap());
    }

    /// The program, in an environment of its own.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = program(self.directory.path());
        command
            .arg("--config")
            .arg(self.path("config.toml"))
            .arg("--data-dir")
            .arg(self.path("data"))
            .args(arguments);
        command
    }

    /// Runs the program to its end.
    pub(crate) async fn run(&self, arguments: &[&str]) -> Ran {
        finish(self.command(arguments).spawn().unwrap()).await
    }

    /// Runs the program with a text on its standard input.
    pub(crate) async fn run_with(&self, arguments: &[&str], input: &str) -> Ran {
        self.finish_with(self.command(arguments), input).await
    }

    /// Runs a command with a text on its standard input.
    pub(crate) async fn finish_with(&self, mut command: Command, input: &str) -> Ran {
        let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        stdin.write_all(input.as_bytes()).await.unwrap();
        drop(stdin);
        finish(child).await
    }

    /// `submit --json` with an e-mail address of this name.
    pub(crate) async fn submit(&self, name: &str) -> Ran {
        let email = format!("{name}@acme.example");
        self.run(&["submit", "--json", "--email", &email]).await
    }

    /// `usage --json` with more flags, as JSON.
    pub(crate) async fn usage(&self, flags: &[&str]) -> Value {
        let arguments = [&["usage", "--json"], flags].concat();
        self.run(&arguments).await.expect(0).row()
    }

    /// The ledger and the profiles as a front end has them, in this process.
    pub(crate) async fn context(&self) -> AppContext {
        self.context_by(Arc::new(SystemClock::new())).await
    }

    /// The same by another clock.
    pub(crate) async fn context_by(&self, clock: Arc<dyn Clock>) -> AppContext {
        let paths = Paths::resolve(&PathsInput {
            config_flag: Some(self.path("config.toml")),
            data_dir_flag: Some(self.path("data")),
            env: [("HOME".into(), self.directory.path().into())].into(),
        })
        .unwrap();
        let config = Config::load(&paths, &Lenient).unwrap();
        AppContext::open(paths, config, clock).await.unwrap()
    }
}

/// How many cases a property is tried with: a few in every run, more where `PROPTEST_CASES` asks for them.
pub(crate) fn cases(few: u32) -> u32 {
    let asked = std::env::var("PROPTEST_CASES").ok();
    asked.and_then(|asked| asked.parse().ok()).unwrap_or(few)
}

/// The program with an empty environment and a home of its own.
pub(crate) fn program(home: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ziadeck"));
    command
        .env_clear()
        .env("HOME", home)
        .env("USER", "ada")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    command
}

/// Waits for a child, and reads what it said.
pub(crate) async fn finish(child: Child) -> Ran {
    let output = tokio::time::timeout(DEADLINE, child.wait_with_output())
        .await
        .expect("the program ends in time")
        .unwrap();
    Ran {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}
