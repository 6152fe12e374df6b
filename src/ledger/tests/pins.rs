//! Whose organisation a profile reaches.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::fixture::{Place, attempt, send, used};
use crate::base::{DataCenter, Environment, ProfileName};
use crate::ledger::{
    Ledger, LedgerOptions, LedgerStep, NewAttempt, Pin, PinWord, Pinned, ScopeKey,
};

fn profile() -> ProfileName {
    "us-prod".parse().unwrap()
}

#[tokio::test]
async fn the_first_organisation_of_a_profile_stays() {
    let place = Place::new();
    let ledger = place.open();
    let pin = |org: &str| Pin {
        org_id: Some(org.to_owned()),
        ..Pin::default()
    };

    assert_eq!(
        ledger.pin(profile(), pin("1")).await.unwrap(),
        Pinned::First
    );
    assert_eq!(ledger.pin(profile(), pin("1")).await.unwrap(), Pinned::Same);
    assert_eq!(
        ledger.pin(profile(), Pin::default()).await.unwrap(),
        Pinned::Same
    );
    assert_eq!(
        ledger.pin(profile(), pin("2")).await.unwrap(),
        Pinned::Differs(pin("1"))
    );

    assert_eq!(ledger.pinned(profile()).await.unwrap(), Some(pin("1")));
    ledger.unpin(profile()).await.unwrap();
    assert_eq!(
        ledger.pin(profile(), pin("2")).await.unwrap(),
        Pinned::First
    );
}

#[tokio::test]
async fn a_sign_in_pins_and_moves_the_scope_in_one_commit() {
    let place = Place::new();
    let commits = Arc::new(AtomicU64::new(0));
    let counted = commits.clone();
    let (ledger, _) = Ledger::open_blocking(LedgerOptions {
        on_step: Some(Arc::new(move |step| {
            if let LedgerStep::AfterCommit(_) = step {
                counted.fetch_add(1, Ordering::SeqCst);
            }
        })),
        ..place.options()
    })
    .unwrap();
    let before = NewAttempt {
        scope: ScopeKey::of_profile(DataCenter::Us, Environment::Production, &profile()),
        ..attempt(&ledger, "ada")
    };
    send(&ledger, before).await;
    let sign_in = async |org: Option<&str>, word| {
        let pin = Pin {
            org_id: org.map(str::to_owned),
            ..Pin::default()
        };
        let (name, where_to) = (profile(), (DataCenter::Us, Environment::Production));
        let from = commits.load(Ordering::SeqCst);
        let pinned = ledger.pin_organisation(name, pin, where_to, word).await;
        (pinned.unwrap(), commits.load(Ordering::SeqCst) - from)
    };

    let first = sign_in(Some("60001234"), PinWord::SignedIn).await;
    let used = used(&ledger).await;
    let silent = sign_in(None, PinWord::SignedIn).await;
    let seen = sign_in(Some("7"), PinWord::Seen).await.0;
    let other = sign_in(Some("7"), PinWord::SignedIn).await.0;

    assert_eq!((first, used), ((Pinned::First, 1), 1));
    assert_eq!(silent, (Pinned::Same, 1));
    assert!(matches!(seen, Pinned::Differs(_)), "{seen:?}");
    assert!(matches!(other, Pinned::Differs(_)), "{other:?}");
    let now = ledger.pinned(profile()).await.unwrap();
    assert_eq!(now.and_then(|pin| pin.org_id).as_deref(), Some("7"));
}
