//! Texts of the staff's order pages, and what the words of their rows are called.

use super::{Shape, Tag, Tone, Words};

super::catalogue! {
    orders_more_filters: "更多筛选条件", "More filters";
    // The list
    orders_no: "订单号或渠道单号", "Order or channel number";
    orders_email: "买家邮箱（完整）", "Buyer's email, in full";
    orders_state: "状态", "State";
    orders_method: "支付方式", "Method";
    orders_account: "渠道账户", "Channel account";
    orders_product: "商品", "Product";
    orders_from: "下单日期从", "Placed from";
    orders_to: "下单日期到", "Placed until";
    orders_least(currency: &str): "金额从（{currency}）", "Amount from ({currency})";
    orders_most(currency: &str): "金额到（{currency}）", "Amount to ({currency})";
    orders_order: "订单与买家", "Order and buyer";
    orders_number: "订单号", "Order number";
    orders_items: "内容", "Items";
    orders_buyer: "买家", "Buyer";
    orders_amount: "金额", "Amount";
    orders_refunded(amount: &str): "已退 {amount}", "{amount} went back";
    orders_placed: "下单时间", "Placed";
    orders_paid: "付款时间", "Paid";
    orders_paid_by: "支付", "Payment";
    orders_export: "导出 CSV", "Export CSV";
    orders_export_hint: "导出当前筛选的订单，最多 50,000 行，邮箱只显示一部分。", "The orders of this list, at most 50,000 rows, with masked addresses.";
    orders_none: "还没有订单", "No orders yet";
    orders_none_hint: "买家下单后会出现在这里。", "They appear here as soon as somebody buys.";
    orders_bad_day: "日期写作 2026-11-22", "Write a day as 2026-11-22";
    orders_bad_choice: "没有这个选项", "There is no such choice";
    orders_bad_amount: "金额写作 19.90，不带符号", "Write an amount as 19.90, without a sign";

    // One order
    order_page_title(no: &str): "订单 {no}", "Order {no}";
    order_facts: "订单信息", "About the order";
    order_reveal_email: "查看完整邮箱", "Show the address";
    order_reveal_goods: "查看商品内容", "Show the goods";
    order_expires: "付款期限", "To be paid by";
    order_delivered_at: "发货时间", "Delivered";
    order_locale: "买家语言", "Buyer's language";
    order_answers: "买家填写", "What the buyer wrote";
    order_unopened: "内容无法用当前密钥打开", "It does not open with the present key";
    order_items: "商品明细", "Lines";
    order_item: "商品", "Item";
    order_unit_price: "单价", "Each";
    order_quantity: "数量", "Bought";
    order_left: "已发", "Delivered";
    order_sum: "小计", "Sum";
    order_money: "金额", "Money";
    order_sum_paid: "已付", "Paid";
    order_sum_refunded: "已退", "Went back";
    order_sum_on_its_way: "退款中", "On its way back";
    order_sum_open: "还可退", "Can still go back";
    order_actions: "操作", "What you can do";
    order_no_actions: "现在没有可做的操作。", "There is nothing to do now.";
    order_attempts: "支付尝试", "Payment attempts";
    order_no_attempts: "没有向任何渠道发起支付。", "No channel was asked to collect it.";
    order_attempt_n(n: i64): "第 {n} 次", "Attempt {n}";
    attempt_merchant_no: "商户单号", "Our number";
    attempt_trade_no: "渠道单号", "Channel's number";
    attempt_created: "发起时间", "Made";
    attempt_checks: "已查询", "Asked";
    attempt_checked(n: i64): "{n} 次", one "{n} time", many "{n} times";
    attempt_next: "下次查询", "Asked next";
    attempt_no_more: "不再查询", "No more";
    attempt_failure: "失败原因", "Why it failed";
    attempt_routed(n: usize, account: &str): "从 {n} 个账户中选用 {account}，它的优先级最高。", one "{account} was the only account.", many "{account} was preferred among {n} accounts.";
    attempt_passed_over(account: &str, reason: &str): "没有选 {account}：{reason}。", "{account} was passed over: {reason}.";
    route_tried: "这笔订单已经试过", "this order had tried it";
    route_state: "账户停用或正在退出", "it was off or draining";
    route_misconfigured: "配置有误", "its configuration was wrong";
    route_method: "不支持这种支付方式", "it does not serve the method";
    route_currency: "收的是另一种货币", "it collects another currency";
    route_amount_min: "低于最小金额", "the amount is below its smallest";
    route_amount_max: "超过最大金额", "the amount is above its largest";
    route_priority: "优先级较低", "another one was preferred";
    order_receipts: "收款", "Money received";
    order_no_receipts: "还没有收到钱。", "No money has come.";
    receipt_kind: "性质", "What it was";
    receipt_source: "得知方式", "Told by";
    receipt_came: "到账时间", "Paid";
    order_notices: "渠道通知", "Notices of the channel";
    order_no_notices: "渠道还没有发来通知。", "The channel has sent none.";
    notice_at: "时间", "Time";
    notice_verdict: "处理结果", "Verdict";
    notice_failed_check(check: &str): "未通过：{check}", "Failed: {check}";
    notice_from: "来源", "From";
    notice_body: "原文", "As it came";
    notice_headers: "请求头", "Headers";
    notice_empty: "（空）", "(empty)";
    order_refunds: "退款", "Refunds";
    order_no_refunds: "没有退款。", "None.";
    refund_no: "退款单号", "Refund number";
    refund_why: "原因", "Grounds";
    refund_tries: "尝试", "Tries";
    refund_asked: "发起时间", "Asked";
    order_deliveries: "已发货内容", "What left";
    order_no_deliveries: "还没有发货。", "Nothing has left.";
    delivery_unit: "件", "Unit";
    delivery_content: "内容（已遮盖）", "Content, masked";
    delivery_more(n: usize): "另有 {n} 件没有列出。", one "{n} more is not listed.", many "{n} more are not listed.";
    order_mails: "邮件与推送", "Mails and webhooks";
    order_no_mails: "没有发出邮件。", "None was sent.";
    order_mail_topic: "内容", "About";
    order_mail_tries: "尝试", "Tries";
    order_mail_error: "最近的错误", "Last error";
    order_mail_resend: "重新发送", "Send again";
    order_journal: "账目", "Journal";
    order_no_journal: "还没有记账。", "Nothing is booked.";
    journal_entry: "分录", "Entry";
    journal_debit: "借", "Debit";
    journal_credit: "贷", "Credit";
    journal_account: "科目", "Account";
    order_cases: "资金个案", "Money cases";
    order_no_cases: "没有资金个案。", "None.";
    order_timeline: "经过", "What happened";
    order_more: "展开", "Show";

    // Whoever acts
    actor_buyer: "买家", "Buyer";
    actor_system: "系统", "The shop";
    actor_channel(name: &str): "渠道 {name}", "Channel {name}";
    actor_staff(name: &str): "员工 {name}", "{name}";
    from_to(from: &str, to: &str): "{from} → {to}", "{from} → {to}";

    // Events
    event_placed: "下单", "Placed";
    event_payment_captured: "付款到账", "Payment arrived";
    event_deadline_passed: "超过付款期限", "The time to pay ended";
    event_cancel_asked: "取消订单", "Cancelled";
    event_review_asked: "需要人工确认", "Held for a person";
    event_delivery_began: "转人工发货", "A person delivers";
    event_stock_missing: "缺货", "Nothing in stock";
    event_part_delivered: "部分发货", "Part was delivered";
    event_all_delivered: "全部发货", "All was delivered";
    event_refund_asked: "发起退款", "Refund asked";
    event_refund_confirmed: "退款完成", "Money went back";
    event_refund_refused: "退款没有成功", "The refund did not go back";

    // States of attempts, refunds, mails; kinds of receipts
    attempt_planned: "准备中", "Planned";
    attempt_created_state: "待付款", "Payable";
    attempt_unknown: "结果未知", "Unknown";
    attempt_refused: "渠道未受理", "Refused";
    attempt_failed: "被拒付", "Declined";
    attempt_expired: "已超时", "Expired";
    attempt_closed: "已关闭", "Closed";
    attempt_paid: "已付款", "Paid";
    refund_requested: "待发送", "To be sent";
    refund_unknown: "结果未知", "Unknown";
    refund_pending: "渠道处理中", "At the channel";
    refund_done: "已退回", "Went back";
    refund_failed: "已放弃", "Given up";
    grounds_late: "订单结束后到账", "Came after the end";
    grounds_no_stock_late: "订单结束后到账，商品已售完", "Came after the end, sold out";
    grounds_duplicate: "重复付款", "Paid twice";
    grounds_over: "多付的部分", "More than asked";
    grounds_staff: "员工决定", "Decided by staff";
    receipt_captured: "支付订单", "Paid the order";
    receipt_late: "订单结束后到账", "After the end";
    receipt_duplicate: "重复付款", "Paid twice";
    receipt_short: "少付", "Too little";
    receipt_over: "多付", "Too much";
    receipt_wrong_currency: "货币不符", "Another currency";
    receipt_unmatched: "无法归属", "Of no order";
    source_notice: "渠道通知", "A notice";
    source_query: "查询渠道", "The channel, when asked";
    source_return: "买家返回时查询", "Asked when the buyer came back";
    source_bill: "账单", "A bill";
    source_staff: "员工查询", "Asked by staff";
    order_mail_waiting: "排队", "Queued";
    order_mail_running: "发送中", "Sending";
    order_mail_done: "已发送", "Sent";
    order_mail_dead: "失败", "Failed";
    promise_mail: "邮件", "Mail";
    promise_webhook: "推送", "Webhook";
    topic_delivered: "商品已发货", "The goods";
    topic_waiting: "已付款，等待发货", "Paid, waiting";
    topic_refunded: "已退款", "Money went back";
    topic_expired_refund: "超时后付款，退回", "Late money goes back";
    verdict_accepted: "已受理", "Accepted";
    verdict_noted: "已记录", "Noted";
    verdict_refused: "已拒绝", "Refused";
    verdict_unconfirmed: "等待渠道确认", "Not confirmed yet";
    verdict_contradicted: "与渠道查询矛盾", "The channel says otherwise";
    check_form: "格式、大小", "form and size";
    check_account: "渠道账户", "account";
    check_parse: "内容解析", "parsing";
    check_signature: "签名", "signature";
    check_freshness: "时间", "time";
    check_merchant: "商户身份", "merchant";
    check_attempt: "支付记录", "attempt";
    check_status: "状态", "status";
    check_amount: "金额", "amount";
    check_trade_no: "渠道单号", "channel's number";
    check_confirmed: "渠道确认", "confirmation";

    // Steps
    order_ask: "查询渠道", "Ask the channels";
    order_asked: "已查询渠道，结果见下方。", "The channels were asked; what they said stands below.";
    order_ask_effect(n: usize): "向渠道查询 {n} 次支付尝试，查到的钱立即入账。", one "One channel is asked about {n} attempt; money it knows of is booked at once.", many "The channels are asked about {n} attempts; money they know of is booked at once.";
    order_cancel: "取消订单", "Cancel the order";
    order_cancel_effect_stock: "订单变为「已取消」，保留的库存立即释放。", "The order becomes cancelled and its stock is free at once.";
    order_cancel_effect_channel: "先查询并关闭渠道上的支付；如果钱已到账，订单不会取消，而是照常发货。", "The channels are asked and closed first; if money has come, the order is delivered instead.";
    order_cancel_effect_late: "之后再到账的钱按「超时付款」的设置处理。", "Money that comes later is treated as late money.";
    order_cancelled: "订单已取消。", "The order is cancelled.";
    order_not_cancelled: "没有取消：钱已到账，或订单已经结束。", "Not cancelled: money has come, or the order had ended.";
    order_deliver: "人工发货", "Deliver by hand";
    order_resend_title: "重新发送", "Send again";
    order_resend_effect(topic: &str, email: &str): "把「{topic}」再次发给 {email}。", "“{topic}” goes to {email} once more.";
    order_resend_effect_same: "编号与上一封相同，收件方可以识别重复。订单不变。", "It keeps its id, so a receiver knows the repeat. The order stays as it is.";
    order_resend_hook(topic: &str): "把「{topic}」再次推送到商店设置的地址。", "“{topic}” is posted to the shop's webhook once more.";
    order_resent: "已排队，马上发送。", "Queued; it goes out at once.";
    order_resend_running: "正在发送，没有改动。", "It is being sent right now; nothing was changed.";
    order_resend_hidden: "订单已退款或在退款，商品不再显示，不能重新发送。", "The order is refunded or being refunded and no longer shows its goods, so they are not sent again.";
    order_email_title: "查看买家邮箱", "Show the buyer's address";
    order_email_effect(no: &str): "显示订单 {no} 的完整邮箱。这次查看会记入审计日志。", "The full address of order {no} is shown. The audit log keeps that you looked.";
    order_email_shown: "买家邮箱", "The buyer's address";
    order_goods_title: "查看商品内容", "Show the goods";
    order_goods_effect(n: usize): "显示已发货的 {n} 件商品的完整内容。这次查看会记入审计日志。", one "The content of {n} delivered unit is shown. The audit log keeps that you looked.", many "The content of {n} delivered units is shown. The audit log keeps that you looked.";
    order_shown_once: "离开本页后不再显示。", "It is gone when you leave this page.";
    refund_title: "退款", "Refund";
    refund_end_title: "结束订单", "End the order";
    refund_amount_title: "退款金额", "How much goes back";
    refund_amount(currency: &str): "退款金额（{currency}）", "Amount ({currency})";
    refund_amount_hint(most: &str): "最多 {most}。退全部则订单结束，退一部分则订单不变。", "At most {most}. All of it ends the order; a part leaves it as it is.";
    refund_amount_owed(rest: &str, whole: &str): "没有发的部分是 {rest}，全部是 {whole}，只能退其中之一。", "What was not delivered is {rest}, all is {whole}; it is one of the two.";
    refund_amount_whole(whole: &str): "还没有发货，只能全部退回：{whole}。", "Nothing was delivered: all of it goes back, {whole}.";
    refund_go_on: "下一步：确认", "Next: confirm";
    refund_effect_amount(amount: &str, email: &str): "{amount} 退给 {email}。", "{amount} goes back to {email}.";
    refund_effect_route(account: &str, trade_no: &str): "经渠道账户 {account} 原路退回，原支付的渠道单号是 {trade_no}。", "It goes the way it came, through the channel account {account}, payment {trade_no}.";
    refund_effect_whole: "订单变为「退款中」，退回后变为「已退款」。订单页不再显示商品，但买家可能已经记下内容。", "The order becomes refunding, then refunded. Its page no longer shows the goods; the buyer may have copied them.";
    refund_effect_part(left: &str): "订单保持「已发货」，商品仍归买家，之后还可退 {left}。", "The order stays delivered and the buyer keeps the goods; {left} could still go back.";
    refund_effect_owed: "订单变为「退款中」，没有发的商品不再发，保留的库存在退款完成后释放。", "The order becomes refunding; what was not delivered never will be, and its stock is free once the money is back.";
    refund_effect_owed_part(n: i64): "已发的 {n} 件仍归买家。", one "The buyer keeps the {n} unit that left.", many "The buyer keeps the {n} units that left.";
    refund_effect_end: "这笔订单没有付过钱：不退任何金额，订单变为「已退款」，没有发的商品不再发。", "Nothing was paid for this order: no money moves, the order ends as refunded, and what was not delivered never will be.";
    refund_effect_mail: "退回后会发邮件告诉买家。", "The buyer is told by mail once it is back.";
    refund_no_api: "这个渠道不能自动退款。退款会变成资金个案，请在渠道后台退回，再在个案中确认。", "This channel has no refunds by itself. It becomes a money case: pay it back in the channel's own console, then say so there.";
    refund_account_off: "这个渠道账户已停用或无法启动，退款会等到它恢复。", "This channel account is off or does not start: the refund waits until it is back.";
    refund_note: "原因", "Why";
    refund_note_hint: "记入订单和审计日志，买家看不到。", "Kept with the order and in the audit log; the buyer does not see it.";
    refund_note_missing: "请写明原因", "Say why";
    refund_bad_amount: "请填写金额，例如 19.90", "Enter an amount such as 19.90";
    refund_do(amount: &str): "退款 {amount}", "Refund {amount}";
    refund_started(amount: &str): "{amount} 的退款已发起。", "The refund of {amount} is on its way.";
    refund_ended: "订单已结束，没有金额退回。", "The order has ended; no money went back.";
}

impl Words {
    /// What an event of an order's history is called; one that is not known, as it is.
    #[must_use]
    pub fn order_event(self, kind: &str) -> &str {
        match kind {
            "placed" => self.event_placed(),
            "payment_captured" => self.event_payment_captured(),
            "deadline_passed" => self.event_deadline_passed(),
            "cancel_asked" => self.event_cancel_asked(),
            "review_asked" => self.event_review_asked(),
            "delivery_began" => self.event_delivery_began(),
            "stock_missing" => self.event_stock_missing(),
            "part_delivered" => self.event_part_delivered(),
            "all_delivered" => self.event_all_delivered(),
            "refund_asked" => self.event_refund_asked(),
            "refund_confirmed" => self.event_refund_confirmed(),
            "refund_refused" => self.event_refund_refused(),
            other => other,
        }
    }

    /// Who acted, as rows name them.
    #[must_use]
    pub fn actor(self, name: &str) -> String {
        match name.split_once(':') {
            None if name == "buyer" => self.actor_buyer().to_owned(),
            None if name == "system" => self.actor_system().to_owned(),
            Some(("channel", name)) => self.actor_channel(name),
            Some(("staff", name)) => self.actor_staff(name),
            _ => name.to_owned(),
        }
    }

    /// Why an account was passed over.
    #[must_use]
    pub fn route_reason(self, code: &str) -> &str {
        match code {
            "tried" => self.route_tried(),
            "state" => self.route_state(),
            "misconfigured" => self.route_misconfigured(),
            "method" => self.route_method(),
            "currency" => self.route_currency(),
            "amount_min" => self.route_amount_min(),
            "amount_max" => self.route_amount_max(),
            "priority" => self.route_priority(),
            other => other,
        }
    }

    /// The tag of an attempt's state.
    #[must_use]
    pub fn attempt_tag(self, code: &str) -> Tag {
        let (text, tone, shape) = match code {
            "planned" => (self.attempt_planned(), Tone::Info, Shape::Ring),
            "created" => (self.attempt_created_state(), Tone::Info, Shape::Ring),
            "unknown" => (self.attempt_unknown(), Tone::Warn, Shape::Diamond),
            "refused" => (self.attempt_refused(), Tone::Bad, Shape::Square),
            "failed" => (self.attempt_failed(), Tone::Bad, Shape::Square),
            "expired" => (self.attempt_expired(), Tone::Mute, Shape::Dot),
            "closed" => (self.attempt_closed(), Tone::Mute, Shape::Dot),
            "paid" => (self.attempt_paid(), Tone::Ok, Shape::Dot),
            other => (other, Tone::Mute, Shape::Dot),
        };
        tag(text, tone, shape)
    }

    /// The tag of a refund's state.
    #[must_use]
    pub fn refund_tag(self, code: &str) -> Tag {
        let (text, tone, shape) = match code {
            "requested" => (self.refund_requested(), Tone::Info, Shape::Ring),
            "unknown" => (self.refund_unknown(), Tone::Warn, Shape::Diamond),
            "pending" => (self.refund_pending(), Tone::Info, Shape::Ring),
            "done" => (self.refund_done(), Tone::Ok, Shape::Dot),
            "failed" => (self.refund_failed(), Tone::Bad, Shape::Square),
            other => (other, Tone::Mute, Shape::Dot),
        };
        tag(text, tone, shape)
    }

    /// The tag of a promise's state.
    #[must_use]
    pub fn mail_tag(self, code: &str) -> Tag {
        let (text, tone, shape) = match code {
            "waiting" => (self.order_mail_waiting(), Tone::Mute, Shape::Ring),
            "running" => (self.order_mail_running(), Tone::Info, Shape::Ring),
            "done" => (self.order_mail_done(), Tone::Ok, Shape::Dot),
            "dead" => (self.order_mail_dead(), Tone::Bad, Shape::Square),
            other => (other, Tone::Mute, Shape::Dot),
        };
        tag(text, tone, shape)
    }

    /// The tag of what became of a notice.
    #[must_use]
    pub fn verdict_tag(self, code: &str) -> Tag {
        let (text, tone, shape) = match code {
            "accepted" => (self.verdict_accepted(), Tone::Ok, Shape::Dot),
            "pending" | "failed" | "closed" | "refund" | "ignore" => {
                (self.verdict_noted(), Tone::Mute, Shape::Dot)
            }
            "refused" => (self.verdict_refused(), Tone::Bad, Shape::Square),
            "unconfirmed" => (self.verdict_unconfirmed(), Tone::Info, Shape::Ring),
            "contradicted" => (self.verdict_contradicted(), Tone::Bad, Shape::Square),
            other => (other, Tone::Mute, Shape::Dot),
        };
        tag(text, tone, shape)
    }

    /// What a check of a notice is called.
    #[must_use]
    pub fn notice_check(self, code: &str) -> &str {
        match code {
            "form" => self.check_form(),
            "account" => self.check_account(),
            "parse" => self.check_parse(),
            "signature" => self.check_signature(),
            "freshness" => self.check_freshness(),
            "merchant" => self.check_merchant(),
            "attempt" => self.check_attempt(),
            "status" => self.check_status(),
            "amount" => self.check_amount(),
            "trade_no" => self.check_trade_no(),
            "confirmed" => self.check_confirmed(),
            other => other,
        }
    }

    /// What a receipt was when it came.
    #[must_use]
    pub fn receipt_word(self, code: &str) -> &str {
        match code {
            "captured" => self.receipt_captured(),
            "late" => self.receipt_late(),
            "duplicate" => self.receipt_duplicate(),
            "short" => self.receipt_short(),
            "over" => self.receipt_over(),
            "wrong_currency" => self.receipt_wrong_currency(),
            "unmatched" => self.receipt_unmatched(),
            other => other,
        }
    }

    /// Who brought a fact about money.
    #[must_use]
    pub fn source_word(self, code: &str) -> &str {
        match code {
            "notice" => self.source_notice(),
            "query" => self.source_query(),
            "return" => self.source_return(),
            "bill" => self.source_bill(),
            "staff" => self.source_staff(),
            other => other,
        }
    }

    /// Why money goes back.
    #[must_use]
    pub fn grounds_word(self, code: &str) -> &str {
        match code {
            "late" => self.grounds_late(),
            "no_stock_late" => self.grounds_no_stock_late(),
            "duplicate" => self.grounds_duplicate(),
            "over" => self.grounds_over(),
            "staff" => self.grounds_staff(),
            other => other,
        }
    }

    /// What a promise about an order tells.
    #[must_use]
    pub fn topic_word(self, code: &str) -> &str {
        match code {
            "order.delivered" => self.topic_delivered(),
            "order.paid_waiting" => self.topic_waiting(),
            "order.refunded" => self.topic_refunded(),
            "order.expired_refund" => self.topic_expired_refund(),
            other => other,
        }
    }

    /// The plain name of the way a promise goes out.
    #[must_use]
    pub fn promise_kind(self, code: &str) -> &str {
        match code {
            "mail" => self.promise_mail(),
            "webhook" => self.promise_webhook(),
            other => other,
        }
    }
}

pub(super) fn tag(text: &str, tone: Tone, shape: Shape) -> Tag {
    Tag {
        text: text.to_owned(),
        tone,
        shape,
    }
}
