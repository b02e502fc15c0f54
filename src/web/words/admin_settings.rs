//! Texts of the page of settings.

super::catalogue! {
    settings_shop: "店铺", "Shop";
    settings_name: "店名", "Shop name";
    settings_name_en: "英文店名", "Shop name in English";
    settings_name_en_hint: "留空时，英文页面也用上面的店名", "Empty: English pages use the name above";
    settings_currency: "默认币种", "Usual currency";
    settings_currency_hint: "新商品用它；已有商品的币种不变", "New products use it; existing ones keep theirs";
    settings_time_zone: "时区", "Time zone";
    settings_time_zone_hint: "页面和邮件里的时间按它显示，例如 Asia/Shanghai", "Times on pages and in mails, such as Asia/Shanghai";
    settings_contact: "联系方式", "How to reach you";
    settings_contact_hint: "邮箱或链接，显示在页面和邮件里", "An address or a link, shown on pages and in mails";
    settings_mail: "邮件", "Mail";
    settings_mail_from: "发件人", "Sender";
    settings_mail_from_hint: "例如 shop@example.com，或 店名 <shop@example.com>", "Such as shop@example.com, or Name <shop@example.com>";
    settings_admin_email: "接收告警的邮箱", "Where alerts go";
    settings_admin_email_hint: "资金个案、库存不足等告警发到这里，留空不发", "Money cases, low stock and other alerts; empty for none";
    settings_mail_goods: "邮件里带上商品内容", "Put the goods into mails";
    settings_mail_goods_hint: "关闭后，邮件只带订单链接，买家打开订单页查看", "Off: mails only link to the order, where the buyer sees them";
    settings_orders: "订单与限制", "Orders and limits";
    settings_minutes: "付款时限（分钟）", "Minutes to pay";
    settings_minutes_hint: "1 到 1440。过时未付的订单关闭，库存放回", "1 to 1440. Unpaid orders then expire and their stock is free again";
    settings_per_network: "每个网络未付款的件数上限", "Unpaid units per network";
    settings_per_network_hint: "同一网络的未付款订单合计最多占用这么多件", "What unpaid orders of one network may hold together";
    settings_per_email: "每个邮箱未付款的件数上限", "Unpaid units per address";
    settings_per_email_hint: "同一邮箱的未付款订单合计最多占用这么多件", "What unpaid orders of one email address may hold together";
    settings_late: "迟到的款项", "Late money";
    settings_late_money: "订单过期或取消后才到账时", "Money that comes after an order expired or was cancelled";
    settings_late_deliver: "有货就发货，没货退款", "Deliver if there is stock, otherwise send it back";
    settings_late_refund: "一律退款", "Always send it back";
    settings_webhook: "Webhook 通知", "Webhook";
    settings_webhook_url: "接收地址", "Address";
    settings_webhook_url_hint: "发货后向它发送签名的通知，留空不发", "Told of every delivery, signed; empty for none";
    settings_webhook_secret: "签名密钥", "Signing secret";
    settings_webhook_set: "已设置，不再显示。留空保持不变。", "It is set and never shown. Leave it empty to keep it.";
    settings_webhook_unset: "还没有设置。粘贴自己的 whsec_… 密钥，或生成一个。", "It is not set. Paste a whsec_… secret of your own, or make one.";
    settings_webhook_new: "生成新的签名密钥", "Make a new signing secret";
    settings_webhook_new_1: "新的密钥只显示一次，请随即填到接收方。", "The new secret is shown once. Enter it at the receiver at once.";
    settings_webhook_new_2: "旧密钥立刻作废，之后的通知都用新密钥签名。", "The old one ends at once; every notice from then on is signed with the new one.";
    settings_webhook_made: "这是新的签名密钥", "This is the new signing secret";
    settings_webhook_made_hint: "离开这一页后就看不到了。", "It cannot be seen again after you leave this page.";
    settings_saved: "设置已保存，一秒内生效。", "The settings were saved and take effect within a second.";
    settings_same: "没有改动。", "Nothing was changed.";
    settings_moved: "有人在你之前改了设置，没有保存。下面是你填写的内容，核对后重新打开这一页再改。", "Somebody changed the settings before you, so nothing was saved. Below is what you typed; open the page again to see theirs.";
    settings_proof_when: "更改 Webhook 或接收告警的邮箱时需要。", "Needed to change the webhook or where alerts go.";
}
