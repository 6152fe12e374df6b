//! F4: certificates that must not be accepted, on a server of OpenSSL's. Without `openssl` these
//! tests say so and pass.

use std::path::Path;
use std::process::Stdio;

use rstest::rstest;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::process::{Child, Command};

use crate::support::Bench;

async fn openssl(directory: &Path, arguments: &str) -> bool {
    let status = Command::new("openssl")
        .args(arguments.split(' '))
        .current_dir(directory)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .await;
    status.is_ok_and(|status| status.success())
}

/// An authority and a certificate of it for a name, both in files of the directory.
async fn certificates(directory: &Path, names: &str, days: i32) -> bool {
    std::fs::write(
        directory.join("ext.cnf"),
        format!("subjectAltName={names}\nextendedKeyUsage=serverAuth\n"),
    )
    .unwrap();
    openssl(
        directory,
        "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj /CN=test \
         -keyout ca.key -out ca.pem",
    )
    .await
        && openssl(
            directory,
            "req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=leaf -keyout key.pem \
             -out leaf.csr",
        )
        .await
        && openssl(
            directory,
            &format!(
                "x509 -req -in leaf.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days {days} \
                 -extfile ext.cnf -out cert.pem"
            ),
        )
        .await
}

/// A TLS server on a free port; what it prints is what it received.
async fn server(directory: &Path, more: &[&str]) -> (Child, u16) {
    let mut child = Command::new("openssl")
        .args([
            "s_server",
            "-accept",
            "127.0.0.1:0",
            "-cert",
            "cert.pem",
            "-key",
            "key.pem",
        ])
        .args(more)
        .current_dir(directory)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    let port = loop {
        line.clear();
        assert!(lines.read_line(&mut line).await.unwrap() > 0, "no server");
        if let Some(address) = line.trim().strip_prefix("ACCEPT ") {
            break address.rsplit(':').next().unwrap().parse().unwrap();
        }
    };
    child.stdout = Some(lines.into_inner());
    (child, port)
}

#[derive(Clone, Copy, PartialEq)]
enum Trust {
    /// The system's authorities only.
    System,
    /// The test's authority as well.
    Ours,
}

#[rstest]
#[case::of_an_unknown_authority(("IP:127.0.0.1", 30), Trust::System, &[])]
#[case::for_another_name(("DNS:www.zohoapis.com", 30), Trust::Ours, &[])]
#[case::that_has_expired(("IP:127.0.0.1", -1), Trust::Ours, &[])]
#[case::only_an_old_protocol(("IP:127.0.0.1", 30), Trust::Ours, &["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"])]
#[tokio::test(flavor = "multi_thread")]
async fn f4_a_server_that_cannot_prove_itself_gets_no_byte(
    #[case] (names, days): (&str, i32),
    #[case] trust: Trust,
    #[case] more: &[&str],
) {
    let bench = Bench::quiet().await;
    let directory = bench.path("");
    if !certificates(&directory, names, days).await {
        eprintln!("skipped: openssl cannot make certificates here");
        return;
    }
    let (mut child, port) = server(&directory, more).await;

    let ran = submit(&bench, port, trust).await.expect(7);

    assert_eq!(ran.row()["outcome"], "not_sent", "{ran:?}");
    assert_eq!(ran.row()["charged"], false);
    child.start_kill().unwrap();
    let mut received = String::new();
    let mut stdout = child.stdout.take().unwrap();
    stdout.read_to_string(&mut received).await.unwrap();
    assert!(
        !received.contains("POST") && !received.contains("oauthtoken"),
        "{received}"
    );
}

/// The other way round: with the right certificate the request does go out, so that the refusals
/// above are due to the certificate and to nothing else.
#[tokio::test(flavor = "multi_thread")]
async fn f4_a_server_that_proves_itself_gets_the_request() {
    let bench = Bench::quiet().await;
    let directory = bench.path("");
    if !certificates(&directory, "IP:127.0.0.1", 30).await {
        eprintln!("skipped: openssl cannot make certificates here");
        return;
    }
    let (mut child, port) = server(&directory, &[]).await;
    let mut received = BufReader::new(child.stdout.take().unwrap());

    let request = submit(&bench, port, Trust::Ours);
    let answer = async {
        let mut line = String::new();
        while !line.contains("POST /crm/v7/__zia_people_enrichment") {
            line.clear();
            assert!(
                received.read_line(&mut line).await.unwrap() > 0,
                "no request"
            );
        }
        child.start_kill().unwrap();
    };
    let (ran, ()) = tokio::join!(request, answer);

    assert_eq!(ran.row()["outcome"], "unknown", "{ran:?}");
}

async fn submit(bench: &Bench, port: u16, trust: Trust) -> crate::support::Ran {
    let text = std::fs::read_to_string(bench.path("config.toml")).unwrap();
    let text = text.replace(bench.base(), &format!("https://127.0.0.1:{port}"));
    bench.write("config.toml", &text, 0o600);
    let mut command = bench.command(&["submit", "--json", "--email", "ada@acme.example"]);
    if trust == Trust::Ours {
        command.env("SSL_CERT_FILE", bench.path("ca.pem"));
    }
    crate::support::finish(command.spawn().unwrap()).await
}
