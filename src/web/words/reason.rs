//! Why a value of the configuration is refused, for people. The rooms say it in English, as the
//! command line shows it; here stands the same in Chinese.

use super::{Lang, Words};

/// What the rooms say, and the same in Chinese.
const REASONS: &[(&str, &str)] = &[
    // Channel accounts
    ("is missing", "没有填写"),
    ("is empty", "没有填写"),
    ("is not an address", "不是有效的网址"),
    (
        "must be https (http is for loopback addresses only)",
        "必须以 https 开头（只有本机地址可以用 http）",
    ),
    ("must be https", "必须以 https 开头"),
    ("must not hold a user or password", "不能带用户名或密码"),
    (
        "must not hold a query or fragment",
        "不能带 ? 或 # 后面的内容",
    ),
    (
        "must be letters and digits, at most 32",
        "只能是字母和数字，最多 32 个",
    ),
    (
        "must be letters and digits, at most 64",
        "只能是字母和数字，最多 64 个",
    ),
    ("is shorter than 16 characters", "少于 16 个字符"),
    ("is shorter than 32 characters", "少于 32 个字符"),
    ("is shorter than 2048 bits", "少于 2048 位"),
    ("is one character repeated", "只是同一个字符"),
    ("is a known default", "是公开的默认密钥，任何人都能伪造通知"),
    ("holds a blank", "里有空格"),
    ("is v1 or v2", "需要选 V1 或 V2"),
    (
        "must be CNY: epay knows yuan only",
        "必须是 CNY：易支付只收人民币",
    ),
    (
        "must be CNY: Alipay collects yuan here",
        "必须是 CNY：支付宝在这里只收人民币",
    ),
    ("must be 8 to 32 digits", "需要是 8 到 32 位数字"),
    (
        "must be the 16 digits that begin with 2088",
        "需要是 2088 开头的 16 位数字",
    ),
    ("is web, qr or qr_wap", "需要选一个收款产品"),
    (
        "does not belong to certificate mode",
        "证书模式不用这一项，请留空",
    ),
    ("does not belong to app_private_key", "和应用私钥不是一对"),
    (
        "is our own; paste Alipay's certificate",
        "是应用自己的证书，这里要填支付宝公钥证书",
    ),
    (
        "is a key; a certificate belongs here",
        "是密钥，这里要填证书",
    ),
    ("is not a certificate", "不是证书"),
    ("is not a certificate of an RSA key", "不是 RSA 密钥的证书"),
    ("names its issuer in an unknown way", "的颁发者名称无法识别"),
    (
        "holds no certificate that is signed with RSA",
        "里没有 RSA 签名的证书",
    ),
    (
        "must be CNY: WeChat Pay collects yuan here",
        "必须是 CNY：微信支付在这里只收人民币",
    ),
    (
        "begins with wx, letters and digits only",
        "需要以 wx 开头，只有字母和数字",
    ),
    (
        "is the serial number of your certificate, 40 hex digits",
        "需要是你的商户证书的序列号，40 个十六进制字符",
    ),
    (
        "is exactly 32 letters and digits",
        "需要正好 32 个字母和数字",
    ),
    (
        "begins with PUB_KEY_ID_, as the console shows it",
        "需要以 PUB_KEY_ID_ 开头，和商户平台显示的一样",
    ),
    (
        "is missing, and so are platform_certificates; one of them is needed",
        "没有填写，也没有平台证书；两种至少填一种",
    ),
    (
        "holds your own certificate; WeChat Pay's platform certificates belong here",
        "里是你自己的商户证书，这里要填微信支付的平台证书",
    ),
    ("is on or off", "需要选「使用」或「不用」"),
    ("is not one the sandbox collects", "沙盒不收"),
    ("does not belong to v1", "V1 不用这一项，请留空"),
    ("does not belong to v2", "V2 不用这一项，请留空"),
    (
        "is a public key; the merchant's private key belongs here",
        "是公钥，这里要填商户私钥",
    ),
    (
        "is a private key; the platform's public key belongs here",
        "是私钥，这里要填平台公钥",
    ),
    (
        "belongs to merchant_private_key; paste the platform's public key",
        "和商户私钥是一对，这里要填平台给的公钥",
    ),
    (
        "is encrypted; paste it without a passphrase",
        "带有口令，请粘贴没有口令的私钥",
    ),
    ("is not a consistent RSA private key", "不是完整的 RSA 私钥"),
    ("is not an RSA public key", "不是 RSA 公钥"),
    ("is a broken PEM", "的 PEM 不完整"),
    ("holds more than one key", "里不止一把密钥"),
    ("is neither PEM nor base64", "既不是 PEM 也不是 base64"),
    (
        "must be named too when the currency changes",
        "换币种时也要重新填写",
    ),
    ("needs at least one", "至少选一个"),
    (
        "were sealed with a key this shop does not have; name them again",
        "用别的钥匙加密过，打不开了，请全部重填",
    ),
    // Settings
    (
        "is 1 to 60 characters on one line",
        "需要 1 到 60 个字，只能一行",
    ),
    (
        "is at most 60 characters on one line",
        "最多 60 个字，只能一行",
    ),
    (
        "is at most 200 characters on one line",
        "最多 200 个字，只能一行",
    ),
    (
        "is a time zone such as Asia/Shanghai",
        "需要是时区名，例如 Asia/Shanghai",
    ),
    ("is a colour such as #2b50c8", "需要是颜色，例如 #2b50c8"),
    (
        "is at most 20000 bytes of plain text",
        "太长，或含有不能显示的字符（最多 20,000 字节）",
    ),
    ("is from 1 to 1440", "需要是 1 到 1440 的整数"),
    ("is at least 1", "需要是 1 或更大的整数"),
    ("is an email address", "需要是有效的邮箱"),
    ("begins with whsec_", "还没有设置，请先生成一个"),
    (
        "is whsec_ and 24 to 64 random bytes in base64",
        "需要是 whsec_ 加上 24 到 64 个随机字节的 base64",
    ),
    ("is an http or https address", "需要是 https 网址"),
    ("is a whole number", "需要是整数"),
];

impl Words {
    /// What is wrong with the field of this label: `key` is the field's own name, `reason` what a
    /// room said about it.
    #[must_use]
    pub fn reason_of(self, label: &str, key: &str, reason: &str) -> String {
        // What names another field by its key in a file.
        if reason == "is below min_amount" {
            return self.reason(label, self.reason_below());
        }
        if self.lang() == Lang::En {
            return self.reason(label, reason);
        }
        let known = REASONS.iter().find(|(english, _)| *english == reason);
        let told = known.map(|(_, chinese)| *chinese);
        self.reason(label, told.unwrap_or_else(|| self.reason_by_field(key)))
    }

    /// For reasons that hold what was typed.
    fn reason_by_field(self, key: &str) -> &'static str {
        match key {
            "methods" => self.reason_methods(),
            "currency" => self.reason_currency(),
            "fixed" | "min_amount" | "max_amount" => self.reason_amount(),
            _ => self.reason_other(),
        }
    }
}

super::catalogue! {
    reason(label: &str, reason: &str): "「{label}」{reason}", "{label} {reason}";
    reason_methods: "里有这个渠道不支持的方式", "holds one that this channel does not serve";
    reason_currency: "是这个渠道不收的币种", "is not collected by this channel";
    reason_amount: "不是有效的金额", "is not an amount";
    reason_below: "小于最小金额", "is below the smallest payment";
    reason_other: "不正确", "is not right";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_told_in_the_language_of_the_page() {
        let (zh, en) = (Lang::Zh.words(), Lang::En.words());
        assert_eq!(zh.reason_of("密钥", "key", "is empty"), "「密钥」没有填写");
        assert_eq!(en.reason_of("Key", "key", "is empty"), "Key is empty");
        let told = zh.reason_of("固定费用", "fixed", "\"1.234\" has more decimals than CNY");
        assert_eq!(told, "「固定费用」不是有效的金额");
        for (english, chinese) in REASONS {
            assert!(english.is_ascii() && !chinese.is_ascii(), "{english}");
        }
    }
}
