//! Files that hold a secret and were named as something else: no error quotes them.

use crate::canary::{Canary, found};
use crate::run;
use crate::support::{self, Bench};

const PASSWORD: &str = "canary-hunter2";
const TOKEN: &str = "1000.b1946ac92492d2347c6235b4d2611184.591785b794601e212b260e25925636fd";
const KEY: &str = "b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZW";

fn files() -> Vec<(&'static str, String)> {
    let key = format!("-----BEGIN OPENSSH PRIVATE KEY-----\n{KEY}\n{KEY}=\n");
    let credentials = format!(
        "accounts = \"https://{PASSWORD}.example\"\nclient_id = \"{PASSWORD}\"\nscope = {PASSWORD}\n\
         refresh_token = \"{TOKEN}\"\n"
    );
    vec![
        ("id_ed25519", key),
        ("us.toml", credentials),
        ("token", format!("{TOKEN}\n")),
        ("password", PASSWORD.to_owned()),
        ("base64", format!("{KEY}==\n")),
        ("env", format!("PASS={PASSWORD}\nexport ZOHO='{TOKEN}'\n")),
        (
            "json",
            format!("{{\n\"refresh_token\": \"{TOKEN}\",\n\"pass\": \"{PASSWORD}\"\n}}\n"),
        ),
        ("netrc", format!("machine a login b\npassword {PASSWORD}\n")),
        (
            "settings",
            format!("theme = \"mono\"\npass = {PASSWORD}\n\"{PASSWORD}\n{TOKEN}\n"),
        ),
        (
            "theme",
            format!("theme = \"{TOKEN}\"\nselection = \"{KEY}\"\n[keys]\nsend = \"{TOKEN}\"\n"),
        ),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_that_was_named_as_a_settings_file_is_not_quoted() {
    let bench = Bench::quiet().await;
    let all = [
        Canary::new("password", PASSWORD),
        Canary::new("token", TOKEN),
        Canary::new("key", KEY),
    ];

    for (name, text) in files() {
        let path = bench.write(name, &text, 0o600);
        let path = path.to_str().unwrap();
        for command in [
            &["--config", path, "config", "check"][..],
            &["--config", path, "config", "check", "--json"],
            &[
                "--config",
                path,
                "submit",
                "--email",
                "ada@acme.example",
                "--json",
            ],
            &["--config", path, "doctor", "--verbose"],
            &["--config", path],
            &["simulate", "--scenario", path],
        ] {
            let mut program = support::program(&bench.path(""));
            let ran = support::finish(program.args(command).spawn().unwrap()).await;

            assert_ne!(ran.code, 0, "{command:?}: {ran:?}");
            assert!(!ran.stderr.is_empty() || !ran.stdout.is_empty(), "{ran:?}");
            for text in [&ran.stdout, &ran.stderr] {
                assert_eq!(
                    found(&all, text.as_bytes()),
                    [""; 0],
                    "{command:?}: {ran:?}"
                );
            }
        }
        std::fs::remove_file(path).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_credential_file_that_cannot_be_read_is_not_quoted() {
    let bench = Bench::quiet().await;
    let all = [
        Canary::new("password", PASSWORD),
        Canary::new("token", TOKEN),
    ];

    for text in [
        format!("refresh_token = {TOKEN}\n"),
        format!("refresh_token = \"{TOKEN}\"\n{PASSWORD} = 1\nexpires_at = \"{PASSWORD}\"\n"),
        format!("refresh_token = [\"{TOKEN}\"]\n"),
    ] {
        bench.write("data/credentials/us.toml", &text, 0o600);
        for command in [
            &["auth", "status", "--json"][..],
            &["auth", "refresh", "--verbose"],
            &["submit", "--email", "ada@acme.example"],
            &["doctor"],
        ] {
            let ran = run(&bench, command, "").await;

            for text in [&ran.stdout, &ran.stderr] {
                assert_eq!(
                    found(&all, text.as_bytes()),
                    [""; 0],
                    "{command:?}: {ran:?}"
                );
            }
        }
    }
}
