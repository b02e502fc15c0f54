//! Texts of the channel accounts' pages.

super::catalogue! {
    accounts_new: "添加账户", "Add account";
    accounts_new_title: "添加渠道账户", "Add a channel account";
    accounts_edit_title(id: &str): "更改 {id}", "Change {id}";
    accounts_edit: "更改", "Change";
    accounts_state: "状态", "State";
    accounts_enabled: "接单中", "Taking orders";
    accounts_draining: "只收尾", "Winding down";
    accounts_off: "已停用", "Off";
    accounts_broken: "不能启动", "Does not start";
    accounts_broken_title: "这个账户不能启动，不接单，也不收通知。", "This account does not start. It takes no orders and no notices.";
    accounts_cannot_start: "这个账户不能启动，没有启用。先在「更改」里改正设置。", "This account does not start, so it was not enabled. Correct it under Change first.";
    accounts_moved: "有人在你之前改了这个账户，没有保存。重新打开这一页再试。", "Somebody changed this account before you, so nothing was saved. Open the page again.";
    accounts_kind_epay: "易支付", "epay";
    accounts_kind_epay_hint: "V1（MD5）和 V2（RSA）接口的易支付平台，只收人民币。", "epay platforms by V1 (MD5) or V2 (RSA); yuan only.";
    accounts_kind_sandbox: "沙盒", "Sandbox";
    accounts_kind_sandbox_hint: "随 Vendgate 附带的测试网关，用来试下单，不动真钱。", "The test gateway that comes with Vendgate, for orders without real money.";
    accounts_choose_kind: "先选渠道类型", "Choose the kind of channel first";
    accounts_empty: "还没有渠道账户", "There is no channel account yet";
    accounts_empty_hint: "添加一个账户后，买家才能付款。", "Buyers can pay once you have added one.";
    accounts_last_paid: "最近入账", "Last paid";
    accounts_last_notice: "最近通知", "Last notice";
    accounts_open: "进行中的付款", "Open payments";
    accounts_many_open: "100 以上", "100 or more";
    accounts_never: "没有", "Never";
    accounts_limits: "单笔限额", "Limits";
    accounts_no_limit: "不限", "None";
    accounts_from(min: &str): "{min} 起", "From {min}";
    accounts_up_to(max: &str): "最多 {max}", "Up to {max}";
    accounts_between(min: &str, max: &str): "{min} 到 {max}", "{min} to {max}";

    // The form
    accounts_general(kind: &str): "{kind}账户", "{kind} account";
    accounts_money: "费用与限额", "Fees and limits";
    accounts_id: "账户名", "Name";
    accounts_id_hint: "自己起的名字，例如 epay-main，以后不能改。字母、数字、- 和 _，最多 40 个。", "Your own name for it, such as epay-main; it stays for good. Up to 40 letters, digits, - and _.";
    accounts_id_wrong: "账户名需要 1 到 40 个字母、数字、- 或 _", "A name has 1 to 40 letters, digits, - or _";
    accounts_id_taken: "已有同名的账户，换一个名字", "There is an account of this name already; choose another";
    accounts_kind: "渠道", "Channel";
    accounts_methods: "支付方式", "Ways to pay";
    accounts_methods_wrong: "至少选一种支付方式", "Choose at least one way to pay";
    accounts_base_url: "网关地址", "Gateway address";
    accounts_base_url_hint: "平台给的地址，例如 https://pay.example.com", "As the platform gives it, such as https://pay.example.com";
    accounts_currency: "币种", "Currency";
    accounts_currency_wrong: "请选择币种", "Choose a currency";
    accounts_fee: "费率（%）", "Fee (%)";
    accounts_fee_short: "费用", "Fee";
    accounts_fee_hint: "例如 0.6 表示 0.6%", "0.6 means 0.6%";
    accounts_fee_wrong: "费率是 0 到 100 的数，最多 4 位小数，例如 0.6", "The fee is a number from 0 to 100 with at most 4 decimals, such as 0.6";
    accounts_fixed: "每笔固定费用", "Fixed fee";
    accounts_fixed_hint: "按元填写，例如 0.1", "In whole units, such as 0.1";
    accounts_min: "最小金额", "Smallest payment";
    accounts_max: "最大金额", "Largest payment";
    accounts_limit_hint: "按元填写，留空不限", "In whole units; empty for no limit";
    accounts_priority: "优先级", "Priority";
    accounts_priority_hint: "数字小的先用", "Smaller goes first";
    accounts_priority_wrong: "优先级是 0 或更大的整数", "The priority is a whole number, 0 or more";
    accounts_credentials: "密钥", "Credentials";
    accounts_credentials_new: "保存后加密存放，以后不再显示。", "They are stored encrypted and never shown again.";
    accounts_credentials_keep: "已保存的密钥不再显示。留空保持不变，只填要换的；换接口版本时要全部重填。", "Stored credentials are never shown. Leave a field empty to keep it and fill in only what changes; another version needs all of them again.";
    accounts_cred_version: "接口版本", "Version";
    accounts_cred_version_hint: "看平台的接口文档：有 mapi.php 的是 V1，有 /api/pay/ 的是 V2", "See the platform's manual: mapi.php is V1, /api/pay/ is V2";
    accounts_cred_pid: "商户号（pid）", "Merchant number (pid)";
    accounts_cred_merchant: "商户号", "Merchant";
    accounts_cred_key: "密钥", "Key";
    accounts_cred_key_hint: "易支付 V2 不填这一项", "Leave empty for epay V2";
    accounts_cred_private: "商户私钥", "Merchant's private key";
    accounts_cred_private_hint: "只用于易支付 V2，PEM 或一行 base64", "For epay V2 only; PEM or one line of base64";
    accounts_cred_public: "平台公钥", "Platform's public key";
    accounts_cred_public_hint: "只用于易支付 V2，从平台后台复制", "For epay V2 only, copied from the platform";
    accounts_choose: "请选择", "Choose";
    accounts_keep: "保持不变", "Keep as it is";
    accounts_proof_when: "添加账户、换网关地址或密钥时需要。", "Needed for a new account, and when the address or a key changes.";
    proof_title: "确认是你本人", "Is it you";
    accounts_created: "账户已添加，还没有接单。先测试，再启用。", "The account was added and takes no orders yet. Test it, then enable it.";
    accounts_saved: "账户已保存。", "The account was saved.";

    // One account
    accounts_facts: "设置", "Set up as";
    accounts_changed: "最近更改", "Last changed";
    accounts_callback: "通知地址", "Callback address";
    accounts_callback_hint: "填到平台后台的异步通知地址里；每笔付款也会自动带上它。", "Enter it at the platform as the address for notices; every payment carries it as well.";
    accounts_health: "运行情况", "How it does";
    accounts_orders: "接单", "Orders";
    accounts_enabled_means: "新订单可以用它付款。", "New orders can be paid through it.";
    accounts_draining_means: "不接新订单；已有付款的通知、查询和退款照常。", "No new orders. Notices, questions and refunds of earlier payments go on.";
    accounts_off_means: "什么都不做：不接单，不收通知，不查询，不退款。", "It does nothing: no orders, no notices, no questions, no refunds.";

    // Letting it take orders or not
    accounts_effects: "确认之后", "What happens then";
    accounts_enable: "启用", "Enable";
    accounts_drain: "改为只收尾", "Wind down";
    accounts_turn_off: "停用", "Turn off";
    accounts_enable_title(id: &str): "启用 {id}", "Enable {id}";
    accounts_drain_title(id: &str): "让 {id} 只收尾", "Let {id} wind down";
    accounts_off_title(id: &str): "停用 {id}", "Turn off {id}";
    accounts_enable_1: "一秒内，新订单可以用这个账户付款。", "Within a second, new orders can be paid through this account.";
    accounts_enable_2: "买家的钱会进入这个账户的商户号。", "Buyers' money goes to the merchant of this account.";
    accounts_drain_1: "一秒内，新订单不再用这个账户。", "Within a second, new orders no longer use this account.";
    accounts_drain_2: "已打开的付款照常：通知照收，结果照查，退款照发。", "Payments that are open go on: notices are taken, results asked for, refunds sent.";
    accounts_off_1: "一秒内，新订单不再用这个账户，它的通知会被拒绝。", "Within a second, new orders no longer use this account and its notices are refused.";
    accounts_off_2: "已打开的付款不再查询，退款停在原处，直到重新启用。只想停止接单时，请用「只收尾」。", "Open payments are no longer asked about, and refunds wait until it is enabled again. To stop taking orders only, let it wind down.";
    accounts_open_now(n: i64): "现在有 {n} 笔付款正在进行。", one "{n} payment is open now.", many "{n} payments are open now.";
    accounts_methods_lost(methods: &str): "没有别的账户提供：{methods}。买家将看不到这些方式。", "No other account offers {methods}. Buyers will no longer see that.";
    accounts_turned(id: &str, state: &str): "{id} 的状态现在是「{state}」。", "{id} is now: {state}.";

    // Testing it
    accounts_test: "现在测试", "Test now";
    accounts_test_wait: "刚刚测试过，请过两秒再试。", "It was tested a moment ago. Wait two seconds.";
    accounts_test_works: "测试通过。", "The test passed.";
    accounts_test_works_hint: "向渠道查询了一个从没用过的单号，渠道按约定回答「没有这个订单」，说明地址、商户号和密钥可用。没有产生任何付款。", "The channel was asked about a number nobody ever used and said that there is no such order, as it should: address, merchant and keys work. No payment was made.";
    accounts_test_odd: "渠道说认识一个从没用过的单号。", "The channel claims to know a number nobody ever used.";
    accounts_test_odd_hint: "网关地址可能不对，请和平台核对后再启用。", "The address may be wrong. Check with the platform before you enable the account.";
    accounts_test_broken_hint: "在「更改」里改正后再测试。", "Correct it under Change, then test again.";
    accounts_test_silent(why: &str): "没有连上网关：{why}。", "The gateway was not reached: {why}.";
    accounts_test_silent_hint: "检查网关地址，以及这台服务器能不能访问它。", "Check the address, and whether this server can reach it.";
    accounts_test_refused(said: &str): "网关拒绝了：{said}", "The gateway refused: {said}";
    accounts_test_refused_hint: "通常是商户号、密钥或网关地址不对。", "Usually the merchant, a key or the address is wrong.";
    accounts_test_strange(said: &str): "网关的回答不能采信：{said}", "The gateway's answer cannot be taken: {said}";
    accounts_test_strange_hint: "稍后再试。一直这样时，核对密钥和网关地址。", "Try again later. If it stays so, check the keys and the address.";
}
