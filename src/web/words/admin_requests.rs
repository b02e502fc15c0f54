//! Texts of the staff's pages about what buyers ask after paying.

use super::Words;
use crate::request::RequestKind;

super::catalogue! {
    // The list
    threads_about: "问题类型", "About";
    threads_state: "状态", "State";
    threads_order: "订单", "Order";
    threads_asked: "提出时间", "Asked";
    threads_changed: "最近更新", "Last change";
    threads_messages: "消息", "Messages";
    threads_all_states: "全部", "All";
    threads_waiting(n: i64): "{n} 个售后请求等待你回复。", one "{n} request waits for an answer from you.", many "{n} requests wait for an answer from you.";
    threads_waiting_many(n: i64): "{n} 个以上售后请求等待你回复。", "More than {n} requests wait for an answer from you.";
    threads_empty: "没有等待回复的售后请求", "No request waits for an answer";
    threads_empty_hint: "买家付款后在订单页写给你的话，会出现在这里。", "What buyers write on their order's page after paying appears here.";
    threads_show_all: "查看全部售后请求", "Show all requests";

    // One request
    thread_title(about: &str): "售后：{about}", "Request: {about}";
    thread_not_working: "商品用不了", "It does not work";
    thread_refund: "申请退款", "Money back";
    thread_other: "其他问题", "Something else";
    thread_said: "对话", "What was said";
    thread_unopened: "这条消息无法解密。", "This message does not open with the shop's key.";
    thread_answer: "回复买家", "Answer the buyer";
    thread_answer_hint(most: usize): "最多 {most} 字。回复会显示在买家的订单页，并发到下单时填写的邮箱。", "Up to {most} characters. The buyer reads it on the order's page and gets it by email.";
    thread_words: "回复内容", "Your answer";
    thread_send: "发送回复", "Send the answer";
    thread_full(most: i64): "对话已有 {most} 条消息，不能再写。结束后买家可以提出新的请求。", "The thread has {most} messages and takes no more. Once it is closed, the buyer can open a new one.";
    thread_over: "请求已结束，不能再写。买家可以提出新的请求。", "The request is closed and takes no more messages. The buyer can open a new one.";
    thread_facts: "请求信息", "About the request";
    thread_closed_at: "结束时间", "Closed";
    thread_close: "结束请求", "Close the request";
    thread_close_hint: "结束后双方都不能再写，买家可以提出新的请求。", "Nobody can write in it afterwards; the buyer can open a new one.";
    thread_the_order: "订单信息", "The order";
    thread_goods: "商品（已发/共）", "Goods (delivered/bought)";
    thread_open_order: "打开订单", "Open the order";
    thread_resend: "重新发送商品邮件", "Mail the goods again";
    thread_others: "这个订单的其他请求", "Other requests of this order";
    thread_of_order: "售后请求", "Requests";
    thread_none_of_order: "买家没有提出售后请求。", "The buyer has not asked for anything.";

    // What came of it
    thread_answered: "回复已发出，买家会收到邮件。", "Answered. The buyer gets it by email.";
    thread_ended: "请求已结束。", "The request is closed.";
    thread_err_words(most: usize): "请填写 1 到 {most} 字，不含控制字符", "Write 1 to {most} characters, without control characters";
    thread_err_moved: "你打开页面后有新的消息，没有发出。请先看新消息，再发送。", "More was said after you opened this page, so nothing was sent. Read it, then send again.";
    thread_err_moved_close: "你打开页面后有新的消息，没有结束。请先看新消息。", "More was said after you opened this page, so it was not closed. Read it first.";
    thread_err_closed: "请求已被结束，没有发出。", "The request was closed meanwhile; nothing was sent.";
}

impl Words {
    /// What a request is about, as the staff reads it.
    #[must_use]
    pub const fn thread_kind(self, kind: RequestKind) -> &'static str {
        match kind {
            RequestKind::NotWorking => self.thread_not_working(),
            RequestKind::Refund => self.thread_refund(),
            RequestKind::Other => self.thread_other(),
        }
    }
}
