use proptest::prelude::*;

use super::*;

proptest! {
    #[test]
    fn every_unit_of_the_others_has_its_time_the_oldest_first(
        units in 0_u64..2_000,
        now in 1_700_000_000_i64..1_900_000_000,
    ) {
        let times = times_of_others(Timestamp::from_second(now).unwrap(), units);

        prop_assert_eq!(times.len(), usize::try_from(units).unwrap());
        prop_assert!(times.is_sorted_by(|a, b| a > b));
        prop_assert!(times.iter().all(|time| *time <= DAYS));
    }
}

#[test]
fn the_others_rest_on_saturday_and_sunday() {
    let now: Timestamp = "2026-11-23T00:00:00Z".parse().unwrap(); // a Monday
    let day = Duration::from_secs(86_400);

    let times = times_of_others(now, 760);

    let within = |from: u32, to: u32| {
        let inside = |time: &&Duration| **time <= day * from && **time > day * to;
        times.iter().filter(inside).count()
    };
    assert_eq!((within(2, 0), within(7, 2)), (30, 350));
}
