//! Texts of the console's pages of the goods.

super::catalogue! {
    form_wrong: "还没有保存，请先改正下面几处。", "Nothing was saved. Please put these right first.";

    // The list
    goods_product: "商品", "Product";
    goods_new: "新建商品", "New product";
    goods_none: "还没有商品", "There are no products yet";
    goods_none_hint: "新建一件商品，写上价格，再导入卡密就能开卖。", "Create one with a price, then import cards to sell it.";
    goods_left: "库存", "Stock";
    goods_changed: "修改时间", "Changed";
    goods_no_variant: "没有在售规格", "No variant on sale";
    goods_price_range(least: &str, most: &str): "{least} 至 {most}", "{least} to {most}";
    goods_variants_count(n: usize): "{n} 个规格", one "{n} variant", many "{n} variants";
    goods_on: "在售", "On sale";
    goods_off: "已下架", "Off sale";
    goods_card_pool: "卡密", "Cards";
    goods_reusable: "共享内容", "Shared content";
    goods_manual: "人工发货", "By hand";

    // The form of a product
    goods_basics: "基本信息", "Basics";
    goods_name_zh: "中文名称", "Chinese name";
    goods_name_en: "英文名称", "English name";
    goods_summary_zh: "中文简介", "Chinese summary";
    goods_summary_en: "英文简介", "English summary";
    goods_slug: "网址代码", "Address code";
    goods_slug_hint: "出现在商品网址里，只用字母、数字、-、_ 和 .", "Part of the address: letters, digits, -, _ and . only";
    goods_category: "分类", "Category";
    goods_picture: "图标", "Icon";
    goods_icon_auto: "按发货方式自动选择", "Chosen by how it is delivered";
    goods_icon_key: "钥匙", "Key";
    goods_icon_package: "包裹", "Package";
    goods_icon_bag: "购物袋", "Bag";
    goods_icon_download: "下载", "Download";
    goods_icon_card: "银行卡", "Card";
    goods_icon_wallet: "钱包", "Wallet";
    goods_icon_shield: "盾牌", "Shield";
    goods_icon_globe: "地球", "Globe";
    goods_icon_phone: "手机", "Phone";
    goods_icon_mail: "信封", "Envelope";
    goods_icon_person: "人物", "Person";
    goods_icon_zap: "闪电", "Lightning";
    goods_icon_receipt: "票据", "Receipt";
    goods_position: "排序", "Position";
    goods_position_hint: "数字小的排在前面", "Smaller comes first";
    goods_state: "状态", "State";
    goods_state_hint: "下架后买家看不到，已有订单照常处理", "Off sale hides it from buyers; orders already placed go on";
    goods_texts: "介绍", "Description";
    goods_texts_lead: "用 Markdown 书写；HTML 会按原文显示。", "Written in Markdown; HTML is shown as text.";
    goods_description_zh: "中文介绍", "Chinese description";
    goods_description_en: "英文介绍", "English description";
    goods_usage_zh: "中文使用说明", "Chinese usage note";
    goods_usage_en: "英文使用说明", "English usage note";
    goods_usage_hint: "和商品内容一起发给买家", "Sent to the buyer with the goods";
    goods_delivery: "发货", "Delivery";
    goods_delivery_kind: "发货方式", "How it is delivered";
    goods_delivery_hint: "卡密一件发一张，共享内容可重复卖。更改只影响新订单", "Cards are given out one a unit, a shared content is sold many times. A change counts for new orders only";
    goods_reserves: "下单时锁定库存", "Hold stock when an order is placed";
    goods_reserves_hint: "未付款的订单也占用卡密，超时后释放", "Unpaid orders hold cards until they expire";
    goods_low_stock: "库存提醒", "Low stock mark";
    goods_low_stock_hint: "剩余不多于这个数时发邮件；0 表示不提醒", "A mail goes out when so few are left; 0 means never";
    goods_promised: "承诺发货时间（分钟）", "Promised delivery in minutes";
    goods_promised_hint: "仅用于人工发货；0 表示不承诺", "For delivery by hand; 0 promises nothing";

    // What a buyer is asked
    goods_fields: "买家要填写的信息", "Questions to the buyer";
    goods_fields_lead: "空着的一组不会保存。", "A group left blank is not kept.";
    goods_fields_many: "这件商品的问题太多，请用 vendgate apply 修改；保存时它们保持不变。", "This product asks more than fits here. Change its questions with vendgate apply; saving leaves them as they are.";
    goods_field_no(n: usize): "第 {n} 项", "Question {n}";
    goods_field_new: "新增一项", "Another question";
    goods_field_key: "代码", "Key";
    goods_field_key_hint: "小写字母、数字和 _", "Lower-case letters, digits and _";
    goods_field_kind: "类型", "Kind";
    goods_field_text: "一行文字", "A line of text";
    goods_field_select: "选一项", "One of some choices";
    goods_field_pattern: "符合格式的文字", "Text of a certain form";
    goods_field_label_zh: "中文标签", "Chinese label";
    goods_field_label_en: "英文标签", "English label";
    goods_field_options: "选项", "Choices";
    goods_field_options_hint: "每行一个，仅用于「选一项」", "One a line; for choices only";
    goods_field_regex: "格式（正则表达式）", "Form (regular expression)";
    goods_field_regex_hint: "整段文字都要符合，例如 [0-9]+", "The whole text must match, such as [0-9]+";
    goods_field_hint: "填写提示", "Hint";
    goods_field_required: "必填", "Must be answered";
    goods_field_remove: "删除这一项", "Remove this question";

    // Variants
    goods_variants: "规格", "Variants";
    goods_variant_new: "新增规格", "New variant";
    goods_variants_none: "还没有规格", "There is no variant yet";
    goods_variants_none_hint: "至少要有一个在售规格，买家才能看到商品。", "Buyers see the product once a variant is on sale.";
    goods_pricing: "价格", "Price";
    goods_price_frozen: "改价只影响新订单，已下的订单保持原价。", "A new price counts for new orders only. Orders already placed keep theirs.";
    goods_sku: "规格代码", "SKU";
    goods_sku_hint: "你自己的编号，全店唯一", "Your own code, unique in the shop";
    goods_price: "价格", "Price";
    goods_price_hint: "以元为单位，例如 29.90", "In whole units, such as 29.90";
    goods_currency: "币种", "Currency";
    goods_content: "共享内容", "Shared content";
    goods_content_hint: "每位买家收到同样的内容，加密保存", "Every buyer gets this text. It is stored encrypted";
    goods_content_if: "只在发货方式为「共享内容」时填写，加密保存", "For shared content only. It is stored encrypted";
    goods_content_kept: "已加密保存；留空则保持不变", "Stored encrypted; leave blank to keep it";
    goods_use_limit: "最多可卖次数", "Most times it may be sold";
    goods_use_limit_hint: "留空或 0 表示不限", "Blank or 0 means no limit";
    goods_variant_zh: "中文规格名", "Chinese variant name";
    goods_variant_en: "英文规格名", "English variant name";
    goods_variant_hint: "只有一个规格时可以留空", "May be blank where there is only one";
    goods_limits: "购买数量", "How many may be bought";
    goods_min: "每单最少", "Fewest in an order";
    goods_max: "每单最多", "Most in an order";
    goods_buyer_limit: "每位买家最多", "Most for one buyer";
    goods_buyer_limit_hint: "按邮箱累计；留空表示不限", "Over all orders of an email address; blank means no limit";
    goods_tiers: "批发价", "Wholesale prices";
    goods_tiers_lead: "买得越多单价越低。两格都留空的一行不会保存。", "Each costs less the more are bought. A row left blank is not kept.";
    goods_tier_from(n: usize): "第 {n} 档：从几件起", "Tier {n}: from how many";
    goods_tier_price(n: usize): "第 {n} 档：单价", "Tier {n}: price of each";

    // What is done with them
    goods_create: "创建商品", "Create product";
    goods_created: "商品已创建。", "The product was created.";
    goods_saved: "已保存。", "Saved.";
    goods_removed: "已删除。", "Removed.";
    goods_copied: "已复制为一件下架的新商品，卡密和共享内容没有复制。", "Copied as a new product that is off sale. Cards and shared contents were not copied.";
    goods_copy_name(name: &str): "{name}（副本）", "{name} (copy)";
    goods_open: "查看商品页", "Open its page";
    goods_duplicate: "复制", "Duplicate";
    goods_never_deleted: "商品不会被删除，因为订单要用到它。不想再卖时请下架。", "Products are never deleted, because orders refer to them. Take it off sale instead.";
    goods_history: "谁改过这件商品", "Who changed this product";
    goods_preview: "预览", "Preview";
    goods_preview_title: "买家看到的样子", "As buyers see it";
    goods_preview_note: "这是预览，还没有保存，也不能购买。", "This is a preview. It is not saved, and nothing can be bought here.";
    goods_preview_asks: "下单时填写：", "The buyer is asked for:";
    goods_moved: "你打开之后，有人改过这里", "Somebody changed this after you opened it";
    goods_moved_hint: "还没有保存，你填写的内容都在。核对下面的差异，再保存一次就会用你的内容覆盖。", "Nothing was saved and all you typed is still here. Look at the differences; saving again puts yours in their place.";
    goods_moved_what: "项目", "Value";
    goods_moved_theirs: "现在保存的", "As stored now";
    goods_moved_yours: "你填写的", "As you typed it";

    // Categories
    goods_categories: "分类", "Categories";
    goods_categories_none: "还没有分类", "There are no categories yet";
    goods_categories_none_hint: "商品要放在一个分类里，先在下面添加。", "Every product stands in one. Add the first below.";
    goods_category_add: "添加分类", "Add a category";
    goods_place_of(name: &str): "「{name}」的排序", "Position of {name}";
    goods_save_order: "保存排序", "Save the order";
    goods_of_category: "查看其中的商品", "Its products";
    goods_remove: "删除", "Remove";
    goods_category_remove: "删除分类", "Remove the category";
    goods_category_remove_ask(name: &str): "将删除分类「{name}」。其中没有商品，删除后不能恢复。", "The category {name} will be removed. No product stands in it. This cannot be undone.";
    goods_category_used(name: &str): "「{name}」里还有商品，没有删除。先把它们移到别的分类。", "{name} still holds products and was not removed. Move them to another category first.";

    // What is wrong with a value
    goods_bad_empty: "请填写这一项", "Fill this in";
    goods_bad_code: "只能用 1 到 80 个字母、数字、-、_ 或 .", "Use 1 to 80 letters, digits, -, _ or .";
    goods_bad_line: "只能是一行，不能有控制字符", "Use one line without control characters";
    goods_bad_control: "里面有看不见的控制字符", "It holds a control character";
    goods_bad_long(n: usize): "最多 {n} 个字符", "Use at most {n} characters";
    goods_bad_picture: "请选择列表里的图标", "Choose an icon of the list";
    goods_bad_range(from: i64, to: i64): "请填写 {from} 到 {to} 的整数", "Use a whole number from {from} to {to}";
    goods_bad_choice: "请从选项里选一个", "Choose one of the list";
    goods_bad_money: "请填写数字金额，例如 29.90", "Use a plain amount such as 29.90";
    goods_bad_precise(code: &str, n: u32): "{code} 最多 {n} 位小数", "{code} has at most {n} decimals";
    goods_bad_dear: "金额太大", "The amount is too large";
    goods_bad_below: "不能小于每单最少", "It is below the fewest in an order";
    goods_bad_above: "一单最多 200 件", "An order holds at most 200";
    goods_bad_nobody: "小于每单最少，没有人能买", "It is below the fewest in an order, so nobody could buy";
    goods_bad_tier_order: "要比上一档的数量多", "It must be more than the tier before it";
    goods_bad_tier_dearer: "不能比买得少时更贵", "It must not cost more than fewer units do";
    goods_bad_key: "代码只能用小写字母、数字和 _，最多 40 个", "A key is up to 40 lower-case letters, digits and _";
    goods_bad_no_options: "「选一项」需要选项", "This kind needs choices";
    goods_bad_blank_option: "选项不能为空", "A choice is blank";
    goods_bad_pattern: "这不是正则表达式", "This is not a regular expression";
    goods_bad_options_elsewhere: "只有「选一项」才有选项", "Only a choice has choices";
    goods_bad_pattern_elsewhere: "只有「符合格式的文字」才有格式", "Only text of a certain form has a form";
    goods_bad_taken: "已经被用过，请换一个", "It is taken. Choose another";
}
