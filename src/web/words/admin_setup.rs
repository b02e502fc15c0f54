//! Texts of the setup of a new shop.

super::catalogue! {
    setup_title: "开店向导", "Set up the shop";
    setup_lead: "五步就能开卖。每一步都可以跳过，以后再回来做。", "Five steps until you sell. Each can be skipped and come back to.";
    setup_all_done: "全部完成，商店可以营业了。", "All done. The shop is ready to sell.";
    setup_step(at: &usize, of: &usize): "第 {at} 步，共 {of} 步", "Step {at} of {of}";
    setup_done: "已完成", "Done";
    setup_open: "去完成", "Do this";
    setup_again: "再看一次", "Look again";
    setup_skip: "跳过", "Skip";
    setup_save: "保存并继续", "Save and go on";
    setup_all: "全部步骤", "All steps";
    setup_moved: "有人同时改了设置，没有保存。请再保存一次。", "Somebody changed the configuration at the same moment. Nothing was saved; save again.";
    setup_kinds: "渠道类型", "Kinds of channel";

    setup_shop: "商店", "The shop";
    setup_shop_lead: "名称、币种、时区和联系方式。", "Its name, currency, time zone and contact.";
    setup_name: "商店名称", "Name of the shop";
    setup_name_en: "英文名称", "English name";
    setup_name_en_hint: "留空则用商店名称", "Blank uses the name of the shop";
    setup_currency_hint: "新商品默认使用的币种", "New products use it unless they say otherwise";
    setup_zone: "时区", "Time zone";
    setup_zone_hint: "例如 Asia/Shanghai", "Such as Asia/Shanghai";
    setup_contact: "联系方式", "Contact";
    setup_contact_hint: "邮箱或链接，显示给买家", "An address or a link, shown to buyers";
    setup_bad_name: "请填写 1 到 60 个字符的名称", "Use a name of 1 to 60 characters";
    setup_bad_name_en: "英文名称最多 60 个字符", "The English name has at most 60 characters";
    setup_bad_zone: "没有这个时区，请填写类似 Asia/Shanghai 的名称", "No such time zone. Use a name such as Asia/Shanghai";
    setup_bad_contact: "联系方式最多 200 个字符，只能是一行", "Use one line of at most 200 characters";

    setup_channel: "收款渠道", "A way to be paid";
    setup_channel_lead: "添加第一个收款账户。", "Add the first account at a channel.";
    setup_account: "账户", "Account";
    setup_accounts_there(ids: &str): "已有账户：{ids}。可以再添加一个，或继续下一步。", "Accounts there already: {ids}. Add another one, or go on.";
    setup_id: "账户代码", "Account code";
    setup_id_hint: "你自己取的名字，例如 epay-main", "A name of your own, such as epay-main";
    setup_url: "渠道地址", "Address of the channel";
    setup_url_hint: "以 https:// 开头，不含最后的 /", "Begins with https://, without a / at its end";
    setup_methods: "支付方式", "Ways to pay";
    setup_credentials: "密钥", "Credentials";
    setup_credentials_lead: "加密保存，保存后不再显示。", "Stored encrypted and never shown again.";
    setup_kind_epay: "易支付", "epay";
    setup_kind_sandbox: "沙箱（试用）", "Sandbox (to try out)";
    setup_version: "接口版本", "Version of the interface";
    setup_merchant: "商户号", "Merchant number";
    setup_key: "商户密钥", "Merchant key";
    setup_private_key: "商户私钥（PEM）", "Merchant private key (PEM)";
    setup_public_key: "平台公钥（PEM）", "Platform public key (PEM)";
    setup_only_v2: "仅 V2 需要", "For V2 only";
    setup_account_added(id: &str): "账户 {id} 已添加，可以收款了。", "The account {id} was added and takes orders.";
    setup_bad_id: "账户代码用 1 到 40 个字母、数字、- 或 _", "Use 1 to 40 letters, digits, - or _";
    setup_bad_url: "请填写 https:// 开头的地址", "Use an address that begins with https://";
    setup_bad_methods: "至少选择一种支付方式", "Choose at least one way to pay";
    setup_bad_method: "这个渠道不支持所选的支付方式", "The channel does not serve what you chose";
    setup_bad_currency: "这个渠道不收商店的币种", "The channel does not collect the currency of the shop";
    setup_bad_credential(reason: &str): "这个密钥不能用：{reason}", "This cannot be used: {reason}";

    setup_mail: "邮件", "Mail";
    setup_mail_lead: "谁来发信，提醒发到哪里，再发一封测试邮件。", "Who sends, where alerts go, and a test mail.";
    setup_from: "发件人", "Sender";
    setup_from_hint: "例如 云栈数码 <shop@example.com>", "Such as Cloudstack <shop@example.com>";
    setup_admin: "提醒邮箱", "Alerts go to";
    setup_admin_hint: "库存不足、资金个案等提醒会发到这里，测试邮件也是", "Low stock and money cases are told here; the test mail goes here too";
    setup_mail_test: "保存并发测试邮件", "Save and send a test mail";
    setup_mail_sent: "商店已经发出过邮件。", "The shop has sent mail.";
    setup_mail_queued: "测试邮件已在发送队列中，几秒后刷新本页查看结果。", "The test mail is in the queue. Reload this page in a few seconds to see that it left.";
    setup_mail_wait: "刚刚发过一封，请稍等再试。", "One was sent a moment ago. Wait a little.";
    setup_mail_body: "这是一封测试邮件。收到它，说明商店的邮件设置可用。", "This is a test mail. That it arrived shows that the shop can send mail.";
    setup_bad_mail: "请填写有效的邮箱，例如 li@example.com", "Enter an email address such as li@example.com";

    setup_product: "第一件商品", "A first product";
    setup_product_lead: "名称、价格，再粘贴卡密。", "A name, a price, and cards to paste.";
    setup_price(code: &str): "价格（{code}）", "Price ({code})";
    setup_cards: "卡密", "Cards";
    setup_cards_hint: "每行一条，加密保存；以后可以在库存里导入更多", "One a line, stored encrypted. More can be imported later";
    setup_bad_cards(lines: &str): "这些行不能作为卡密：{lines}", "These lines cannot be cards: {lines}";
    setup_shelf: "默认分类", "General";
    setup_product_added(new: usize, known: usize): "商品已创建，导入卡密 {new} 条，重复 {known} 条。", "The product was created with {new} cards; {known} were known already.";

    setup_finish: "下一笔试单", "An order of your own";
    setup_finish_lead: "像买家一样买一次，从付款到收货。", "Buy once as a buyer does, from paying to the goods.";
    setup_finish_hint: "在新窗口打开商品页，填写你的邮箱，下单并付款。收到商品后，这一步就完成了。", "Open a product in a new window, enter your email, order and pay. This step is done once the goods have arrived.";
    setup_finish_sandbox: "现在只有沙箱账户，付款不会产生真实扣款。", "Only the sandbox takes orders now: nothing real is charged.";
    setup_finish_real(price: &str): "会真实付款。可以先创建一件 {price} 的测试商品，试完再下架。", "You will really pay. Make a test product of {price} first, and take it off sale afterwards.";
    setup_finish_nothing: "还没有可以买的商品。先添加一件，并导入卡密。", "There is nothing to buy yet. Add a product with cards first.";
    setup_finish_no_account: "还没有可用的收款账户。", "No account takes orders yet.";
    setup_buy: "打开商品页", "Open the product";
    setup_buy_test: "打开测试商品", "Open the test product";
    setup_make_test(price: &str): "创建 {price} 的测试商品", "Make a test product of {price}";
    setup_test_made: "测试商品已创建。试完后请把它下架。", "The test product was made. Take it off sale when you are done.";
    setup_test_edit: "下架测试商品", "Take the test product off sale";
    setup_test_product: "测试订单", "Test order";
    setup_test_content: "测试成功：付款和发货都正常。", "It works: the payment arrived and the goods left.";
    setup_order_done: "已经有订单发货成功。", "An order has been delivered.";
}
