//! The examples that are shipped keep their promise.

use std::process::Stdio;

use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;

use crate::submit::rig;

#[tokio::test(flavor = "multi_thread")]
async fn the_script_that_is_shipped_pays_once_however_often_it_runs() {
    let rig = rig().await;
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/examples/submit-each.sh");
    let program = std::path::Path::new(env!("CARGO_BIN_EXE_ziadeck"));
    let path = format!(
        "{}:{}",
        program.parent().unwrap().display(),
        std::env::var("PATH").unwrap()
    );

    for _ in 0..2 {
        let mut child = Command::new("sh")
            .arg(script)
            .env("PATH", &path)
            .env("HOME", rig.path("home"))
            .env("ZIADECK_CONFIG", rig.path("config.toml"))
            .env("ZIADECK_DATA_DIR", rig.data_dir())
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        stdin
            .write_all(b"ada@acme.example\ngrace@navy.example\nADA@acme.example")
            .await
            .unwrap();
        drop(stdin);
        assert!(child.wait().await.unwrap().success());
    }

    assert_eq!(rig.control.posts(), 2);
}
