//! Texts of WeChat Pay's credentials, for the console and the first steps of a new shop.

use super::Words;

/// A credential as a form shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Credential {
    /// Its name.
    pub label: &'static str,
    /// Where it is found.
    pub hint: &'static str,
    /// Whether it is a text of many lines.
    pub long: bool,
    /// Whether it may be seen by whoever types it.
    pub open: bool,
}

impl Words {
    /// What a credential of WeChat Pay is called; `None` for a key that it does not have.
    #[must_use]
    pub fn wechat_credential(self, key: &str) -> Option<Credential> {
        let (label, hint, long, open) = match key {
            "mch_id" => (self.wechat_mch_id(), self.wechat_mch_id_hint(), false, true),
            "app_id" => (self.wechat_app_id(), self.wechat_app_id_hint(), false, true),
            "api_v3_key" => (
                self.wechat_api_key(),
                self.wechat_api_key_hint(),
                false,
                false,
            ),
            "merchant_private_key" => (
                self.wechat_private(),
                self.wechat_private_hint(),
                true,
                false,
            ),
            "merchant_serial" => (self.wechat_serial(), self.wechat_serial_hint(), false, true),
            "public_key_id" => (self.wechat_key_id(), self.wechat_key_id_hint(), false, true),
            "public_key" => (self.wechat_key(), self.wechat_key_hint(), true, true),
            "platform_certificates" => (
                self.wechat_certificates(),
                self.wechat_certificates_hint(),
                true,
                true,
            ),
            "h5" => (self.wechat_h5(), self.wechat_h5_hint(), false, true),
            _ => return None,
        };
        Some(Credential {
            label,
            hint,
            long,
            open,
        })
    }
}

super::catalogue! {
    wechat_kind: "微信支付", "WeChat Pay";
    wechat_kind_hint: "微信支付普通商户，API v3：电脑扫码、手机浏览器 H5，只收人民币。", "WeChat Pay itself by API v3: a code on desktops, H5 in phone browsers; yuan only.";
    wechat_mch_id: "商户号（mchid）", "Merchant number (mchid)";
    wechat_mch_id_hint: "在微信支付商户平台的账户中心里", "On the account page of pay.weixin.qq.com";
    wechat_app_id: "应用编号（AppID）", "Application (AppID)";
    wechat_app_id_hint: "wx 开头，已经和商户号绑定的公众号、小程序或应用", "Begins with wx: the app that is bound to the merchant number";
    wechat_api_key: "APIv3 密钥", "APIv3 key";
    wechat_api_key_hint: "你在商户平台设置的 32 个字符。没有设置时，微信不会发任何通知。", "The 32 characters you set at pay.weixin.qq.com. Without them WeChat Pay sends no notices.";
    wechat_private: "商户 API 私钥", "Merchant's private key";
    wechat_private_hint: "apiclient_key.pem 的内容", "The text of apiclient_key.pem";
    wechat_serial: "商户证书序列号", "Serial of the merchant's certificate";
    wechat_serial_hint: "40 个十六进制字符，在 API 安全页里；换证书后要一起换", "40 hex digits, on the API security page; it changes with the certificate";
    wechat_key_id: "微信支付公钥 ID", "Id of the public key";
    wechat_key_id_hint: "PUB_KEY_ID_ 开头；新商户都用公钥模式", "Begins with PUB_KEY_ID_; new merchants are in this mode";
    wechat_key: "微信支付公钥", "WeChat Pay's public key";
    wechat_key_hint: "pub_key.pem 的内容，和公钥 ID 一起填", "The text of pub_key.pem, together with its id";
    wechat_certificates: "平台证书", "Platform certificates";
    wechat_certificates_hint: "证书模式才填，可以粘贴几张；换公钥模式期间两种一起填。之后的新证书会自动获取。", "In certificate mode only, one or more; fill in both while you move to the public key. Later ones are fetched by the shop.";
    wechat_h5: "手机 H5 支付", "H5 on phones";
    wechat_h5_hint: "没有开通 H5 产品时选「不用」，手机上也显示二维码", "Choose no without the H5 product: phones then show the code as well";
    wechat_h5_default: "默认（使用）", "As usual (yes)";
    wechat_h5_on: "使用", "Yes";
    wechat_h5_off: "不用", "No";
}

#[cfg(test)]
mod tests {
    use crate::channel::KINDS;
    use crate::web::words::Lang;

    #[test]
    fn every_credential_has_a_name_in_both_languages() {
        let kind = KINDS.iter().find(|kind| kind.name == "wechat");
        for key in kind.expect("a kind").credentials {
            let told = |lang: Lang| lang.words().wechat_credential(key).expect("a name");
            let (zh, en) = (told(Lang::Zh), told(Lang::En));
            assert!(en.label.is_ascii() && en.hint.is_ascii(), "{key}");
            assert_ne!((zh.label, zh.hint), (en.label, en.hint), "{key}");
        }
        assert_eq!(Lang::Zh.words().wechat_credential("pid"), None);
    }
}
