use super::*;

#[test]
fn it_never_goes_back() {
    let clock = DemoClock::behind_by(Duration::from_secs(100));
    clock.stand_behind(Duration::from_secs(50));
    let before = (clock.now(), clock.monotonic());
    clock.stand_behind(Duration::from_secs(80));

    assert!(clock.now() >= before.0 && clock.monotonic() >= before.1);
}
