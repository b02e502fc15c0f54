use diesel::prelude::*;

use super::*;
use crate::ledger::fixture::{Book, NOW, journal, received};
use crate::ledger::postings;
use crate::store::schema::{journal, journal_entry, unsealed};

async fn counts(book: &Book) -> (i64, i64, i64) {
    book.store
        .read(|db| {
            Ok::<_, StoreError>((
                journal::table.count().get_result(db)?,
                journal_entry::table.count().get_result(db)?,
                unsealed::table.count().get_result(db)?,
            ))
        })
        .await
        .expect("counts")
}

#[tokio::test]
async fn an_event_posts_once_however_often_it_comes() {
    let book = Book::open();
    let posting = received(1, 2_990, postings::charge);
    assert_eq!(book.post(1, posting.clone()).await, Posted::New);
    assert_eq!(counts(&book).await, (1, 2, 1));
    assert_eq!(book.post(2, posting).await, Posted::Already);
    let other_kind_of_money = received(1, 2_990, postings::second_payment);
    let answer = book.post(3, other_kind_of_money).await;
    assert_eq!(answer, Posted::Already, "one charge per receipt");
    assert_eq!(counts(&book).await, (1, 2, 1));
}

#[tokio::test]
async fn a_transaction_reads_back_with_the_hash_of_its_content() {
    let book = Book::open();
    let posting = received(1, 2_990, postings::charge);
    book.post(1, posting).await;
    let read = book
        .store
        .read(|db| history(db, SourceKind::Receipt, "r-1"))
        .await
        .expect("history");
    let [(row, entries)] = read.as_slice() else {
        panic!("one transaction: {read:?}");
    };
    assert_eq!(row.hash, content_hash(row, entries));
    assert_eq!(
        canonical(row, entries),
        "18:vendgate/journal/1,8:j-000001,7:receipt,3:r-1,6:charge,3:J01,5:house,\
         13:1795000000000,1:2,\
         8:j-000001,1:1,24:asset:clearing:epay-main,1:D,3:CNY,4:2990,\
         8:j-000001,1:2,22:liab:order_unfulfilled,1:C,3:CNY,4:2990,"
    );
}

#[tokio::test]
async fn the_book_refuses_to_be_rewritten() {
    let book = Book::open();
    let posting = received(1, 2_990, postings::charge);
    book.post(1, posting).await;
    book.seal_all().await;
    for sql in [
        "UPDATE journal SET at = 0",
        "DELETE FROM journal",
        "UPDATE journal_entry SET amount = 1",
        "DELETE FROM journal_entry",
        "UPDATE seal SET row_hash = ''",
        "DELETE FROM seal",
    ] {
        let refused = book.sql(sql).await.expect_err(sql).to_string();
        assert!(refused.contains("append-only"), "{sql}: {refused}");
    }
}

/// The canonical form covers every column: bending any one of them changes the bytes.
#[test]
fn the_hash_covers_every_column() {
    let posting = received(1, 2_990, postings::charge);
    let (row, entries) = rows(journal(1), &posting, NOW).expect("rows");
    let whole = content_hash(&row, &entries);
    let bend_row: [fn(&mut Journal); 7] = [
        |r| r.id.0.push('x'),
        |r| r.source_kind.push('x'),
        |r| r.source_id.push('x'),
        |r| r.op.push('x'),
        |r| r.template.push('x'),
        |r| r.seller_id.0.push('x'),
        |r| r.at += 1,
    ];
    for bend in bend_row {
        let mut bent = row.clone();
        bend(&mut bent);
        assert_ne!(content_hash(&bent, &entries), whole, "{bent:?}");
    }
    let bend_entry: [fn(&mut Entry); 6] = [
        |e| e.journal_id.0.push('x'),
        |e| e.leg += 1,
        |e| e.account.push('x'),
        |e| e.side = "D".to_owned(),
        |e| e.currency.push('x'),
        |e| e.amount += 1,
    ];
    for bend in bend_entry {
        let mut bent = entries.clone();
        bend(&mut bent[1]);
        assert_ne!(content_hash(&row, &bent), whole, "{bent:?}");
    }
    assert_ne!(content_hash(&row, &entries[..1]), whole);
}
