use super::shop::{accepted, deliver, refund, refund_row, shop};
use super::*;
use crate::ledger::fixture::{Book, NOW};
use crate::ledger::postings::{self, RefundFrom};
use crate::ledger::seal;

async fn report(book: &Book) -> Report {
    verify(&book.store, NOW + 5_000).await.expect("a report")
}

#[tokio::test]
async fn a_right_book_is_green_sealed_or_not() {
    let book = shop().await;
    let before = report(&book).await;
    assert!(before.ok(), "{before}");
    book.seal_all().await;
    let after = report(&book).await;
    assert!(after.ok(), "{after}");
    let checked = |id| after.check(id).map(|check| check.checked);
    assert_eq!(checked("I01"), Some(13));
    assert_eq!(checked("I20"), Some(13));
    assert_eq!(checked("I06"), Some(5));
    assert_eq!(checked("I07"), Some(2));
    assert_eq!(checked("I08"), Some(4));
    let text = after.to_string();
    assert!(text.starts_with("I01 ok            13  each"), "{text}");
    let json = serde_json::to_value(&after).expect("json");
    assert_eq!(json["checks"][0]["id"], "I01");
}

#[tokio::test]
async fn an_empty_book_is_green() {
    let empty = report(&Book::open()).await;
    assert!(empty.ok(), "{empty}");
    assert_eq!(empty.checks.len(), 10);
}

/// An event that contradicts its hash, and an order whose events are gone.
#[tokio::test]
async fn an_altered_order_history_is_found() {
    let book = shop().await;
    let event = "INSERT INTO order_event VALUES
        ('o4',1,0,'buyer','placed','','pending_payment','{}','','no-hash')";
    book.sql(event).await.expect("an event");
    book.sql("UPDATE orders SET event_seq = 2 WHERE id = 'o1'")
        .await
        .expect("a count");
    let report = report(&book).await;
    let check = report.check("I20o").expect("the check");
    let told = [
        "order o1: 2 events by its own count, 0 are there",
        "order o4: event 1 is altered or missing",
    ];
    assert_eq!(check.findings, told);
    assert!(!report.ok());
}

/// Each corruption is found by the checks named, with the words that name the row.
#[tokio::test]
async fn each_planted_corruption_is_found_and_named() {
    const FREE: &str = "DROP TRIGGER journal_is_append_only_update;
        DROP TRIGGER journal_is_append_only_delete;
        DROP TRIGGER journal_entry_is_append_only_update;
        DROP TRIGGER journal_entry_is_append_only_delete;
        DROP TRIGGER seal_is_append_only_update;
        DROP TRIGGER seal_is_append_only_delete;";
    let cases: &[(&str, &[(&str, &str)])] = &[
        (
            "UPDATE journal_entry SET amount = 1 WHERE journal_id = 'j-000000' AND leg = 1",
            &[
                ("I01", "journal j-000000 (receipt/r-1/charge): debits"),
                ("I02", "CNY"),
                ("I03", "asset:clearing:epay-main"),
                ("I06", "receipt r-1:"),
                (
                    "I20",
                    "journal j-000000 (receipt/r-1/charge): altered since",
                ),
            ],
        ),
        (
            "UPDATE journal_entry SET amount = 2001 WHERE journal_id = 'j-000000'",
            &[
                ("I03", "balance of liab:order_unfulfilled CNY"),
                ("I10", "liab:order_unfulfilled CNY: the book says 2201"),
                ("I10", "order o1 (delivered): the book owes 1"),
                ("I20", "journal j-000000"),
            ],
        ),
        (
            "UPDATE journal SET at = at + 1 WHERE id = 'j-000003'",
            &[("I20", "journal j-000003 (receipt/r-11/charge): altered")],
        ),
        (
            "UPDATE journal SET template = 'J99', hash = 'made-up' WHERE id = 'j-000003'",
            &[(
                "I20",
                "journal j-000003 (receipt/r-11/charge): altered since",
            )],
        ),
        (
            "DELETE FROM journal_entry WHERE journal_id = 'j-000012';
             DELETE FROM journal WHERE id = 'j-000012'",
            &[
                ("I06", "receipt r-4: no charge"),
                ("I20", "journal j-000012 is gone"),
            ],
        ),
        (
            "DELETE FROM seal WHERE seq = 5",
            &[
                ("I20", "seal 6: follows 4, a gap"),
                (
                    "I20",
                    "journal j-000004 (receipt/r-2/charge): neither sealed",
                ),
            ],
        ),
        (
            "DELETE FROM seal WHERE seq = 13",
            &[
                ("I03", "as of row 13, sealed are 12"),
                (
                    "I20",
                    "journal j-000012 (receipt/r-4/charge): neither sealed",
                ),
            ],
        ),
        (
            "UPDATE seal SET row_hash = 'x' WHERE seq = 5",
            &[
                ("I20", "seal 5: altered"),
                ("I20", "altered since it was sealed as row 5"),
            ],
        ),
        (
            "UPDATE seal SET hash = 'x' WHERE seq = 5",
            &[
                ("I20", "seal 5: altered"),
                ("I20", "seal 6: does not follow"),
            ],
        ),
        (
            "UPDATE balance SET debit = debit + 1 WHERE account = 'exp:channel_fee:epay-main'",
            &[("I03", "balance of exp:channel_fee:epay-main CNY: 13/0")],
        ),
        (
            "DELETE FROM balance WHERE account = 'rev:sales'",
            &[("I03", "balance of rev:sales CNY: none")],
        ),
        (
            "INSERT INTO unsealed VALUES ('journal', 'j-gone', 'x', 1795000000000)",
            &[(
                "I20",
                "journal j-gone: waits for the sealer and is not there",
            )],
        ),
        (
            "INSERT INTO unsealed VALUES ('audit', 'a-1', 'x', 1794999944000)",
            &[("I20", "the unsealed tail: 1 rows, the oldest waits 61 s")],
        ),
        (
            "UPDATE journal SET source_id = 'r-99' WHERE id = 'j-000012'",
            &[
                (
                    "I06",
                    "journal j-000012 (receipt/r-99/charge): there is no such",
                ),
                ("I06", "receipt r-4: no charge"),
            ],
        ),
        (
            "UPDATE receipt SET amount = 701 WHERE id = 'r-4'",
            &[(
                "I06",
                "receipt r-4: 701 CNY at asset:clearing:epay-main, but journal j-000012",
            )],
        ),
        (
            "UPDATE orders SET state = 'delivered' WHERE id = 'o2'",
            &[
                ("I07", "order o2: delivered, 0 accruals"),
                ("I07", "order o2, item i-o2: 2 bought, 0 units"),
                ("I10", "order o2 (delivered): the book owes 2200 for it"),
            ],
        ),
        (
            "DELETE FROM delivery WHERE id = 'd-o1-2'",
            &[("I07", "order o1, item i-o1: 2 bought, 1 units")],
        ),
        (
            "UPDATE card SET state = 'available', item_id = NULL WHERE id = 'k-o1-1'",
            &[("I08", "delivery d-o1-1: card k-o1-1 is available")],
        ),
        (
            "UPDATE card SET item_id = 'i-o3' WHERE id = 'k-o1-1'",
            &[("I08", "delivery d-o1-1: card k-o1-1 belongs to item i-o3")],
        ),
        (
            "UPDATE orders SET amount = 2600 WHERE id = 'o2'",
            &[(
                "I10",
                "order o2 (awaiting_stock): the book owes 2200 for it, it should owe 2300",
            )],
        ),
        (
            "UPDATE refund SET state = 'done' WHERE id = 'f2'",
            &[
                (
                    "I14",
                    "liab:refund_payable CNY: the book says 2300, open refunds 2000",
                ),
                ("I14", "refund f2 (done): no confirm posting"),
            ],
        ),
        (
            "UPDATE refund SET state = 'pending' WHERE id = 'f3'",
            &[("I14", "refund f3 (pending): a confirm posting")],
        ),
        (
            "UPDATE receipt SET kind = 'captured' WHERE id = 'r-11'",
            &[("I14", "refund f1 (pending): never accepted in the book")],
        ),
    ];
    for (sql, expected) in cases {
        let book = shop().await;
        book.seal_all().await;
        book.sql(&format!("{FREE}{sql}")).await.expect(sql);
        let report = report(&book).await;
        assert!(!report.ok(), "{sql}");
        for (id, words) in *expected {
            let check = report.check(id).expect(id);
            let named = check.findings.iter().any(|f| f.contains(words));
            assert!(
                !check.ok && named,
                "{sql}\n{id} should say {words:?}\n{report}"
            );
        }
    }
}

#[tokio::test]
async fn a_second_payment_is_owed_from_the_moment_it_came() {
    let book = shop().await;
    // Without its refund row the duplicate is owed whole; when that refund is done, nothing.
    book.sql("DELETE FROM refund WHERE id = 'f1'")
        .await
        .expect("deleted");
    let none_yet = report(&book).await;
    assert!(none_yet.ok(), "{none_yet}");
    book.sql(&refund_row("f1", 11, "o1", "failed", 2_000))
        .await
        .expect("a row");
    let refused = refund("f1", 2_000, |r| {
        postings::refund_refused(r, RefundFrom::SecondPayment)
    });
    book.post(50, refused).await;
    let unallocated = report(&book).await;
    assert!(unallocated.ok(), "{unallocated}");
    book.sql(&refund_row("f5", 11, "o1", "pending", 1_500))
        .await
        .expect("a row");
    book.post(51, accepted("f5", 1_500, RefundFrom::Unallocated))
        .await;
    let again = report(&book).await;
    assert!(again.ok(), "{again}");
}

/// More transactions than one chunk holds, while the sealer is behind.
#[tokio::test]
async fn a_long_book_is_read_in_chunks() {
    let book = Book::open();
    let rows: i64 = 2 * CHUNK + 7;
    book.store
        .write(move |db| {
            for n in 0..rows {
                let posting = deliver(&format!("o-{n}"), 1 + n);
                let id = crate::ids::JournalId(format!("j-{n:06}"));
                crate::ledger::post(db, id, &posting, NOW)?;
            }
            while seal::head(db)?.0 < CHUNK + 50 {
                seal::step(db, NOW, 200)?;
            }
            Ok::<_, StoreError>(())
        })
        .await
        .expect("posted");
    let report = report(&book).await;
    for id in ["I01", "I02", "I03", "I20"] {
        assert!(report.check(id).is_some_and(|check| check.ok), "{report}");
    }
    assert_eq!(
        report.check("I01").map(|c| c.checked),
        u64::try_from(rows).ok()
    );
    // These orders do not exist: the sum is off, whatever is sealed.
    assert!(report.check("I10").is_some_and(|check| !check.ok));
}
