//! What tests from outside do with a run, and what they look at.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use serde_json::Value;
use tokio::process::Child;

use crate::rig::{Ran, Rig, people};

impl Rig {
    pub(crate) fn spawn(&self, args: &[&str]) -> Child {
        self.command(args).spawn().unwrap()
    }

    /// Plans so many rows that all are ready; answers the run's number.
    pub(crate) async fn plan(&self, rows: usize) -> i64 {
        let file = self.file(&format!("people-{rows}.csv"), people(rows));
        let ran = self
            .run(&["bulk", "plan", file.to_str().unwrap(), "--json"])
            .await
            .expect(0);
        let plan = ran.last();
        assert_eq!(plan["ready"], rows, "{plan}");
        plan["run"].as_i64().unwrap()
    }

    pub(crate) async fn bulk_run(&self, run: i64, more: &[&str]) -> Ran {
        let run = run.to_string();
        let mut args = vec!["bulk", "run", &run, "--yes", "--json"];
        args.extend(more);
        self.run(&args).await
    }

    pub(crate) async fn status(&self, run: i64) -> Value {
        let run = run.to_string();
        self.run(&["bulk", "status", &run, "--json"])
            .await
            .expect(0)
            .last()
    }

    /// How often each input's email was posted.
    pub(crate) fn posted(&self) -> BTreeMap<String, usize> {
        let mut posted = BTreeMap::new();
        for post in self.control.posts_log() {
            *posted.entry(email_of(&post.body)).or_insert(0) += 1;
        }
        posted
    }
}

fn email_of(body: &str) -> String {
    let body: Value = serde_json::from_str(body).unwrap();
    body["__zia_people_enrichment"][0]["enrich_based_on"]["email"]
        .as_str()
        .unwrap()
        .to_owned()
}

pub(crate) fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}
