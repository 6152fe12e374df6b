//! Where tests of bulk runs take place: a simulator, a directory with a configuration and a
//! signed-in profile, and the built binary.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::{Output, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tempfile::TempDir;
use tokio::io::AsyncWriteExt as _;
use tokio::process::{Child, Command};
use ziadeck::simulator::{Control, Simulator, SimulatorOptions};

/// How long anything may take before a test gives up.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) struct Rig {
    simulator: Option<Simulator>,
    pub(crate) control: Control,
    directory: TempDir,
}

/// What a command left behind.
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ran {
    /// Its lines of JSON.
    pub(crate) fn json(&self) -> Vec<Value> {
        self.stdout
            .lines()
            .map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}")))
            .collect()
    }

    /// Its last line of JSON.
    pub(crate) fn last(&self) -> Value {
        self.json()
            .pop()
            .unwrap_or_else(|| panic!("no JSON; stderr: {}", self.stderr))
    }

    /// Fails unless it ended so.
    #[track_caller]
    pub(crate) fn expect(self, code: i32) -> Self {
        assert_eq!(
            self.code, code,
            "stdout: {}\nstderr: {}",
            self.stdout, self.stderr
        );
        self
    }
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        use std::os::unix::process::ExitStatusExt as _;
        let status = output.status;
        Self {
            code: status
                .code()
                .unwrap_or_else(|| -status.signal().unwrap_or(0)),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

impl Rig {
    /// A simulator, and a profile that is signed in. `more` are further keys of the profile.
    pub(crate) async fn start(options: SimulatorOptions, more: &str) -> Self {
        let simulator = Simulator::start(options).await.unwrap();
        let (control, base) = (simulator.control(), simulator.base_url());
        let directory = TempDir::new().unwrap();
        let rig = Self {
            simulator: Some(simulator),
            control,
            directory,
        };
        let secret = rig.path("secret");
        fs::write(&secret, "1000.secret\n").unwrap();
        fs::set_permissions(&secret, fs::Permissions::from_mode(0o600)).unwrap();
        rig.configure(&base, more);
        let code = rig.control.issue_grant_code();
        rig.run_with(&["auth", "login", "--code-stdin"], &code)
            .await
            .expect(0);
        rig
    }

    /// Takes the server away: from now on nobody listens.
    pub(crate) async fn stop_server(&mut self) {
        self.simulator.take().unwrap().stop().await;
    }

    fn configure(&self, base: &str, more: &str) {
        let config = format!(
            "settle_seconds = 0\n[profiles.sim]\ndata_center = \"US\"\nclient_id = \"1000.SIM\"\n\
             client_secret_file = \"{}\"\naccounts_url = \"{base}\"\napi_url = \"{base}\"\n\
             default_module = \"Leads\"\n{more}\n",
            self.path("secret").display()
        );
        fs::write(self.path("config.toml"), config).unwrap();
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    pub(crate) fn data_dir(&self) -> PathBuf {
        self.path("data")
    }

    /// Writes a file of the directory.
    pub(crate) fn file(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, text).unwrap();
        path
    }

    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ziadeck"));
        command
            .args(args)
            .env_clear()
            .env("HOME", self.directory.path())
            .env("USER", "robin")
            .env("ZIADECK_CONFIG", self.path("config.toml"))
            .env("ZIADECK_DATA_DIR", self.data_dir())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        command
    }

    pub(crate) async fn run(&self, args: &[&str]) -> Ran {
        finish(self.command(args).spawn().unwrap()).await
    }

    pub(crate) async fn run_with(&self, args: &[&str], input: &str) -> Ran {
        let mut child = self.command(args).stdin(Stdio::piped()).spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let _ = stdin.write_all(input.as_bytes()).await;
        drop(stdin);
        finish(child).await
    }

    /// How many jobs each input's email has.
    pub(crate) fn jobs(&self) -> BTreeMap<String, usize> {
        let mut jobs = BTreeMap::new();
        let own = self
            .control
            .jobs()
            .into_iter()
            .filter(|job| !job.is_foreign);
        for job in own {
            let email = job.enrich_based_on["email"].as_str().unwrap().to_owned();
            *jobs.entry(email).or_insert(0) += 1;
        }
        jobs
    }

    /// Fails unless so many jobs were made, each of another row.
    #[track_caller]
    pub(crate) fn assert_each_once(&self, rows: usize) {
        let jobs = self.jobs();
        assert_eq!(jobs.len(), rows);
        assert!(jobs.values().all(|count| *count == 1), "{jobs:?}");
    }
}

pub(crate) async fn finish(child: Child) -> Ran {
    tokio::time::timeout(PATIENCE, child.wait_with_output())
        .await
        .expect("the command did not end")
        .unwrap()
        .into()
}

pub(crate) fn send(child: &Child, signal: Signal) {
    let pid = i32::try_from(child.id().unwrap()).unwrap();
    kill_process(Pid::from_raw(pid).unwrap(), signal).unwrap();
}

/// A file of people, each with an address of their own.
pub(crate) fn people(rows: usize) -> String {
    let mut text = "Name,Email,Company\n".to_owned();
    for row in 1..=rows {
        text.push_str(&format!("Ada Lovelace,ada{row}@acme.example,Acme\n"));
    }
    text
}

/// Waits until something holds of the server, and fails with what it was otherwise.
pub(crate) async fn until(control: &Control, what: &str, holds: impl Fn(&Control) -> bool) {
    tokio::time::timeout(PATIENCE, control.wait_until(holds))
        .await
        .unwrap_or_else(|_| panic!("still not: {what}"));
}
