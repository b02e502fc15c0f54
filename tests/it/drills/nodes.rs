//! Two server processes serve one shop from one PostgreSQL and one Redis; one dies.

use super::stage::{Goods, all_taken, count, set_up, verified};
use crate::harness::{Engine, TestShop, Weight, turn};
use std::collections::BTreeSet;
use std::time::Duration;

/// Killing one of two nodes while twelve buyers pay loses nothing: what it had in hand is taken
/// over by the other one when the leases end, and every buyer has another card. Fails when the job `poll` does
/// nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_of_two_nodes_dies_mid_flow() {
    let _turn = turn(Weight::Heavy).await;
    let first = TestShop::on(Engine::Postgres).prepare();
    // The fifth payment it settles is its last deed, between the commit and the answer.
    first.set_env("VENDGATE_FAIL", Some("after_commit/settle=kill@5"));
    first.start().await;
    first.set_env("VENDGATE_FAIL", None);
    let second = first.second_node().await;
    let goods = Goods {
        cards: 12,
        reserve: true,
    };
    let gateway = set_up(&first, goods).await;
    let variant = first.variant("editor").await;
    assert_eq!(variant, second.variant("editor").await, "one catalogue");
    let mut placed = Vec::new();
    for n in 0..12 {
        let node = if n % 3 == 0 { &second } else { &first };
        let email = format!("b{n}@example.test");
        placed.push((node.place(&variant, 1, &email, "alipay").await, email));
    }
    // Either node shows what the other one took.
    for (order, _) in &placed {
        for node in [&first, &second] {
            let seen = node.order(&order.order_no, &order.view_token).await;
            assert_eq!(seen["state"], "pending_payment");
        }
    }
    for (order, _) in &placed {
        gateway.pay(order.pay_url()).await;
    }
    first.died().await;
    // Notices to the dead node stay unanswered; the living one asks about their payments.
    second.advance_clock(Duration::from_secs(70));
    let mut seen = BTreeSet::new();
    for (order, _) in &placed {
        let goods = second.goods(order).await;
        assert_eq!(goods.len(), 1);
        seen.extend(goods);
    }
    assert_eq!(seen.len(), 12, "each card has one owner");
    second.advance_clock(Duration::from_secs(6 * 60));
    for (_, email) in &placed {
        let mail = second.smtp().first_mail_to(email).await;
        let mails = second.smtp().mails_to(email);
        assert!(mails.len() <= 2, "{} mails to {email}", mails.len());
        for same in mails {
            assert_eq!(same.header("message-id"), mail.header("message-id"));
        }
    }
    verified(&second).await;
    assert_eq!(
        (count(&second, "receipt"), count(&second, "delivery")),
        (12, 12)
    );

    // It comes back and takes the notices that were meant for it; nothing happens twice.
    first.start().await;
    first.advance_clock(Duration::from_secs(60));
    all_taken(&gateway, "").await;
    verified(&first).await;
    assert_eq!(
        (count(&first, "receipt"), count(&first, "delivery")),
        (12, 12)
    );
    assert_eq!(count(&first, "refund"), 0);
}
