//! Texts of the console's start page.

super::catalogue! {
    home_today: "今日收款", "Paid today";
    home_today_in(currency: &str): "今日收款（{currency}）", "Paid today ({currency})";
    home_orders(n: i64): "{n} 笔", one "{n} order", many "{n} orders";
    home_yesterday(amount: &str, orders: &str): "昨天同一时间 {amount}，{orders}", "Yesterday by this time {amount}, {orders}";
    home_speed: "今日发货用时（中位数）", "From paid to delivered today (median)";
    home_speed_more(n: usize, slow: &str): "95% 在 {slow} 内，{n} 笔", one "95% within {slow}, {n} order", many "95% within {slow}, {n} orders";
    home_speed_none: "今天还没有发货", "Nothing delivered yet today";
    home_none: "—", "—";
    home_millis(ms: i64): "{ms} 毫秒", "{ms} ms";
    home_seconds(whole: i64, tenth: i64): "{whole}.{tenth} 秒", "{whole}.{tenth} s";
    home_minutes(n: i64): "{n} 分钟", "{n} min";
    home_hours(n: i64): "{n} 小时", "{n} h";
    home_todo: "待办", "To do";
    home_cases(n: i64): "{n} 个资金个案待处理", one "{n} money case to decide", many "{n} money cases to decide";
    home_cases_many(n: i64): "{n} 个以上资金个案待处理", "More than {n} money cases to decide";
    home_waiting(n: i64): "{n} 笔已付款的订单等待补货", one "{n} paid order waits for stock", many "{n} paid orders wait for stock";
    home_waiting_many(n: i64): "{n} 笔以上已付款的订单等待补货", "More than {n} paid orders wait for stock";
    home_requests(n: i64): "{n} 个售后请求等待回复", one "{n} buyer waits for an answer", many "{n} buyers wait for an answer";
    home_requests_many(n: i64): "{n} 个以上售后请求等待回复", "More than {n} buyers wait for an answer";
    home_dead(n: i64): "{n} 封邮件或通知没有送出", one "{n} mail or notice was given up", many "{n} mails or notices were given up";
    home_dead_many(n: i64): "{n} 封以上邮件或通知没有送出", "More than {n} mails or notices were given up";
    home_low(n: i64): "{n} 个规格库存不足", one "{n} variant runs out of stock", many "{n} variants run out of stock";
    home_setup: "开店还差这些", "Before the shop sells";
    home_setup_open: "打开开店向导", "Open the setup";
    home_nothing: "没有待办事项", "Nothing to do";
    home_nothing_hint: "需要你处理的事情会出现在这里。", "What needs you will appear here.";
    home_accounts_none: "还没有渠道账户，买家不能付款。", "There is no channel account, so buyers cannot pay.";
    home_alerts: "最近的告警", "Latest alerts";
    home_alerts_none: "没有告警。", "No alerts.";
    home_times(n: i64): "{n} 次", one "{n} time", many "{n} times";
    home_last_orders: "最近的订单", "Latest orders";
    home_all_orders: "全部订单", "All orders";
    home_no_orders: "还没有订单。", "No orders yet.";
    home_order_no: "订单号", "Order";
    home_order_state: "状态", "State";
    home_order_amount: "金额", "Amount";
    home_order_at: "下单时间", "Placed";
    home_info: "提示", "Info";
    home_warning: "注意", "Warning";
    home_critical: "紧急", "Critical";
}
