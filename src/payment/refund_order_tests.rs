use super::*;
use proptest::prelude::*;

fn owed(rest: i64, whole: i64) -> Refundable {
    Refundable::Owed {
        rest: Minor(rest),
        whole: Minor(whole),
    }
}

fn delivered(left: i64, part_open: bool) -> Refundable {
    Refundable::Delivered {
        left: Minor(left),
        part_open,
    }
}

#[test]
fn what_goes_back_decides_what_becomes_of_the_order() {
    let table = [
        (Refundable::Nothing, 0, Ok(Way::End)),
        (Refundable::Nothing, 1, Err(Why::OutOfRange)),
        (owed(1_990, 3_980), 1_990, Ok(Way::Owed)),
        (owed(1_990, 3_980), 3_980, Ok(Way::Owed)),
        (owed(1_990, 3_980), 2_000, Err(Why::RestOrWhole)),
        // What left is worth all: only the whole may go back, never nothing.
        (owed(0, 1_990), 0, Err(Why::OutOfRange)),
        (owed(0, 1_990), 1_990, Ok(Way::Owed)),
        (delivered(1_990, false), 1, Ok(Way::Part)),
        (delivered(1_990, false), 1_989, Ok(Way::Part)),
        (delivered(1_990, false), 1_990, Ok(Way::Whole)),
        (delivered(1_990, false), 1_991, Err(Why::OutOfRange)),
        (delivered(1_990, false), 0, Err(Why::OutOfRange)),
        (delivered(1_990, false), -1, Err(Why::OutOfRange)),
        (delivered(1_990, true), 1_990, Err(Why::PartOnItsWay)),
        (delivered(1_990, true), 1_989, Ok(Way::Part)),
    ];
    for (found, amount, way) in table {
        assert_eq!(found.way(Minor(amount)), way, "{found:?} {amount}");
    }
}

proptest! {
    /// Whatever parts are asked for in whatever order, together they are never more than was
    /// paid, and the last one ends the order only when nothing else is on its way.
    #[test]
    fn parts_are_never_more_than_the_whole(
        paid in 1i64..100_000, asked in prop::collection::vec((-10i64..60_000, any::<bool>()), 0..30),
    ) {
        let (mut gone, mut open) = (0, 0);
        for (amount, confirm) in asked {
            let found = delivered(paid - gone - open, open > 0);
            match found.way(Minor(amount)) {
                Ok(Way::Part) => open += amount,
                Ok(Way::Whole) => {
                    prop_assert_eq!(open, 0);
                    prop_assert_eq!(gone + amount, paid);
                    return Ok(());
                }
                Ok(other) => prop_assert!(false, "{:?}", other),
                Err(_) => {}
            }
            prop_assert!(gone + open < paid);
            if confirm {
                gone += open;
                open = 0;
            }
        }
    }
}
