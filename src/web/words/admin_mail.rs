//! Texts of the pages of mail.

super::catalogue! {
    mail_queue: "发送队列", "Queue";
    mail_templates: "邮件文字", "Mail texts";
    mail_tabs: "邮件页面", "Mail pages";
    mail_at: "时间", "Time";
    mail_topic: "内容", "About";
    mail_kind: "方式", "By";
    mail_state: "状态", "State";
    mail_tries: "次数", "Tries";
    mail_next: "下次尝试", "Next try";
    mail_error: "最近的错误", "Last error";
    mail_empty: "还没有邮件", "There is no mail yet";
    mail_empty_hint: "有订单付款后，发给买家的邮件会出现在这里。", "Mails to buyers appear here once an order is paid.";
    mail_kind_mail: "邮件", "Mail";
    mail_kind_webhook: "Webhook", "Webhook";
    mail_waiting: "等待发送", "Waiting";
    mail_running: "发送中", "Sending";
    mail_done: "已送出", "Sent";
    mail_dead: "没有送出", "Given up";
    mail_delivered: "商品已发货", "Goods delivered";
    mail_paid_waiting: "已收款，等待发货", "Paid, goods to follow";
    mail_refunded: "已退款", "Refunded";
    mail_expired_refund: "过期订单的款项退回", "Late money goes back";
    mail_admin_alert: "给你的告警", "Alert to you";
    mail_low_stock: "库存不足提醒", "Low stock";
    mail_buyer_link: "查单链接", "Link to orders";
    mail_buyer_reply: "售后回复", "Answer to a request";
    mail_admin_request: "售后请求", "Request of a buyer";
    mail_nobody: "没有收件人，或已过时效，这封邮件不会发出。", "There is nobody to tell, or its time is over: this mail is not sent.";
    mail_test_topic: "测试邮件", "Test mail";

    // One of them
    mail_facts: "发送情况", "How it went";
    mail_created: "创建时间", "Promised";
    mail_sent_at: "送出时间", "Sent";
    mail_order: "订单", "Order";
    mail_resend: "重新发送", "Send again";
    mail_resend_hint: "马上再发一次，编号不变，收件方能认出是同一封。", "It is sent again at once under its number, so the receiver can tell it is the same.";
    mail_resent: "已排到队列最前，马上发送。", "It is due now and will be sent at once.";
    mail_in_hand: "这一封正在发送，没有重复排队。", "It is being sent at this moment, so nothing was queued.";
    mail_letter: "现在发送的话，内容如下", "What would be sent now";
    mail_letter_hint: "商品内容和收件地址已隐藏，订单链接不带口令。", "Goods and address are hidden here, and the link carries no token.";
    mail_to: "收件人", "To";
    mail_subject: "标题", "Subject";
    mail_text_part: "纯文本部分", "Plain part";
    mail_html_part: "HTML 部分的源码", "Source of the HTML part";
    mail_unread(why: &str): "现在生成不了这封邮件：{why}", "This mail cannot be made now: {why}";
    mail_webhook_hint: "Webhook 的内容只发给接收方，不在这里显示。", "What a webhook says goes to its receiver and is not shown here.";
    mail_eml: "下载完整邮件", "Download the whole mail";
    mail_eml_hint: "完整的 .eml 文件里有商品内容和能打开订单的链接，下载会记入审计日志。", "The .eml file holds the goods and a link that opens the order. Downloading it is written into the audit log.";

    // The owner's texts
    mail_templates_hint: "给买家的邮件可以换标题，并在开头和结尾加上自己的话。商品、订单链接和其他内容保持不变。", "Mails to buyers can have a subject, an opening and a closing of your own. The goods, the link and everything else stay as they are.";
    mail_language: "语言", "Language";
    mail_texts: "文字", "Texts";
    mail_usual: "默认文字", "Usual";
    mail_own_since: "自定义，改于", "Own, since";
    mail_change: "更改", "Change";
    mail_template_title(topic: &str, lang: &str): "{topic}（{lang}）", "{topic} ({lang})";
    mail_subject_hint: "留空用默认标题", "Empty for the usual subject";
    mail_opening: "开头", "Opening";
    mail_opening_hint: "放在商品前面，留空不加", "Before the goods; empty for none";
    mail_closing: "结尾", "Closing";
    mail_closing_hint: "放在订单信息后面，留空不加", "After the order's facts; empty for none";
    mail_placeholders: "可以使用的占位符", "What you may put in";
    mail_placeholder_shop: "店名", "the shop's name";
    mail_placeholder_order_no: "订单号", "the order's number";
    mail_placeholder_item: "商品名", "what was bought";
    mail_placeholder_amount: "订单金额", "the whole amount";
    mail_preview: "预览", "Preview";
    mail_look: "预览：示例订单的邮件", "Preview: the mail of a sample order";
    mail_template_saved: "文字已保存，之后发送的邮件会使用它。", "The texts were saved and are in every mail from now on.";
    mail_template_moved: "有人在你之前改了这些文字，没有保存。重新打开这一页再改。", "Somebody changed these texts before you, so nothing was saved. Open the page again.";
    mail_template_reset: "已恢复默认文字。", "The usual texts are back.";
    mail_reset: "恢复默认文字", "Bring the usual texts back";
    mail_fault_control: "不能有控制字符或隐藏字符", "It must not hold control characters or hidden ones";
    mail_fault_long(n: &usize): "最多 {n} 个字", "At most {n} characters";
    mail_fault_placeholder(name: &str): "没有 {{{name}}} 这个占位符，只能用下面列出的", "{{{name}}} is nothing that can be put in; use those listed below";
    mail_test: "发送测试邮件", "Send a test mail";
    mail_test_hint: "用已保存的文字和示例订单发一封，先保存再测试。", "One mail with the saved texts and a sample order; save before you test.";
    mail_test_to: "发到这个邮箱", "To this address";
    mail_test_send: "发送", "Send";
    mail_test_sent(to: &str): "测试邮件正在发往 {to}。", "The test mail is on its way to {to}.";
    mail_test_limit(n: &usize): "这个小时已发了 {n} 封测试邮件，请过一会再试", "{n} test mails went out in this hour; try again later";
}
