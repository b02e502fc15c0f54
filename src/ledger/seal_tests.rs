use std::collections::BTreeMap;

use diesel::prelude::*;
use proptest::prelude::*;

use super::*;
use crate::ledger::fixture::{Book, NOW, received};
use crate::ledger::{Posting, balances, postings};
use crate::money::Minor;
use crate::store::schema::journal_entry;

async fn chain(book: &Book) -> Vec<Seal> {
    book.store
        .read(|db| {
            let rows = seal::table.order(seal::seq).select(Seal::as_select());
            Ok::<_, StoreError>(rows.load(db)?)
        })
        .await
        .expect("the chain")
}

fn assert_chained(chain: &[Seal]) {
    let mut before = GENESIS;
    for (row, seq) in chain.iter().zip(1..) {
        assert_eq!(row.seq, seq);
        assert_eq!(row.prev_hash, before);
        assert_eq!(row.hash, row.expected_hash());
        before = &row.hash;
    }
}

/// Debits and credits per account and currency, from the entries themselves.
async fn sums(book: &Book) -> BTreeMap<(String, String), (i64, i64)> {
    let entries: Vec<(String, String, String, i64)> = book
        .store
        .read(|db| {
            Ok::<_, StoreError>(
                journal_entry::table
                    .select((
                        journal_entry::account,
                        journal_entry::currency,
                        journal_entry::side,
                        journal_entry::amount,
                    ))
                    .load(db)?,
            )
        })
        .await
        .expect("entries");
    let mut sums: BTreeMap<_, (i64, i64)> = BTreeMap::new();
    for (account, currency, side, amount) in entries {
        let sum = sums.entry((account, currency)).or_default();
        if side == "D" {
            sum.0 += amount;
        } else {
            sum.1 += amount;
        }
    }
    sums
}

async fn rolled(book: &Book) -> BTreeMap<(String, String), (i64, i64)> {
    let rows = book.store.read(balances).await.expect("balances");
    rows.into_iter()
        .map(|row| ((row.account, row.currency), (row.debit, row.credit)))
        .collect()
}

#[tokio::test]
async fn many_steps_make_one_chain_without_gaps_and_balances_that_equal_the_entries() {
    let book = Book::open();
    let mut sealed = 0;
    for n in 0..60_usize {
        let minor = 100 + i64::try_from(n).expect("small");
        let posting = received(n, minor, postings::charge);
        book.post(n, posting).await;
        if n % 7 == 0 {
            let step = book.seal(3).await.expect("a step");
            sealed += step.rows;
            assert!(step.rows <= 3);
            assert_eq!(step.waited, 500);
            assert_eq!(usize::try_from(step.head), Ok(sealed));
        }
    }
    let last = book.seal_all().await;
    assert_eq!((last.rows, last.head), (0, 60));
    let chain = chain(&book).await;
    assert_eq!(chain.len(), 60);
    assert_chained(&chain);
    assert_eq!(rolled(&book).await, sums(&book).await);
}

#[tokio::test]
async fn rows_of_other_kinds_are_chained_and_move_no_balance() {
    let book = Book::open();
    let promised = book
        .store
        .write(|db| promise(db, "audit", "a-1", "00", NOW))
        .await;
    promised.expect("promised");
    assert_eq!(book.seal(200).await.expect("a step").rows, 1);
    assert_eq!(book.seal(200).await.expect("a step").rows, 0);
    assert!(rolled(&book).await.is_empty());
    assert_eq!(chain(&book).await[0].row_kind, "audit");
}

/// A second sealer that read an old head takes a number that is taken: nothing of it stays.
#[tokio::test]
async fn a_second_sealer_loses_whole() {
    let book = Book::open();
    for n in 0..2 {
        let posting = received(n, 100, postings::charge);
        book.post(n, posting).await;
    }
    book.seal(1).await.expect("a step");
    let mut late = chain(&book).await.remove(0);
    late.row_id = "j-000001".to_owned();
    let lost = book
        .store
        .write(move |db| {
            both!(db, |c| diesel::insert_into(seal::table)
                .values(&late)
                .execute(c))?;
            Ok::<_, StoreError>(())
        })
        .await;
    assert!(matches!(lost, Err(StoreError::Constraint(_))), "{lost:?}");
    assert_eq!(book.seal(200).await.expect("a step").head, 2);
    assert_eq!(rolled(&book).await, sums(&book).await);
}

/// A balance that would pass 64 bits stops the sealer instead of becoming a float.
#[tokio::test]
async fn a_balance_past_64_bits_is_refused() {
    let book = Book::open();
    for n in 0..2 {
        let posting = received(n, i64::MAX, postings::charge);
        book.post(n, posting).await;
    }
    assert_eq!(book.seal(1).await.expect("a step").rows, 1);
    let refused = book.seal(1).await.expect_err("too much").to_string();
    assert!(refused.contains("past 64 bits"), "{refused}");
    assert_eq!(chain(&book).await.len(), 1, "the step is undone");
}

fn any_posting() -> impl Strategy<Value = (usize, i64, u8)> {
    (0..12_usize, 1..1_000_000_i64, 0..4_u8)
}

fn make((n, minor, what): (usize, i64, u8)) -> Posting {
    received(n, minor, |received| match what {
        0 => postings::charge(received),
        1 => postings::unallocated_payment(received),
        2 => postings::allocate(received, received.money.amount),
        _ => postings::fee(received, "0.006".parse()?, Minor(1))
            .map(|fee| fee.expect("at least its fixed part")),
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Whatever is posted and however it is sealed: sums are zero per currency, balances equal
    /// the entries, the chain has no gap.
    #[test]
    fn random_histories_balance(
        events in proptest::collection::vec(any_posting(), 1..40),
        limit in 1..9_i64,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        runtime.block_on(async {
            let book = Book::open();
            for (n, event) in events.into_iter().enumerate() {
                book.post(n, make(event)).await;
                if n % 5 == 0 {
                    book.seal(limit).await.expect("a step");
                }
            }
            book.seal_all().await;
            let sums = sums(&book).await;
            let net: i64 = sums.values().map(|(debit, credit)| debit - credit).sum();
            assert_eq!(net, 0);
            assert_eq!(rolled(&book).await, sums);
            assert_chained(&chain(&book).await);
        });
    }
}
