//! Texts of the frame, the home page, the product page, the lookup and the failures.

super::catalogue! {
    // The frame
    skip: "跳到正文", "Skip to content";
    nav_label: "主导航", "Main";
    nav_products: "全部商品", "Products";
    nav_orders: "查订单", "Find order";
    switch_language: "English", "中文";
    footer_contact: "联系卖家", "Contact seller";
    footer_policy: "退款规则", "Refund policy";

    // Home
    home_intro: "付款后，商品显示在订单页，同时发到邮箱。", "After payment, goods appear on the order page and in your inbox.";
    home_about(shop: &str): "{shop}：付款后自动发货的数字商品，商品显示在订单页，同时发到邮箱。", "{shop}: digital goods, delivered on the order page and by email as soon as you have paid.";
    category_about(name: &str, shop: &str): "{shop} 的{name}：付款后商品显示在订单页，同时发到邮箱。", "{name} at {shop}: delivered on the order page and by email as soon as you have paid.";
    search_label: "搜索商品", "Search products";
    search_button: "搜索", "Search";
    categories: "商品分类", "Categories";
    category_all: "全部", "All";
    results(n: u64): "找到 {n} 件商品", one "{n} product", many "{n} products";
    search_title(query: &str): "搜索「{query}」", "Search: {query}";
    page_of(n: u64, of: u64): "第 {n} 页，共 {of} 页", "Page {n} of {of}";
    clear_filters: "清除筛选", "Clear filters";
    nothing_matches: "没有符合条件的商品", "No products match";
    nothing_matches_hint: "换一个关键词，或看看全部商品。", "Try another word, or look at all products.";
    shop_empty: "还没有商品上架", "Nothing on sale yet";
    shop_empty_hint: "卖家正在准备。已有订单可以随时查询。", "The seller is still preparing. Existing orders can be found at any time.";
    price_from(price: &str): "{price} 起", "From {price}";
    stock_plenty: "充足", "In stock";
    stock_low: "紧张", "Low stock";
    stock_none: "售罄", "Sold out";
    delivery_automatic: "自动发货", "Automatic delivery";
    delivery_manual: "人工发货", "Done by a person";
    delivery_automatic_short: "自动", "Automatic";
    delivery_manual_short: "人工", "By a person";

    // Product facts
    fact_delivery: "发货方式", "Delivery";
    fact_delivery_time: "发货用时", "Takes";
    within_minutes(n: u64): "{n} 分钟内", one "Within {n} minute", many "Within {n} minutes";
    within_hours(n: u64): "{n} 小时内", one "Within {n} hour", many "Within {n} hours";
    fact_stock: "库存", "Stock";
    stock_count(n: u64): "{n} 件", one "{n} left", many "{n} left";
    wholesale: "批发价", "Wholesale prices";
    tier_quantity: "数量", "Quantity";
    tier_price: "单价", "Each";
    tier_single: "零售", "Single";
    tier_from(n: u64): "{n} 件起", one "{n} or more", many "{n} or more";
    next_title: "接下来", "What happens next";
    next_pay: "现在不会扣款，下一页核对金额后再付。", "Nothing is charged yet: you see the amount once more before you pay.";
    next_free: "不用付款，提交后就完成下单。", "There is nothing to pay: sending the form places the order.";
    next_free_automatic: "商品直接显示在订单页，同时发到你的邮箱。", "The goods appear on the order page at once and go to your email.";
    next_automatic: "收到付款后自动发货，订单页直接显示，同时发到你的邮箱。", "Once the payment arrives, the goods appear on the order page and go to your email.";
    next_manual: "收到付款后由卖家处理，完成后显示在订单页，并发到你的邮箱。", "Once the payment arrives, the seller prepares your goods; they appear on the order page and go to your email.";
    next_find: "之后凭订单号和邮箱，随时在「查订单」找回。", "Later, find it again with the order number and your email.";

    // Purchase card
    buy_title: "购买", "Buy";
    variant_label: "规格", "Option";
    method_label: "支付方式", "Payment method";
    fee_none: "免手续费", "No fee";
    fee_plus(fee: &str): "手续费 {fee}", "Fee {fee}";
    quantity_label: "数量", "Quantity";
    quantity_less: "减少一件", "One less";
    quantity_more: "增加一件", "One more";
    email_label: "收货邮箱", "Email for delivery";
    email_hint: "商品会发到这里，也用来查订单", "We send the goods here; you can also find the order with it";
    optional: "（可选）", "(optional)";
    choose: "请选择", "Choose one";
    password_summary: "设置查单密码（可选）", "Set an order password (optional)";
    password_label: "查单密码", "Order password";
    password_hint: "4 到 100 个字符。设置后，只能用订单号和密码查订单", "4 to 100 characters. The order is then found by number and password only";
    total_label: "应付", "Total";
    free: "免费", "Free";
    get_free: "免费领取", "Get it free";
    pay_button(method: &str, amount: &str): "用{method}支付 {amount}", "Pay {amount} with {method}";
    pay_amount(amount: &str): "支付 {amount}", "Pay {amount}";
    update_total: "更新金额", "Update total";
    hold_note(n: u64): "下单后为你保留库存 {n} 分钟，未付款自动释放。", one "Your stock is held for {n} minute, then released if unpaid.", many "Your stock is held for {n} minutes, then released if unpaid.";
    no_hold_note: "付款后按到账先后发货。", "Goods go out in the order payments arrive.";
    sold_out_title: "已售罄。", "Sold out.";
    sold_out_hint: "补货后可以再来购买。", "It can be bought again once restocked.";
    other_products: "看看其他商品", "See other products";

    // What can be wrong with the form
    errors_title(n: u64): "有 {n} 处需要修改。", one "{n} thing needs a change.", many "{n} things need a change.";
    errors_kept: "已填写的内容都保留着。", "What you typed is kept.";
    err_email: "邮箱格式不对，请检查，例如 name@example.com", "Check the email address, for example name@example.com";
    err_quantity(min: u64, max: u64): "数量请填 {min} 到 {max}", "Enter a quantity from {min} to {max}";
    err_stock_left(n: u64): "库存只剩 {n} 件，请减少数量", one "Only {n} is left; choose a smaller quantity", many "Only {n} are left; choose a smaller quantity";
    err_sold_out: "这个规格刚刚售罄，请换一个", "This option has just sold out; choose another";
    err_buyer_limit(n: u64): "每人限购 {n} 件", one "Each buyer can have {n}", many "Each buyer can have {n}";
    err_too_many_open: "你有未付款的订单占用着库存，请先付款或取消", "You have unpaid orders holding stock; pay or cancel them first";
    err_variant: "请选择规格", "Choose an option";
    err_method: "请选择支付方式", "Choose a payment method";
    err_method_off: "这个支付方式暂时不可用，请换一个", "This method is not available now; choose another";
    err_required(label: &str): "请填写「{label}」", "Fill in “{label}”";
    err_pattern(label: &str): "「{label}」的格式不对，请检查", "Check the format of “{label}”";
    err_too_long(label: &str, max: u64): "「{label}」最多 {max} 个字", "“{label}” can have up to {max} characters";
    err_password: "查单密码需要 4 到 100 个字符", "The order password has 4 to 100 characters";
    already_placed: "这个页面已经下过一单，内容和现在填的不同。那一单仍然有效；要再下一单，请核对后重新提交。", "This page has already placed an order, with other details. That order stands; to place one more, check the form and send it again.";
    price_changed(before: &str, now: &str): "价格已从 {before} 变为 {now}，请确认后再下单。", "The price changed from {before} to {now}. Check it, then order again.";

    // Lookup
    lookup_title: "查订单", "Find an order";
    lookup_lead: "输入订单号，再加上邮箱或查单密码。忘了订单号？只填邮箱，我们把查单链接发到那里。", "Enter the order number, and the email or the order password. No number at hand? Enter the email alone, and we send a link there.";
    order_no_hint: "在订单页和邮件里，例如 K7Q2-94MX-H3TD", "On the order page and in the email, such as K7Q2-94MX-H3TD";
    secret_label: "邮箱或查单密码", "Email or order password";
    secret_hint: "下单时填写的邮箱，或你设置的查单密码", "The email you ordered with, or the password you set";
    lookup_button: "查询", "Find";
    lookup_miss: "没有匹配的订单。请核对订单号和邮箱", "No order matches. Check the number and email";
    lookup_sent: "如果这个邮箱下过订单，查单链接已经发出", "If orders were placed with this address, a link is on its way";
    lookup_sent_hint: "请查收邮件，也看看垃圾邮件。链接 30 分钟内有效，10 分钟内只发一封。", "Check your inbox and the spam folder. The link works for 30 minutes; one is sent in ten minutes.";
    lookup_email: "请填写订单号，或只填下单用的邮箱", "Enter the order number, or only the email you ordered with";
    lookup_email_hint: "没有订单号时，这里要填邮箱，例如 name@example.com。", "Without an order number, the field takes an email, for example name@example.com.";
    lookup_over: "这个链接已过期", "This link has expired";
    lookup_over_hint: "在下面填上邮箱，我们再发一个。", "Enter the email below and we send another one.";
    lookup_locked: "这个订单设置了查单密码", "This order has a password";
    lookup_locked_hint: "请输入下单时设置的密码。", "Enter the password you set when you ordered.";
    lookup_miss_hint: "订单号不含 0、O、1、I。邮箱要和下单时一致。", "Order numbers never contain 0, O, 1 or I. The email must be the one you ordered with.";
    recent_title: "本浏览器的订单", "Orders in this browser";
    recent_hint: "只在这个浏览器里显示。", "Shown in this browser only.";
    orders_title: "我的订单", "My orders";
    orders_of(email: &str): "邮箱 {email} 的订单", "Orders of {email}";
    orders_hint: "有查单密码的订单，打开时要输入密码。", "Orders with a password ask for it when you open them.";
    orders_empty: "这里还没有订单。", "There are no orders here yet.";
    older: "较旧", "Older";

    // The policy
    policy_title: "退款规则", "Refund policy";

    // Failures
    fail_bad_request: "没能看懂这个请求", "We could not read this request";
    fail_forbidden: "这个页面已过期，请重新提交", "This page has expired, please send it again";
    fail_not_found: "没有这个页面", "There is no such page";
    fail_gone: "这里的内容已下架", "This has been taken down";
    fail_refused: "这一步没有完成", "This step was not done";
    fail_too_many: "操作太频繁，请稍等", "Too many requests, please wait a little";
    fail_internal: "我们这边出错了", "Something went wrong on our side";
    fail_unavailable: "正在维护，马上回来", "We are doing maintenance";
    fail_kept: "已保留", "What was kept";
    fail_do: "你可以", "What to do";
    fail_code: "编号", "Reference";
    kept_nothing_lost: "你的订单不受影响。", "Your orders are not affected.";
    kept_not_sent: "这次提交没有生效，没有产生订单或扣款。", "This was not carried out: no order was placed and nothing was charged.";
    kept_unchanged: "没有改动任何内容。", "Nothing was changed.";
    kept_orders: "已下的订单和付款都在，不会丢失。", "Orders and payments already made are safe.";
    do_check_address: "检查网址，或回到首页重新找。", "Check the address, or start again from the home page.";
    do_check_list: "检查网址，或从列表里重新打开。它可能刚被别人移除了。", "Check the address, or open it from its list again. Somebody may have removed it.";
    do_choose_other: "看看其他商品；买过的内容仍可在「查订单」找到。", "Look at other products; what you bought is still under “Find order”.";
    do_reload: "回到上一页，刷新后再试一次。", "Go back, reload the page and try again.";
    do_mend: "按提示修改后再提交。", "Change what is named and send it again.";
    do_wait: "等一会儿再试。", "Wait a moment, then try again.";
    do_retry: "稍后再试。如果刚付过款，请先查订单，不要重复付款。", "Try again later. If you have just paid, find your order first and do not pay again.";
    do_come_back: "过几分钟再来。如果刚付过款，不要重复付款。", "Come back in a few minutes. If you have just paid, do not pay again.";
    retry_in(n: u64): "请在 {n} 秒后重试。", one "Try again in {n} second.", many "Try again in {n} seconds.";
    go_home: "回到首页", "Go to the home page";
}
