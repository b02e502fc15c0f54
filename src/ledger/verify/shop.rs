//! A small shop where one of each has happened, for the tests of verification.

use crate::ids::{AccountId, OrderId, RefundId, SellerId};
use crate::ledger::fixture::{Book, received};
use crate::ledger::postings::{self, RefundFrom, Refunded};
use crate::ledger::{Error, Posting};
use crate::money::{Currency, Minor, Money};

/// Everything an order row needs around it, and the words that make one of each.
const SHOP: &str = "
INSERT INTO category VALUES ('c','c','c','c',0,0);
INSERT INTO product VALUES ('p','house','c','p','p','p','','','','','','','','card_pool',TRUE,'[]',0,0,'on',0,0,0);
INSERT INTO variant VALUES ('v','p','house','v','v','v',1000,'CNY','[]',1,9,NULL,'on',0,0);
INSERT INTO card_batch VALUES ('b','v','house','t','available',3,0,0,NULL);
INSERT INTO channel_account VALUES ('epay-main','epay','enabled',0,'CNY',NULL,NULL,'0.006',0,'','','t','',0,0);
";

fn order(id: &str, state: &str, refund_from: &str, amount: i64) -> String {
    format!(
        "INSERT INTO payment VALUES ('pay-{id}','CNY',{amount},{amount},0);
         INSERT INTO payment_part VALUES ('part-{id}','pay-{id}','channel','CNY',{amount},TRUE);
         INSERT INTO orders (id, order_no, seller_id, payment_id, state, version, refund_from,
            currency, amount, refunded_amount, email, email_hash, locale, event_seq, event_head,
            created_at, expires_at) VALUES
            ('{id}','{id}','house','pay-{id}','{state}',1,{refund_from},'CNY',{amount},0,'','','en',0,'',0,0);
         INSERT INTO order_item VALUES ('i-{id}','{id}','house','p','v','p','p','card_pool',1000,2,{amount},'CNY',0,0);
         INSERT INTO attempt (id, payment_id, part_id, order_id, seller_id, n, merchant_no,
            account_id, method, currency, amount, state, pay_kind, decision, checks, created_at,
            changed_at, expires_at, watched_until) VALUES
            ('a-{id}','pay-{id}','part-{id}','{id}','house',1,'m-{id}','epay-main','alipay','CNY',{amount},'paid','qr','{{}}',0,0,0,0,0);"
    )
}

fn receipt(n: usize, order: &str, kind: &str, amount: i64) -> String {
    format!(
        "INSERT INTO receipt VALUES ('r-{n}','epay-main','trade-{n}','a-{order}','pay-{order}',
            '{order}','house','{kind}','notice','CNY',{amount},0,0,0,NULL);"
    )
}

pub(super) fn refund_row(
    id: &str,
    receipt: usize,
    order: &str,
    state: &str,
    amount: i64,
) -> String {
    format!(
        "INSERT INTO refund VALUES ('{id}','{order}','pay-{order}','r-{receipt}','a-{order}',
            'epay-main','{id}','{id}',NULL,'CNY',{amount},'{state}',NULL,0,0,0,NULL,'staff',
            'unfulfilled',NULL);"
    )
}

fn units(order: &str) -> String {
    (1..=2)
        .map(|n| {
            format!(
                "INSERT INTO card VALUES ('k-{order}-{n}','v','house','b','delivered','','{order}-{n}','i-{order}',0);
                 INSERT INTO delivery VALUES ('d-{order}-{n}','{order}','i-{order}',{n},'k-{order}-{n}',NULL,0);"
            )
        })
        .collect()
}

pub(super) fn deliver(order: &str, minor: i64) -> Posting {
    let money = Money::new(Minor(minor), Currency::CNY);
    postings::deliver(&OrderId(order.to_owned()), &SellerId::house(), money).expect("a posting")
}

pub(super) fn refund(
    id: &str,
    minor: i64,
    make: impl FnOnce(Refunded<'_>) -> Result<Posting, Error>,
) -> Posting {
    make(Refunded {
        refund: &RefundId(id.to_owned()),
        seller: &SellerId::house(),
        money: Money::new(Minor(minor), Currency::CNY),
    })
    .expect("a posting")
}

pub(super) fn accepted(id: &str, minor: i64, from: RefundFrom) -> Posting {
    refund(id, minor, |r| {
        postings::refund_accepted(r, from).map(|posting| posting.expect("one"))
    })
}

/// A shop where one of each has happened, and whose book is right:
/// `o1` delivered and paid twice (its refund is on the way), `o2` awaits stock and has been
/// refunded in part, `o3` was delivered and is refunded, `o4` came late and waits for a decision,
/// and one refund of `o2` was refused for good.
pub(super) async fn shop() -> Book {
    let book = Book::open();
    let account: AccountId = "epay-main".parse().expect("an account");
    let rows = [
        SHOP.to_owned(),
        order("o1", "delivered", "NULL", 2_000) + &units("o1"),
        order("o2", "awaiting_stock", "NULL", 2_500),
        order("o3", "refunded", "'delivered'", 3_000) + &units("o3"),
        order("o4", "expired", "NULL", 700),
        receipt(1, "o1", "captured", 2_000) + &receipt(11, "o1", "duplicate", 2_000),
        receipt(2, "o2", "captured", 2_500),
        receipt(3, "o3", "captured", 3_000),
        receipt(4, "o4", "late", 700),
        refund_row("f1", 11, "o1", "pending", 2_000),
        refund_row("f2", 2, "o2", "requested", 300),
        refund_row("f22", 2, "o2", "failed", 100),
        refund_row("f3", 3, "o3", "done", 3_000),
    ];
    book.sql(&rows.concat()).await.expect("rows");
    let rate = "0.006".parse().expect("a rate");
    let postings = [
        received(1, 2_000, postings::charge),
        received(1, 2_000, |r| {
            postings::fee(r, rate, Minor::ZERO).map(|fee| fee.expect("a fee"))
        }),
        deliver("o1", 2_000),
        received(11, 2_000, postings::second_payment),
        received(2, 2_500, postings::charge),
        accepted("f2", 300, RefundFrom::Unfulfilled),
        accepted("f22", 100, RefundFrom::Unfulfilled),
        refund("f22", 100, |r| {
            postings::refund_refused(r, RefundFrom::Unfulfilled)
        }),
        received(3, 3_000, postings::charge),
        deliver("o3", 3_000),
        accepted("f3", 3_000, RefundFrom::Sales),
        refund("f3", 3_000, |r| postings::refund_confirmed(r, &account)),
        received(4, 700, postings::unallocated_payment),
    ];
    for (n, posting) in postings.into_iter().enumerate() {
        book.post(n, posting).await;
        if n == 8 {
            book.seal_all().await;
        }
    }
    book
}
