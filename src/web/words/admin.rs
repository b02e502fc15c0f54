//! Texts of the staff's console: its frame, coming in, the audit log.

super::catalogue! {
    // The frame
    admin_console: "管理后台", "Console";
    admin_menu: "菜单", "Menu";
    admin_nav: "后台导航", "Console sections";
    admin_group_trade: "经营", "Trade";
    admin_group_money: "支付", "Payments";
    admin_group_system: "系统", "System";
    admin_home: "概览", "Overview";
    admin_orders: "订单", "Orders";
    admin_products: "商品", "Products";
    admin_stock: "库存", "Stock";
    admin_requests: "售后", "Requests";
    admin_accounts: "渠道账户", "Channel accounts";
    admin_cases: "资金个案", "Money cases";
    admin_mail: "邮件", "Mail";
    admin_settings: "设置", "Settings";
    admin_audit: "审计日志", "Audit log";
    admin_account: "我的账户", "My account";
    admin_view_shop: "查看商店", "View shop";
    admin_sign_out: "退出登录", "Sign out";
    admin_signed_out: "你已退出登录", "You are signed out";
    admin_signed_out_hint: "登录已过期，刚才的内容没有保存。重新登录，再用浏览器的后退找回填写的内容。", "Your session has ended and nothing was saved. Sign in again, then use your browser's back button to find what you typed.";
    admin_too_large: "发送的内容太大，没有保存。文件最大 16 MB，请分几次上传。", "That was too large and nothing was saved. Files may have 16 MB: send it in parts.";
    admin_unreadable: "表单无法读取，没有保存。请后退，刷新页面后再提交。", "The form could not be read and nothing was saved. Go back, reload the page and send it again.";

    // Lists
    list_filter: "筛选", "Filter";
    list_clear: "清除筛选", "Clear filters";
    list_search: "搜索", "Search";
    list_all: "全部", "All";
    list_first: "回到最前", "Back to the start";
    list_next: "下一页", "Next page";
    list_none: "没有符合条件的记录", "Nothing matches";
    list_none_hint: "换一个条件，或清除筛选。", "Try other words, or clear the filters.";
    list_actions: "操作", "Actions";
    list_pages: "翻页", "Pages";
    list_save: "保存", "Save";
    list_cancel: "取消", "Cancel";
    list_back: "返回", "Back";

    // Typing the password again
    proof_label: "再次输入你的密码", "Your password again";
    proof_hint: "涉及资金、密钥和卡密的操作需要确认是你本人，10 分钟内有效。", "Money, secrets and cards ask whether it is you. It counts for ten minutes.";
    proof_wrong: "密码不对，没有执行任何操作。", "That is not your password. Nothing was done.";

    // Signing in
    login_title: "登录后台", "Sign in";
    login_email: "邮箱", "Email";
    login_password: "密码", "Password";
    login_button: "登录", "Sign in";
    login_miss: "邮箱或密码不对", "Email and password do not match";
    login_miss_hint: "请核对后再试。忘记密码时，在服务器上运行 vendgate staff reset 邮箱，会得到一个一次性链接。", "Check both and try again. If the password is lost, run vendgate staff reset EMAIL on the server for a one-time link.";
    login_nobody: "还没有管理员。在服务器上运行 vendgate staff first，会得到一个一次性链接。", "There is no administrator yet. Run vendgate staff first on the server for a one-time link.";
    login_in_the_clear: "这个地址没有加密，密码会被人看到，所以不能在这里登录。请用 https 打开，或在配置中写明 allow_insecure_admin = true。", "This address is not encrypted and others could read your password, so nobody can sign in here. Use https, or set allow_insecure_admin = true in the configuration.";

    // The second factor
    code_title: "输入动态验证码", "Enter your code";
    code_label: "验证器应用里的 6 位数字", "Six digits from your authenticator app";
    code_miss: "验证码不对，或已经用过", "That code is wrong or was used before";
    code_miss_hint: "等应用显示下一个验证码再试。手机丢失时，在服务器上运行 vendgate staff totp-off 邮箱。", "Wait for the next code of your app. If the phone is lost, run vendgate staff totp-off EMAIL on the server.";
    second_title: "两步验证", "Two-step sign-in";
    second_on: "已开启：登录时除了密码，还需要验证器应用里的验证码。", "On: signing in takes your password and a code from your authenticator app.";
    second_off: "未开启：只凭密码就能登录。建议开启。", "Off: your password alone signs you in. Turn it on.";
    second_set_up: "设置两步验证", "Set up two-step sign-in";
    second_lead: "用验证器应用扫描二维码，或手动输入密钥，再填写应用显示的验证码。", "Scan the picture with an authenticator app, or type the secret into it; then enter the code it shows.";
    second_qr: "两步验证密钥的二维码", "QR code of the secret";
    second_secret: "密钥", "Secret";
    second_turn_on: "开启", "Turn on";
    second_turn_off: "关闭两步验证", "Turn two-step sign-in off";
    second_turned_on: "两步验证已开启。", "Two-step sign-in is on.";
    second_turned_off: "两步验证已关闭。", "Two-step sign-in is off.";

    // The first of the staff, and new passwords
    first_title: "创建管理员", "Create the administrator";
    first_lead: "这个链接只能用一次。填写你的邮箱和密码，以后用它们登录后台。", "This link works once. Choose your email and a password; you will sign in with them from now on.";
    first_button: "创建并登录", "Create and sign in";
    reset_title: "设置新密码", "Choose a new password";
    reset_lead(email: &str): "为 {email} 设置新密码。保存后，其他已登录的设备会退出。", "A new password for {email}. Saving it signs out every other device.";
    reset_button: "保存并登录", "Save and sign in";
    staff_password_hint(n: &usize): "至少 {n} 个字符，建议用一句话或密码管理器生成", "At least {n} characters; a sentence or a password manager is best";
    staff_password_error(n: &usize): "密码需要 {n} 到 100 个字符", "A password has {n} to 100 characters";
    staff_email_error: "请填写有效的邮箱，例如 li@example.com", "Enter an email address such as li@example.com";

    // The own account
    account_password: "更改密码", "Change password";
    account_old: "现在的密码", "Present password";
    account_new: "新密码", "New password";
    account_old_wrong: "现在的密码不对", "That is not your present password";
    account_change: "保存新密码", "Save new password";
    password_changed: "密码已更改，其他设备已退出登录。", "Password changed. Every other device was signed out.";
    account_sessions: "已登录的设备", "Signed-in devices";
    account_device: "设备", "Device";
    admin_to_home: "回到概览", "Back to the overview";
    account_browser(browser: &str, system: &str): "{browser}，{system}", "{browser}, {system}";
    account_unknown: "未知浏览器", "Unknown browser";
    account_network: "网络", "Network";
    account_began: "登录时间", "Signed in";
    account_seen: "最近使用", "Last used";
    account_here: "当前设备", "This device";
    account_end: "退出", "Sign out";
    account_end_all: "全部退出", "Sign out everywhere";
    session_ended: "该设备已退出登录。", "That device was signed out.";

    // The audit log
    audit_at: "时间", "Time";
    audit_actor: "操作者", "Who";
    audit_action: "操作", "Action";
    audit_object: "对象", "Object";
    audit_changes: "变更", "Changes";
    audit_from: "来源", "From";
    audit_kind: "对象类型", "Kind";
    audit_id: "对象编号", "Object id";
    audit_empty: "还没有操作记录", "Nothing has been done yet";
    audit_empty_hint: "员工的每次更改都会记在这里，不能修改或删除。", "Every change by the staff is written here and can never be altered.";
    audit_was: "之前", "Was";
    audit_is: "之后", "Is";
}
