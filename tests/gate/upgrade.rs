//! A ledger that version 0.1 made.

use std::fs;

use crate::submit::rig;

#[tokio::test(flavor = "multi_thread")]
async fn whom_version_0_1_has_paid_for_is_paid_for_by_nobody_again() {
    let rig = rig().await;
    let from = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/ledger-0.1");
    let data = rig.data_dir();
    for name in ["ledger.db", "ledger.db.key", "ledger.db.mark"] {
        fs::write(data.join(name), fs::read(format!("{from}/{name}")).unwrap()).unwrap();
    }
    let submit = async |flags: &[&str]| {
        let mut args = vec!["submit", "--json"];
        args.extend(flags);
        rig.run(&args).await.last()["outcome"].clone()
    };

    // Its inputs are there: known in another spelling.
    let ada = submit(&[
        "--linkedin",
        "linkedin.com/in/ada?trk=x",
        "--email",
        "Ada@acme.example",
    ])
    .await;
    // Its inputs were purged: known by the same inputs, as before.
    let grace = submit(&[
        "--email",
        "grace@navy.example",
        "--name",
        "Grace Hopper",
        "--company",
        "Navy",
    ])
    .await;
    let run = rig.run(&["bulk", "run", "1", "--yes", "--json"]).await;

    assert_eq!((ada, grace), ("already".into(), "already".into()));
    assert_eq!(rig.control.posts(), 0, "{} {}", run.stdout, run.stderr);
    rig.run(&["ledger", "check"]).await.expect(0);
}
