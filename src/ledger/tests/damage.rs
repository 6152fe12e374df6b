//! A ledger with broken bytes: never a panic, never a dispatch that only seemed to be recorded.

use std::time::Duration;

use super::fixture::{KIND, Place, attempt, run_of, scheduled, scope, send};
use crate::base::Outcome;
use crate::ledger::{Ledger, LogQuery, PurgeWhat, RowQuery, Settlement};

/// A small generator, so that a failure names the seed that repeats it.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % sides
    }
}

fn break_bytes(bytes: &mut Vec<u8>, dice: &mut Dice) {
    match dice.roll(4) {
        0 => bytes.truncate(dice.roll(bytes.len())),
        1 => {
            let page = dice.roll(bytes.len() / 4_096) * 4_096;
            bytes[page..page + 4_096].fill(0);
        }
        _ => {
            for _ in 0..=dice.roll(8) {
                let at = dice.roll(bytes.len());
                bytes[at] ^= 1 << dice.roll(8);
            }
        }
    }
}

async fn use_everything(ledger: &Ledger) {
    let all = LogQuery {
        rows: 100,
        ..LogQuery::default()
    };
    let _ = ledger.page(all.clone()).await;
    let _ = ledger
        .page(LogQuery {
            search: Some("person".to_owned()),
            ..all
        })
        .await;
    let _ = ledger.counts(scope(), KIND).await;
    let _ = ledger.days(scope(), KIND, 0).await;
    let _ = ledger.unknowns(scope(), KIND).await;
    let run = crate::base::RunId(1);
    let _ = ledger
        .rows(RowQuery {
            run,
            states: vec![],
            after: None,
            limit: 9,
        })
        .await;
    let _ = ledger.check().await;
    let _ = ledger.dump(|_| Ok(())).await;
    if let Ok(receipt) = ledger.dispatch(attempt(ledger, "kim")).await {
        let id = receipt.into_request().attempt;
        let _ = ledger.settle(id, scheduled("99")).await;
    }
    let _ = ledger
        .purge(
            "2030-01-01T00:00:00Z".parse().unwrap(),
            PurgeWhat::Everything,
        )
        .await;
}

/// `ZIADECK_DAMAGE_SEEDS` makes the campaign longer.
#[test]
fn broken_bytes_are_an_error_and_never_a_panic() {
    let seeds: u64 = std::env::var("ZIADECK_DAMAGE_SEEDS")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(200);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let place = Place::new();
    runtime.block_on(async {
        let ledger = place.open();
        let _ = run_of(&ledger, 30).await;
        for n in 0..30 {
            let id = send(&ledger, attempt(&ledger, &format!("person{n}"))).await;
            let answer = match n % 3 {
                0 => scheduled(&n.to_string()),
                1 => Settlement::bare(Outcome::Unknown),
                _ => Settlement::bare(Outcome::Rejected),
            };
            ledger.settle(id, answer).await.unwrap();
        }
        ledger.close().await;
    });
    let sound = std::fs::read(place.path()).unwrap();

    let mut refused = 0;
    for seed in 0..seeds {
        let mut bytes = sound.clone();
        break_bytes(&mut bytes, &mut Dice(seed));
        for end in ["-wal", "-shm", ".mark"] {
            let _ = std::fs::remove_file(format!("{}{end}", place.path().display()));
        }
        std::fs::write(place.path(), &bytes).unwrap();
        match place.try_open() {
            Ok((ledger, _)) => runtime.block_on(async {
                let used = tokio::time::timeout(Duration::from_secs(60), use_everything(&ledger));
                assert!(used.await.is_ok(), "seed {seed} hangs");
                ledger.close().await;
            }),
            Err(error) => {
                assert!(matches!(error.exit_code(), 9), "seed {seed}: {error}");
                refused += 1;
            }
        }
    }
    assert!(refused > seeds / 4, "{refused} of {seeds}");
}

#[cfg(unix)]
#[test]
fn a_directory_that_cannot_be_written_is_an_error_that_says_so() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::new();
    let inside = place.dir.path().join("sealed");
    std::fs::create_dir(&inside).unwrap();
    std::fs::set_permissions(&inside, std::fs::Permissions::from_mode(0o500)).unwrap();
    let mut options = place.options();
    options.path = inside.join("ledger.db");

    let opened = Ledger::open_blocking(options);

    // The superuser may write anywhere.
    if std::fs::write(inside.join("probe"), b"").is_err() {
        let error = opened.unwrap_err();
        assert_eq!(error.exit_code(), 9);
        assert!(
            error.to_string().contains("cannot make the ledger"),
            "{error}"
        );
    }
}
