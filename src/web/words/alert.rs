//! What alerts say in the console, by their kind. The rooms write their record in English; here
//! stands what happened and where to look, in the language of the page.

use super::Words;

super::catalogue! {
    alert_refund_stuck: "有一笔退款处理不下去，系统每 15 分钟重试一次。请到渠道后台核对钱是否已经退回。", "A refund cannot be taken on and is tried again every quarter of an hour. Look in the channel's own console whether the money went back.";
    alert_refund_given_up: "一笔已放弃的退款，渠道说它退回了。账本里没有这笔，核对清楚之前不要再退。", "A refund was given up, and the channel says that it went back. The books do not have it: refund nothing more before you have looked.";
    alert_clock_set_back: "这台机器的时钟被拨回过。已到期的事照常处理，之前的订单可付款的时间可能比标明的长。", "The clock of this machine was set back. What was due is done; earlier orders may be payable a little longer than they say.";
    alert_job_failing: "有一项后台任务反复失败，其他任务照常。原因在进程日志里。", "A background job fails again and again; the others go on. The log of the process says why.";
    alert_outbox_dead: "一封邮件或一个通知没有送出，已停止重试。", "A mail or a notice was not delivered and is not tried again.";
    alert_low_stock(sku: &str): "规格 {sku} 快卖完了，请在售罄前导入。", "{sku} is running out. Import cards before it is sold out.";
    alert_settings_changed: "有人更改了 Webhook 或接收告警的邮箱。如果不是你，请更改密码并查看审计日志。", "Somebody changed the webhook or where alerts go. If that was not you, change your password and look at the audit log.";
    alert_account_changed: "有人更改了渠道账户的地址或密钥，收款去向可能变了。如果不是你，请停用该账户并更改密码。", "Somebody changed the address or the keys of a channel account, and so where money goes. If that was not you, turn the account off and change your password.";
    alert_trade_no_taken: "渠道把同一笔流水报给了两次付款。没有发货，请问渠道它付的是哪一单。", "A channel named one payment for two attempts. Nothing was delivered: ask the channel which order it paid.";
    alert_attempt_stuck: "有一次付款查不到结果，系统会继续查。请同时到渠道后台核对。", "The result of a payment cannot be asked for; it is tried again. Look it up in the channel's own console meanwhile.";
    alert_stray_stuck: "渠道报来一笔本店没有发起的付款，目前查不清楚。", "A channel told of a payment that this shop never asked for, and it could not be looked into.";
    alert_order_stuck: "有一个订单无法结束，它占用的库存还没有放回。系统每 10 分钟重试一次。", "An order cannot be ended and still holds its goods. It is tried again every ten minutes.";
    alert_unopened: "有一个已付款订单的商品内容无法用当前密钥打开，买家看不到。请检查密钥，必要时补发或退款。", "Goods of a paid order do not open with the present key, so the buyer cannot see them. Look at the key; send them again or pay back if it is lost.";
    alert_keys_unlearned: "无法取得某渠道的签名证书，换证后它的通知将不被采信。请检查该账户的密钥。", "The keys that a channel signs with could not be fetched: once it changes them, its notices are not believed. Check the credentials of the account.";
    alert_case(kind: &str): "有一笔款项需要你决定：{kind}", "Money needs your decision: {kind}";
    alert_other: "有一件事需要你看看，详情在原始记录里。", "Something needs a look; the record says what.";
}

/// What an alert is about: what happened, and the page to look at.
pub struct Told {
    /// A sentence.
    pub text: String,
    /// Where to look; empty = nowhere in the console.
    pub url: &'static str,
}

impl Words {
    /// What an alert of this kind says; its record tells which goods run out. A kind that this
    /// version does not know is told as such.
    #[must_use]
    pub fn alert(self, kind: &str, record: &str) -> Told {
        if let Some(case) = kind.strip_prefix("case.") {
            let (name, _) = self.case_kind(case);
            return Told {
                text: self.alert_case(name),
                url: "/admin/cases",
            };
        }
        if kind == "low_stock" {
            let (sku, _) = record.split_once(": ").unwrap_or((record, ""));
            return Told {
                text: self.alert_low_stock(sku),
                url: "/admin/stock?mark=low",
            };
        }
        let (text, url) = match kind {
            "refund_stuck" => (self.alert_refund_stuck(), "/admin/cases"),
            "refund_given_up" => (self.alert_refund_given_up(), "/admin/orders"),
            "clock_set_back" => (self.alert_clock_set_back(), ""),
            "job_failing" => (self.alert_job_failing(), ""),
            "outbox_dead" => (self.alert_outbox_dead(), "/admin/mail?state=dead"),
            "settings_changed" => (self.alert_settings_changed(), "/admin/audit?kind=settings"),
            "account_changed" => (self.alert_account_changed(), "/admin/accounts"),
            "trade_no_taken" => (self.alert_trade_no_taken(), "/admin/accounts"),
            "attempt_stuck" => (self.alert_attempt_stuck(), "/admin/orders"),
            "stray_stuck" => (self.alert_stray_stuck(), "/admin/accounts"),
            "keys_unlearned" => (self.alert_keys_unlearned(), "/admin/accounts"),
            "unopened" => (self.alert_unopened(), "/admin/orders"),
            "order_stuck" => (self.alert_order_stuck(), "/admin/orders"),
            _ => (self.alert_other(), ""),
        };
        Told {
            text: text.to_owned(),
            url,
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::web::words::Lang;
    use std::path::{Path, PathBuf};

    fn sources(dir: &Path, files: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                sources(&path, files);
            } else if path.extension().is_some_and(|e| e == "rs") {
                files.push(path);
            }
        }
    }

    /// A kind that is raised somewhere and has no words here would be told as "something".
    #[test]
    fn every_alert_that_is_raised_has_its_words() {
        let (mut files, mut kinds) = (Vec::new(), Vec::new());
        sources(
            &Path::new(env!("CARGO_MANIFEST_DIR")).join("src"),
            &mut files,
        );
        for file in files {
            let text = std::fs::read_to_string(file).unwrap();
            for raised in text.split("Alarm {").skip(1) {
                let kind = raised.trim_start().strip_prefix("kind: \"");
                kinds.extend(kind.and_then(|k| k.split('"').next()).map(str::to_owned));
            }
        }
        assert!(kinds.len() > 9, "{kinds:?}");
        for lang in [Lang::Zh, Lang::En] {
            let other = lang.words().alert_other();
            for kind in &kinds {
                assert_ne!(lang.words().alert(kind, "").text, other, "{kind}");
            }
            assert_eq!(lang.words().alert("from_a_newer_version", "").text, other);
        }
        let told = Lang::En
            .words()
            .alert("low_stock", "key-1y: 3 left. Import cards.");
        assert_eq!(
            told.text,
            "key-1y is running out. Import cards before it is sold out."
        );
        let told = Lang::Zh.words().alert("case.over", "");
        assert_eq!(told.text, "有一笔款项需要你决定：多付");
        assert_eq!(told.url, "/admin/cases");
    }
}
