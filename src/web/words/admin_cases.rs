//! Texts of the staff's pages about money cases, and what their words are called.

use super::admin_orders::tag;
use super::{Shape, Tag, Tone, Words};
use crate::payment::{Deed, Why};

super::catalogue! {
    // The list
    cases_state: "状态", "State";
    cases_kind: "类型", "Kind";
    cases_severity: "紧急程度", "Severity";
    cases_case: "个案", "Case";
    cases_about: "情况", "What happened";
    cases_amount: "金额", "Amount";
    cases_due: "处理期限", "Due";
    cases_order: "订单", "Order";
    cases_overdue: "已逾期", "Overdue";
    cases_empty: "没有待处理的资金个案", "No money case is open";
    cases_empty_hint: "收到的钱都有去处。有需要决定的，会出现在这里。", "All money has its place. What needs a decision appears here.";
    cases_all: "查看已结束的个案", "Show closed cases";
    case_open: "待处理", "Open";
    case_closed: "已结束", "Closed";
    case_both: "全部", "Open and closed";
    severity_critical: "紧急", "Critical";
    severity_warning: "尽快", "Soon";
    severity_notice: "留意", "Notice";

    // What a case is about
    case_late: "超时付款", "Late money";
    case_late_what: "订单超时或取消后，买家仍然付了款。", "The buyer paid after the order had expired or was cancelled.";
    case_duplicate: "重复付款", "Paid twice";
    case_duplicate_what: "订单已经付过款，又收到一笔钱。", "Money came for an order that was paid already.";
    case_short: "少付", "Too little";
    case_short_what: "收到的钱少于订单金额，商品没有发出。", "Less came than the order costs; no goods left.";
    case_over: "多付", "Too much";
    case_over_what: "收到的钱多于订单金额。", "More came than the order costs.";
    case_wrong_currency: "货币不符", "Another currency";
    case_wrong_currency_what: "收到的是另一种货币，商品没有发出。", "The money is in another currency than asked; no goods left.";
    case_no_stock: "已付款，未发货", "Paid, not delivered";
    case_no_stock_what: "订单已付款，但缺货或需要人工发货。补货后会自动发出。", "The order is paid, and goods are missing or delivered by hand. Imported stock goes out by itself.";
    case_unmatched: "无法归属", "Of no order";
    case_unmatched_what: "收到一笔钱，找不到能入账的订单。", "Money came that no order can take.";
    case_disputed: "争议", "Disputed";
    case_disputed_what: "付款人向渠道提出了争议。", "The payer contests the payment at the channel.";
    case_contradicted: "渠道说法矛盾", "Contradicted";
    case_contradicted_what: "通知说已付款，查询渠道却说没有。商品没有发出。", "The notice says paid, the channel says not. No goods left.";
    case_refund_failed: "退款没有完成", "A refund that fails";
    case_refund_failed_what: "渠道拒绝退款，或结果一直未知。请到渠道后台核对。", "The channel refuses a refund, or nobody knows its result. Look into the channel's own console.";

    // One case
    case_title(kind: &str): "资金个案：{kind}", "Money case: {kind}";
    case_facts: "个案信息", "About the case";
    case_no: "编号", "Number";
    case_owner: "负责", "Owner";
    case_owner_finance: "财务", "Finance";
    case_opened: "发现时间", "Opened";
    case_closed_at: "结束时间", "Closed";
    case_resolution: "结果", "How it ended";
    case_proposal: "建议", "Suggested";
    proposal_refund: "退款", "Send it back";
    proposal_deliver: "发货", "Deliver";
    proposal_restock: "补货，或退款", "Restock, or refund";
    proposal_investigate: "到渠道后台核对", "Look into the channel's console";
    proposal_none: "自动处理中", "Nothing; it ends by itself";
    case_record: "原始记录", "As it was recorded";
    case_evidence: "依据", "Evidence";
    case_held: "店里保留", "Held by the shop";
    case_refund: "对应退款", "Its refund";
    case_notes: "备注", "Notes";
    case_no_notes: "还没有备注。", "No notes yet.";
    case_note: "写备注", "Write a note";
    case_note_add: "添加备注", "Add note";
    case_noted: "备注已添加。", "Note added.";
    case_note_missing: "请填写备注", "Write a note";
    case_note_long: "备注最多 2,000 个字符", "A note has at most 2,000 characters";
    case_deeds: "现在可以做", "What may be done now";
    case_not_deeds: "现在不能做", "What may not, and why";
    case_nothing: "现在没有可做的操作。", "Nothing may be done now.";
    ended_refunded: "已退款", "Refunded";
    ended_delivered: "已发货", "Delivered";
    ended_stock_came: "补货后已发出", "Delivered when stock came";
    ended_free: "已结束，没有付过钱", "Ended, nothing was paid";

    // Deeds
    deed_deliver: "发货", "Deliver";
    deed_refund: "退款", "Refund";
    deed_end: "结束订单", "End the order";
    deed_went_back: "确认已退回", "It went back";
    deed_did_not: "没有退回，重新发送", "It did not: send again";
    deed_give_up: "没有退回，放弃这笔退款", "It did not: give it up";
    deed_close: "关闭个案", "Close the case";
    deed_note_hint: "写明依据，记入个案和审计日志。", "How you know. Kept with the case and in the audit log.";
    deed_done_deliver: "已发货。", "Delivered.";
    deed_done_refund: "退款已发起，退回后个案自动结束。", "The refund is on its way; the case closes when it is back.";
    deed_done_end: "订单已结束。", "The order has ended.";
    deed_done_went_back: "已记为退回。", "Booked as gone back.";
    deed_done_did_not: "退款会用原单号重新发送。", "The refund is sent again under its number.";
    deed_done_give_up: "这笔退款已放弃，钱等待新的决定。", "That refund is given up; the money waits for another decision.";
    deed_done_close: "个案已关闭。", "The case is closed.";
    effect_deliver_held(amount: &str, no: &str): "{amount} 用来支付订单 {no}，商品立即发出。", "{amount} pays order {no}, and the goods leave at once.";
    effect_deliver_excess(amount: &str): "多出的 {amount} 退回买家。", "The {amount} beyond the price goes back.";
    effect_deliver(n: i64, no: &str): "订单 {no} 还欠 {n} 件，现有的全部发出。", one "Order {no} is owed {n} unit; it leaves if it is there.", many "Order {no} is owed {n} units; all that are there leave.";
    effect_deliver_by_hand(n: i64): "其中 {n} 件由你填写内容，加密保存，只有买家能看到。", one "You write the content of {n} unit. It is sealed, and only the buyer sees it.", many "You write the content of {n} units. It is sealed, and only the buyer sees it.";
    effect_deliver_mail: "买家会收到邮件。", "The buyer is told by mail.";
    effect_refund(amount: &str, account: &str): "{amount} 经渠道账户 {account} 原路退回。", "{amount} goes back the way it came, through the channel account {account}.";
    effect_refund_order(amount: &str): "{amount} 按原来的支付方式退回。", "{amount} goes back the way it came.";
    effect_refund_held: "这笔钱不属于订单已付的部分，订单的商品不受影响。", "It is money beside the order's price: the order's goods are untouched.";
    effect_refund_rest(no: &str): "订单 {no} 没有发的部分不再发，已发的仍归买家。", "What order {no} was not delivered never will be; what left stays the buyer's.";
    effect_went_back(no: &str, amount: &str): "退款 {no}（{amount}）记为已退回，买家会收到邮件。请先在渠道后台看到它。", "Refund {no} of {amount} is booked as gone back, and the buyer is told. See it in the channel's console first.";
    effect_did_not(no: &str, amount: &str): "退款 {no}（{amount}）用同一个单号再次发送。", "Refund {no} of {amount} is sent again under the same number.";
    effect_give_up(no: &str, amount: &str): "退款 {no}（{amount}）不再发送，入账撤回，钱等待新的决定。如果渠道其实已经退回，买家会收到两次。", "Refund {no} of {amount} is not sent any more, its booking is undone and the money waits for another decision. If the channel did pay it back, the buyer may get it twice.";
    effect_close: "个案结束，不再提醒。账目和订单不变。", "The case ends and reminds nobody. Books and order stay as they are.";
    unit_content(n: usize, name: &str): "第 {n} 件的内容：{name}", "Content of unit {n}: {name}";
    unit_content_hint: "账号、密码、链接或卡密，原样发给买家，最大 64 KiB", "What the buyer gets, as you write it; at most 64 KiB";

    // Why not
    why_case_closed: "个案已经结束。", "The case is closed.";
    why_no_order: "个案没有对应的订单。", "The case has no order.";
    why_on_its_way_back: "这笔钱正在退回。", "The money is on its way back.";
    why_owes_no_goods: "订单不欠商品。", "The order owes no goods.";
    why_nothing_to_pay_with: "个案里没有剩余的钱可以支付订单。", "No money of this case is left to pay the order.";
    why_given_back: "渠道已经退回这笔钱，请在这里退款来了结。", "The channel has given this money back: refund it here.";
    why_paid_already: "订单已经付过款，请退回这笔钱。", "The order is paid already: refund this money.";
    why_other_currency: "货币与订单不同，请退回这笔钱。", "The money is in another currency: refund it.";
    why_too_little: "金额少于订单，请退回，让买家重新下单。", "Less came than the order costs: refund it, and let the buyer order again.";
    why_refund_on_its_way: "已有一笔退款在处理。", "A refund is on its way already.";
    why_worth_all: "已发的商品价值等于已付的全部金额。", "What was delivered is worth all that was paid.";
    why_nothing_to_refund: "个案里没有剩余的钱可以退。", "No money of this case is left to refund.";
    why_no_refund: "个案没有进行中的退款。", "No refund of this case is on its way.";
    why_refund_ended: "个案的退款已经结束。", "The refund of this case has ended already.";
    why_refund_held: "退款正在发送，两分钟后再看。", "The refund is being sent right now: look again in two minutes.";
    why_channel_works: "渠道正在处理这笔退款，请等它结束；如果在渠道后台看到已退回，可以确认。", "The channel works on this refund: wait for its end, or confirm it if you see that it went back.";
    why_refund_not_ended: "退款还没有结束，结束后个案自动关闭。", "Its refund has not ended; the case closes when it does.";
    why_holds_money: "个案里的钱既没有用来发货，也没有退回。", "Its money is neither delivered for nor on its way back.";
    why_goods_owed: "订单还欠商品，请发货或退款。", "Goods are still owed: deliver or refund.";
    why_not_enough: "库存不够，没有发出。", "Not enough is in stock; nothing left.";
    why_empty_content: "有一件的内容是空的。", "A content is empty.";
    why_long_content: "有一件的内容超过 64 KiB。", "A content is longer than 64 KiB.";
    why_no_money_came: "这笔订单没有收到过钱。", "No money came for this order.";
    why_not_paid: "订单没有付款。另外到账的钱在它自己的资金个案里处理。", "The order is not paid. Money that came for it all the same has a case of its own.";
    why_all_back: "可退的部分已经全部退回，或正在退回。", "All of it has gone back already, or is on its way.";
    why_part_on_its_way: "有一部分正在退回。退得少一些，或等它结束。", "A part of it is on its way back: refund less, or wait for its end.";
    why_rest_or_whole: "只能退没有发的部分，或全部。", "Refund what was not delivered, or all.";
    why_out_of_range: "金额要大于零，且不超过还可退的金额。", "The amount is more than nothing, and at most what can still go back.";
    why_meanwhile: "这笔订单刚刚有了新的变化，没有执行。请核对后再决定。", "Something changed about this order meanwhile, and nothing was done. Look again, then decide.";
    why_contents(owed: i64, given: i64): "需要 {owed} 件的内容，收到 {given} 件。", "{owed} contents are needed, {given} came.";
}

impl Words {
    /// What a kind of case is called, and what it means.
    #[must_use]
    pub fn case_kind(self, code: &str) -> (&str, &'static str) {
        match code {
            "late" => (self.case_late(), self.case_late_what()),
            "duplicate" => (self.case_duplicate(), self.case_duplicate_what()),
            "short" => (self.case_short(), self.case_short_what()),
            "over" => (self.case_over(), self.case_over_what()),
            "wrong_currency" => (self.case_wrong_currency(), self.case_wrong_currency_what()),
            "no_stock" => (self.case_no_stock(), self.case_no_stock_what()),
            "unmatched" => (self.case_unmatched(), self.case_unmatched_what()),
            "disputed" => (self.case_disputed(), self.case_disputed_what()),
            "contradicted" => (self.case_contradicted(), self.case_contradicted_what()),
            "refund_failed" => (self.case_refund_failed(), self.case_refund_failed_what()),
            other => (other, ""),
        }
    }

    /// The tag of a case's state.
    #[must_use]
    pub fn case_tag(self, code: &str) -> Tag {
        match code {
            "open" => tag(self.case_open(), Tone::Hold, Shape::Bar),
            "closed" => tag(self.case_closed(), Tone::Mute, Shape::Dot),
            other => tag(other, Tone::Mute, Shape::Dot),
        }
    }

    /// The tag of how soon to look.
    #[must_use]
    pub fn severity_tag(self, code: &str) -> Tag {
        match code {
            "critical" => tag(self.severity_critical(), Tone::Bad, Shape::Square),
            "warning" => tag(self.severity_warning(), Tone::Warn, Shape::Diamond),
            "notice" => tag(self.severity_notice(), Tone::Info, Shape::Ring),
            other => tag(other, Tone::Mute, Shape::Dot),
        }
    }

    /// What the shop would do about a case.
    #[must_use]
    pub fn case_proposal_word(self, code: &str) -> &str {
        match code {
            "refund" => self.proposal_refund(),
            "deliver" => self.proposal_deliver(),
            "restock_or_refund" => self.proposal_restock(),
            "investigate" => self.proposal_investigate(),
            "none" => self.proposal_none(),
            other => other,
        }
    }

    /// How a case ended: the shop's own words translated, a person's as they wrote them.
    #[must_use]
    pub fn case_ended(self, resolution: &str) -> &str {
        match resolution {
            "refunded" => self.ended_refunded(),
            "delivered" => self.ended_delivered(),
            "delivered when stock came" => self.ended_stock_came(),
            "ended, nothing was paid" => self.ended_free(),
            other => other,
        }
    }

    /// What a deed is called.
    #[must_use]
    pub fn deed(self, deed: Deed) -> &'static str {
        match deed {
            Deed::Deliver => self.deed_deliver(),
            Deed::Refund => self.deed_refund(),
            Deed::WentBack => self.deed_went_back(),
            Deed::DidNotGoBack => self.deed_did_not(),
            Deed::GiveUp => self.deed_give_up(),
            Deed::Close => self.deed_close(),
        }
    }

    /// What it has done.
    #[must_use]
    pub fn deed_done(self, deed: Deed) -> &'static str {
        match deed {
            Deed::Deliver => self.deed_done_deliver(),
            Deed::Refund => self.deed_done_refund(),
            Deed::WentBack => self.deed_done_went_back(),
            Deed::DidNotGoBack => self.deed_done_did_not(),
            Deed::GiveUp => self.deed_done_give_up(),
            Deed::Close => self.deed_done_close(),
        }
    }

    /// Why something may not be done now.
    #[must_use]
    pub fn why(self, why: Why) -> &'static str {
        match why {
            Why::CaseClosed => self.why_case_closed(),
            Why::NoOrder => self.why_no_order(),
            Why::OnItsWayBack => self.why_on_its_way_back(),
            Why::OwesNoGoods => self.why_owes_no_goods(),
            Why::NothingToPayWith => self.why_nothing_to_pay_with(),
            Why::GivenBack => self.why_given_back(),
            Why::PaidAlready => self.why_paid_already(),
            Why::OtherCurrency => self.why_other_currency(),
            Why::TooLittle => self.why_too_little(),
            Why::RefundOnItsWay => self.why_refund_on_its_way(),
            Why::WorthAll => self.why_worth_all(),
            Why::NothingToRefund => self.why_nothing_to_refund(),
            Why::NoRefund => self.why_no_refund(),
            Why::RefundEnded => self.why_refund_ended(),
            Why::RefundHeld => self.why_refund_held(),
            Why::ChannelWorks => self.why_channel_works(),
            Why::RefundNotEnded => self.why_refund_not_ended(),
            Why::HoldsMoney => self.why_holds_money(),
            Why::GoodsOwed => self.why_goods_owed(),
            Why::NotEnough => self.why_not_enough(),
            Why::EmptyContent => self.why_empty_content(),
            Why::LongContent => self.why_long_content(),
            Why::NoMoneyCame | Why::NoMoney => self.why_no_money_came(),
            Why::NotPaid => self.why_not_paid(),
            Why::AllBack => self.why_all_back(),
            Why::PartOnItsWay => self.why_part_on_its_way(),
            Why::RestOrWhole => self.why_rest_or_whole(),
            Why::OutOfRange => self.why_out_of_range(),
            Why::Meanwhile => self.why_meanwhile(),
        }
    }
}
