use super::*;

#[test]
fn each_failure_doubles_the_wait_up_to_ten_minutes() {
    let waits: Vec<u64> = (0..9).map(|before| backoff(before, 0.0).as_secs()).collect();
    assert_eq!(waits, [5, 10, 20, 40, 80, 160, 320, 600, 600]);
    assert_eq!(backoff(i32::MAX, 0.0), LAST_RETRY);
    assert_eq!(backoff(-1, 0.0), FIRST_RETRY);
}

#[test]
fn chance_takes_at_most_a_fifth_off_the_wait() {
    assert_eq!(backoff(0, 1.0), Duration::from_secs(4));
    assert_eq!(backoff(20, 0.5), Duration::from_secs(540));
}
