//! Texts of the console's stock pages.

super::catalogue! {
    // All variants
    stock_lead: "可售数量只计入已上架批次中未被占用的卡密。", "Available counts the cards of batches on sale that nobody holds.";
    stock_product: "商品", "Product";
    stock_available: "可售", "Available";
    stock_reserved: "待付款占用", "Reserved";
    stock_lately: "近 30 天发出", "Delivered, 30 days";
    stock_waiting: "等待补货的订单", "Orders waiting";
    stock_mark_low: "库存低", "Low";
    stock_out: "售罄", "Sold out";
    stock_off: "已下架", "Off sale";
    stock_endless: "不限", "Unlimited";
    stock_by_hand: "人工发货", "By hand";
    stock_filter_text: "名称或 SKU", "Name or SKU";
    stock_filter_mark: "状况", "Condition";
    stock_filter_kind: "发货方式", "Delivery";
    stock_kind_card_pool: "卡密", "Cards";
    stock_kind_reusable: "共享内容", "Shared content";
    stock_kind_manual: "人工", "By hand";
    stock_nothing: "还没有可以备货的商品", "There is nothing to stock yet";
    stock_none_hint: "先在「商品」中添加一个规格，再回来导入卡密。", "Add a product with a variant first, then import its cards here.";
    stock_none_action: "去添加商品", "Go to products";
    stock_import_now: "导入卡密", "Import cards";
    stock_import_for(sku: &str): "导入 {sku} 的卡密", "Import cards of {sku}";
    stock_find: "按内容查找卡密", "Find a card by its content";
    stock_find_hint: "填写完整内容。内容加密保存，只能整条匹配。", "Enter the whole content. It is stored encrypted, so only a whole match is found.";
    stock_find_button: "查找", "Find";
    stock_find_miss: "没有内容相同的卡密。请核对后再试，空格和大小写也要一致。", "No card has this content. Check it and try again: spaces and capitals count.";

    // One variant
    stock_tabs: "库存分区", "Parts of this stock";
    stock_tab_cards: "卡密", "Cards";
    stock_tab_batches: "批次", "Batches";
    stock_tab_bin: "回收站", "Recycle bin";
    stock_tab_reusable: "共享内容", "Content";
    stock_action_import: "导入", "Import";
    stock_action_export: "导出", "Export";
    stock_action_move: "移到其他规格", "Move";
    stock_threshold(n: i64): "低于或等于 {n} 张时提醒", one "A notice goes out at {n} card or fewer", many "A notice goes out at {n} cards or fewer";
    stock_threshold_none: "没有设置低库存提醒", "No low-stock notice is set";
    stock_threshold_change: "在商品中修改", "Change it with the product";
    stock_card: "卡密", "Card";
    stock_state: "状态", "State";
    stock_batch: "批次", "Batch";
    stock_order: "订单", "Order";
    stock_changed: "最近变动", "Last change";
    stock_choose: "选择", "Choose";
    stock_choose_card(masked: &str): "选择 {masked}", "Choose {masked}";
    stock_state_available: "可售", "Available";
    stock_state_reserved: "待付款占用", "Reserved";
    stock_state_delivered: "已发货", "Delivered";
    stock_state_withdrawn: "已撤回", "Withdrawn";
    stock_withdraw: "撤回所选卡密", "Withdraw the chosen cards";
    stock_restore: "恢复所选卡密", "Restore the chosen cards";
    stock_cards_none: "这里没有卡密", "There are no cards here";
    stock_cards_none_hint: "导入的卡密会出现在「可售」中。", "Imported cards appear under Available.";
    stock_bin_hint: "撤回的卡密留在这里，买家买不到。内容没有重新入库或售出时，可以恢复销售。", "Withdrawn cards stay here and cannot be bought. One can be restored as long as its content is nowhere else in stock or sold.";
    stock_withdrawn_said(n: usize): "已撤回 {n} 张卡密。", one "{n} card was withdrawn.", many "{n} cards were withdrawn.";
    stock_withdrawn_some(done: &usize, kept: &usize): "已撤回 {done} 张卡密，另外 {kept} 张已被占用或售出，没有变动。", "Withdrawn: {done}. Not changed, because an order holds or has them: {kept}.";
    stock_withdrawn_no: "没有撤回任何卡密：所选的卡密已被占用、售出或撤回。", "Nothing was withdrawn: an order holds or has the chosen cards, or they were withdrawn before.";
    stock_restored_said(n: usize): "已恢复 {n} 张卡密，可以销售。", one "{n} card is on sale again.", many "{n} cards are on sale again.";
    stock_restored_some(done: &usize, kept: &usize): "已恢复 {done} 张卡密，另外 {kept} 张没有恢复：内容已在库存中或已售出，或批次暂停销售。", "Restored: {done}. Not restored, because their content is in stock or sold, or their batch is withheld: {kept}.";
    stock_restored_no: "没有恢复任何卡密：内容已在库存中或已售出，或批次在恢复备份后暂停销售。", "Nothing was restored: the content is in stock or sold already, or its batch is withheld since a restoration.";
    stock_chosen_none: "先选择至少一张卡密。", "Choose at least one card first.";

    // One card
    stock_card_title: "一张卡密", "One card";
    stock_card_id: "编号", "Id";
    stock_reveal: "查看完整内容", "Show the whole content";
    stock_reveal_hint: "查看会记入审计日志。", "Looking is written to the audit log.";
    stock_content: "完整内容", "Whole content";
    stock_shown: "内容只在这一页显示，离开后需要重新查看。", "It is shown on this page only.";
    stock_card_withdraw: "撤回这张卡密", "Withdraw this card";
    stock_card_restore: "恢复销售", "Put it back on sale";
    stock_history: "审计记录", "Audit log of this card";

    // Import
    stock_import_title: "导入卡密", "Import cards";
    stock_import_text: "粘贴卡密", "Paste cards";
    stock_import_text_hint: "每行一张，最多 200,000 行。空行会跳过。", "One card a line, at most 200,000 lines. Blank lines are passed over.";
    stock_import_file: "或选择文件", "Or choose a file";
    stock_import_file_hint: "UTF-8 编码的 .txt（每行一张）或 .csv（每条记录一张，各列用 ---- 连接），最大 16 MB。", "UTF-8 text: .txt with one card a line, or .csv with one card a record, its columns joined by ----. At most 16 MB.";
    stock_import_check: "检查，不写入", "Check, write nothing";
    stock_import_empty: "没有找到卡密。请粘贴内容或选择一个文件。", "No cards were found. Paste some or choose a file.";
    stock_import_both: "粘贴和文件只能选一个。", "Paste cards or choose a file, not both.";
    stock_import_many: "一次最多导入 200,000 行，请分几次导入。", "One import has at most 200,000 lines. Import it in parts.";
    stock_import_kind: "文件需要是 .txt 或 .csv。Excel 文件请先另存为「CSV UTF-8」。", "The file must be .txt or .csv. Save an Excel file as CSV UTF-8 first.";
    stock_draft_title: "确认导入", "Confirm the import";
    stock_draft_done: "导入结果", "Import result";
    stock_draft_loading: "正在导入", "Importing";
    stock_draft_from(source: &str): "来源：{source}", "From {source}";
    stock_draft_lead: "还没有写入任何内容。确认后，新的卡密会加入库存，付款后等待补货的订单按付款先后自动发货。", "Nothing has been written. Once confirmed, new cards join the stock, and paid orders that wait are delivered in the order they were paid.";
    stock_draft_new: "新卡密", "New cards";
    stock_draft_twice: "文件内重复", "Repeated in the file";
    stock_draft_known: "已在库存或已售出", "In stock or sold already";
    stock_draft_bad: "不能识别", "Cannot be read";
    stock_draft_confirm(n: usize): "导入 {n} 张卡密", one "Import {n} card", many "Import {n} cards";
    stock_draft_nothing: "没有新的卡密可以导入。", "There is nothing new to import.";
    stock_draft_again: "换一份内容", "Try something else";
    stock_draft_lines: "行号", "Lines";
    stock_draft_more(n: usize): "另有 {n} 行没有列出", one "and {n} more line", many "and {n} more lines";
    stock_draft_line: "行", "Line";
    stock_draft_reason: "原因", "Reason";
    stock_draft_progress(done: &i64, all: &usize): "已写入 {done} / {all} 张。全部写入后才会开始销售。", "{done} of {all} cards are written. None is sold before all of them are.";
    stock_draft_refresh: "刷新进度", "Refresh";
    stock_draft_loaded(n: usize): "已导入 {n} 张卡密。", one "{n} card was imported.", many "{n} cards were imported.";
    stock_draft_served(n: usize): "{n} 个等待补货的订单已从这批卡密发货。", one "{n} waiting order was delivered from this import.", many "{n} waiting orders were delivered from this import.";
    stock_draft_still(n: i64): "还有 {n} 个订单在等待补货。", one "{n} order still waits.", many "{n} orders still wait.";
    stock_draft_failed: "导入期间批次被撤回，或内容无法读取，没有卡密上架。可以重新导入。", "The batch was withdrawn while it was loading, or could not be read. Nothing is on sale; you can import it again.";
    stock_draft_old: "这次检查已超过 1 小时或已被新的检查替换，内容已删除。请重新导入。", "This check is older than an hour or was replaced by another, and its content is gone. Import it again.";
    stock_fault_too_long: "超过 4,000 个字符", "Longer than 4,000 characters";
    stock_fault_control: "含有控制字符", "Holds a control character";
    stock_fault_csv: "不是有效的 CSV 记录", "Not a CSV record";
    stock_fault_text: "不是 UTF-8 文本", "Not UTF-8 text";
    stock_fault_twice: "与上面的行重复", "Stands above already";

    // Batches
    stock_source: "来源", "Source";
    stock_source_paste: "粘贴", "Pasted";
    stock_source_restored: "从回收站恢复", "Restored";
    stock_source_from(sku: &str): "从 {sku} 移入", "Moved from {sku}";
    stock_brought: "导入数量", "Brought";
    stock_made: "时间", "Time";
    stock_batch_available: "销售中", "On sale";
    stock_batch_loading: "导入中", "Loading";
    stock_batch_withdrawn: "已撤回", "Withdrawn";
    stock_batch_withheld: "恢复备份后暂停销售", "Withheld since a restoration";
    stock_batches_none: "还没有批次", "There are no batches yet";
    stock_batches_none_hint: "每次导入是一个批次，未售出的部分可以一起撤回。", "Every import is a batch, and what is unsold of it can be withdrawn as a whole.";
    stock_batch_withdraw: "撤回", "Withdraw";
    stock_batch_download: "下载已撤回", "Download withdrawn";
    stock_batch_title: "撤回这个批次", "Withdraw this batch";
    stock_batch_effect(n: i64): "将撤回 {n} 张未售出的卡密，买家立即买不到。", one "{n} unsold card is taken out of sale at once.", many "{n} unsold cards are taken out of sale at once.";
    stock_batch_keeps(reserved: &i64, delivered: &i64): "{reserved} 张被待付款订单占用、{delivered} 张已发货，都留给各自的订单；占用的卡密如果退回，也会撤回。", "Reserved: {reserved}. Delivered: {delivered}. They stay with their orders; a reserved card that comes back is withdrawn too.";
    stock_batch_later: "撤回的卡密在回收站中，可以下载或恢复。", "Withdrawn cards stay in the recycle bin, to be downloaded or restored.";
    stock_batch_confirm(n: i64): "撤回 {n} 张卡密", one "Withdraw {n} card", many "Withdraw {n} cards";
    stock_batch_said(n: usize): "批次已撤回，{n} 张卡密移到回收站。", one "The batch is withdrawn: {n} card is in the recycle bin.", many "The batch is withdrawn: {n} cards are in the recycle bin.";
    stock_batch_over: "这个批次已经撤回，没有再做任何操作。", "This batch was withdrawn before. Nothing was done.";

    // Export
    stock_export_title: "导出卡密", "Export cards";
    stock_export_lead: "文件含有完整的卡密内容，导出会记入审计日志。请妥善保管，用完删除。", "The file holds whole cards, and taking it out is written to the audit log. Keep it safe and delete it after use.";
    stock_export_state: "导出哪些卡密", "Which cards";
    stock_export_batch: "批次", "Batch";
    stock_export_batch_all: "全部批次", "All batches";
    stock_export_form: "格式", "Format";
    stock_export_txt: "文本，每行一张，可以再次导入", "Text, one card a line; it can be imported again";
    stock_export_csv: "CSV 表格，含状态、批次和时间", "CSV table with state, batch and time";
    stock_export_available(n: i64): "可售（{n} 张）", one "Available ({n} card)", many "Available ({n} cards)";
    stock_export_withdrawn(n: i64): "已撤回（{n} 张）", one "Withdrawn ({n} card)", many "Withdrawn ({n} cards)";
    stock_export_button: "下载文件", "Download the file";
    stock_export_none: "没有符合条件的卡密可以导出。", "No cards match; there is nothing to export.";
    stock_export_many: "一次最多导出 200,000 张，请选择一个批次。", "One file holds at most 200,000 cards. Choose a batch.";
    stock_export_choose: "选择要导出的卡密和格式。", "Choose which cards, and a format.";
    stock_csv_card: "卡密", "card";
    stock_csv_state: "状态", "state";
    stock_csv_batch: "批次", "batch";
    stock_csv_imported: "导入时间", "imported";

    // Moving
    stock_move_title: "移到其他规格", "Move to another variant";
    stock_move_lead: "只移动未售出、未被占用的卡密，先移动最早导入的。目标规格有等待补货的订单时会自动发货。", "Only cards that nobody holds or has are moved, the oldest first. Paid orders that wait for the other variant are then delivered.";
    stock_move_to: "目标规格", "Move to";
    stock_move_to_choose: "选择规格", "Choose a variant";
    stock_move_count: "数量", "How many";
    stock_move_count_hint: "1 到 10,000", "1 to 10,000";
    stock_move_next: "下一步", "Continue";
    stock_move_effect(n: &i64, from: &str, to: &str): "将把 {n} 张卡密从 {from} 移到 {to}，以后作为 {to} 销售。", "{n} cards go from {from} to {to} and are sold as {to} from then on.";
    stock_move_confirm(n: i64): "移动 {n} 张卡密", one "Move {n} card", many "Move {n} cards";
    stock_move_said(n: &usize, to: &str): "已把 {n} 张卡密移到 {to}。", "Moved to {to}: {n}.";
    stock_move_no: "没有移动任何卡密：可售的卡密已被占用或售出。", "Nothing was moved: what was available is held or sold by now.";
    stock_move_to_error: "选择另一个以卡密发货的规格。", "Choose another variant that sells cards.";
    stock_move_count_error: "数量需要是 1 到 10,000 的整数。", "Enter a whole number from 1 to 10,000.";
    stock_move_few(n: i64): "只有 {n} 张可以移动。", one "Only {n} card can be moved.", many "Only {n} cards can be moved.";
    stock_move_nowhere: "没有其他以卡密发货的规格", "No other variant sells cards";
    stock_move_nowhere_hint: "先添加一个，再移动卡密。", "Add one first, then move cards to it.";

    // The reusable card
    stock_reuse_lead: "同一份内容卖给每位买家。修改后只影响以后的订单，已发出的内容不变。", "Every buyer gets the same content. A change counts for later orders; what was delivered stays as it was.";
    stock_reuse_now: "现在的内容", "Present content";
    stock_reuse_none: "还没有内容，不能销售", "There is no content yet, so nothing can be sold";
    stock_reuse_used: "已售出或占用", "Sold or held";
    stock_reuse_limit: "最多售出次数", "Use limit";
    stock_reuse_limit_hint: "留空表示不限", "Leave it empty for no limit";
    stock_reuse_new: "新内容", "New content";
    stock_reuse_new_hint: "留空表示不修改内容。最多 4,000 个字符。", "Leave it empty to keep the content. At most 4,000 characters.";
    stock_reuse_title: "修改内容和次数", "Change content and limit";
    stock_reuse_saved: "已保存，以后的订单使用新的设置。", "Saved. Later orders use it.";
    stock_reuse_limit_error: "次数需要是大于 0 的整数，或留空。", "The limit is a whole number above 0, or empty.";
    stock_reuse_limit_used(n: &i64): "已经售出或占用 {n} 次，次数不能更少。", "It was sold or is held {n} times already; the limit cannot be lower.";
    stock_reuse_content_error: "内容最多 4,000 个字符，不能含控制字符。", "The content has at most 4,000 characters and no control characters.";
    stock_reuse_content_missing: "请填写内容。", "Enter the content.";
}
