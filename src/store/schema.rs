//! The tables as Diesel sees them; `migrations/` creates them, and a test holds both together.

#![allow(missing_docs, reason = "a table! macro documents itself")]

diesel::table! {
    setting (name) {
        name -> Text,
        value -> Text,
        changed_at -> BigInt,
    }
}

diesel::table! {
    config_version (id) {
        id -> Integer,
        version -> BigInt,
    }
}

diesel::table! {
    key_check (id) {
        id -> Integer,
        value -> Binary,
    }
}

diesel::table! {
    seller (id) {
        id -> Text,
        name -> Text,
        created_at -> BigInt,
    }
}

diesel::table! {
    category (id) {
        id -> Text,
        slug -> Text,
        name_zh -> Text,
        name_en -> Text,
        position -> Integer,
        changed_at -> BigInt,
    }
}

diesel::table! {
    product (id) {
        id -> Text,
        seller_id -> Text,
        category_id -> Text,
        slug -> Text,
        name_zh -> Text,
        name_en -> Text,
        summary_zh -> Text,
        summary_en -> Text,
        description_zh -> Text,
        description_en -> Text,
        usage_zh -> Text,
        usage_en -> Text,
        picture -> Text,
        delivery -> Text,
        reserves -> Bool,
        fields -> Text,
        low_stock -> BigInt,
        promised_minutes -> BigInt,
        state -> Text,
        position -> Integer,
        created_at -> BigInt,
        changed_at -> BigInt,
    }
}

diesel::table! {
    variant (id) {
        id -> Text,
        product_id -> Text,
        seller_id -> Text,
        sku -> Text,
        name_zh -> Text,
        name_en -> Text,
        price -> BigInt,
        currency -> Text,
        tiers -> Text,
        min_quantity -> BigInt,
        max_quantity -> BigInt,
        buyer_limit -> Nullable<BigInt>,
        state -> Text,
        position -> Integer,
        changed_at -> BigInt,
    }
}

diesel::table! {
    card_batch (id) {
        id -> Text,
        variant_id -> Text,
        seller_id -> Text,
        source -> Text,
        state -> Text,
        cards -> BigInt,
        created_at -> BigInt,
        changed_at -> BigInt,
        withheld_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    card (id) {
        id -> Text,
        variant_id -> Text,
        seller_id -> Text,
        batch_id -> Text,
        state -> Text,
        content -> Binary,
        content_hash -> Text,
        item_id -> Nullable<Text>,
        changed_at -> BigInt,
    }
}

diesel::table! {
    reusable (variant_id) {
        variant_id -> Text,
        seller_id -> Text,
        content -> Binary,
        use_limit -> Nullable<BigInt>,
        used -> BigInt,
        changed_at -> BigInt,
        withheld_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    counter (name) {
        name -> Text,
        used -> BigInt,
    }
}

diesel::table! {
    payment (id) {
        id -> Text,
        currency -> Text,
        amount -> BigInt,
        captured -> BigInt,
        created_at -> BigInt,
    }
}

diesel::table! {
    payment_part (id) {
        id -> Text,
        payment_id -> Text,
        kind -> Text,
        currency -> Text,
        amount -> BigInt,
        captured -> Bool,
    }
}

diesel::table! {
    orders (id) {
        id -> Text,
        order_no -> Text,
        seller_id -> Text,
        payment_id -> Text,
        state -> Text,
        version -> BigInt,
        refund_from -> Nullable<Text>,
        currency -> Text,
        amount -> BigInt,
        refunded_amount -> BigInt,
        email -> Binary,
        email_hash -> Text,
        locale -> Text,
        password_hash -> Nullable<Text>,
        fields -> Nullable<Binary>,
        event_seq -> BigInt,
        event_head -> Text,
        created_at -> BigInt,
        expires_at -> BigInt,
        paid_at -> Nullable<BigInt>,
        delivered_at -> Nullable<BigInt>,
        next_check_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    order_item (id) {
        id -> Text,
        order_id -> Text,
        seller_id -> Text,
        product_id -> Text,
        variant_id -> Text,
        name_zh -> Text,
        name_en -> Text,
        delivery -> Text,
        unit_price -> BigInt,
        quantity -> BigInt,
        amount -> BigInt,
        currency -> Text,
        delivered -> BigInt,
        held -> BigInt,
    }
}

diesel::table! {
    order_hold (order_id, counter) {
        order_id -> Text,
        counter -> Text,
        amount -> BigInt,
        kind -> Text,
    }
}

diesel::table! {
    order_event (order_id, seq) {
        order_id -> Text,
        seq -> BigInt,
        at -> BigInt,
        actor -> Text,
        kind -> Text,
        state_from -> Text,
        state_to -> Text,
        detail -> Text,
        prev_hash -> Text,
        hash -> Text,
    }
}

diesel::table! {
    view_token (hash) {
        hash -> Text,
        order_id -> Text,
        created_at -> BigInt,
    }
}

diesel::table! {
    channel_account (id) {
        id -> Text,
        kind -> Text,
        state -> Text,
        priority -> Integer,
        currency -> Text,
        min_amount -> Nullable<BigInt>,
        max_amount -> Nullable<BigInt>,
        fee -> Text,
        fixed -> BigInt,
        base_url -> Text,
        methods -> Text,
        path_token -> Text,
        credentials -> Binary,
        created_at -> BigInt,
        changed_at -> BigInt,
    }
}

diesel::table! {
    attempt (id) {
        id -> Text,
        payment_id -> Text,
        part_id -> Text,
        order_id -> Text,
        seller_id -> Text,
        n -> BigInt,
        merchant_no -> Text,
        account_id -> Text,
        method -> Text,
        currency -> Text,
        amount -> BigInt,
        state -> Text,
        channel_trade_no -> Nullable<Text>,
        pay_kind -> Text,
        pay_url -> Nullable<Text>,
        pay_qr -> Nullable<Text>,
        failure -> Nullable<Text>,
        decision -> Text,
        checks -> BigInt,
        created_at -> BigInt,
        changed_at -> BigInt,
        expires_at -> BigInt,
        next_check_at -> Nullable<BigInt>,
        watched_until -> BigInt,
    }
}

diesel::table! {
    receipt (id) {
        id -> Text,
        account_id -> Text,
        channel_trade_no -> Text,
        attempt_id -> Nullable<Text>,
        payment_id -> Nullable<Text>,
        order_id -> Nullable<Text>,
        seller_id -> Text,
        kind -> Text,
        source -> Text,
        currency -> Text,
        amount -> BigInt,
        refunding -> BigInt,
        paid_at -> BigInt,
        created_at -> BigInt,
        reconciled_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    notice (id) {
        id -> Text,
        account_id -> Text,
        at -> BigInt,
        verb -> Text,
        query -> Text,
        headers -> Text,
        body -> Binary,
        source_ip -> Text,
        verdict -> Text,
        failed_check -> Nullable<Text>,
        attempt_id -> Nullable<Text>,
    }
}

diesel::table! {
    money_case (id) {
        id -> Text,
        kind -> Text,
        dedupe -> Text,
        state -> Text,
        severity -> Text,
        order_id -> Nullable<Text>,
        attempt_id -> Nullable<Text>,
        receipt_id -> Nullable<Text>,
        refund_id -> Nullable<Text>,
        account_id -> Nullable<Text>,
        currency -> Text,
        amount -> BigInt,
        owner -> Text,
        proposal -> Text,
        summary -> Text,
        resolution -> Nullable<Text>,
        created_at -> BigInt,
        due_at -> BigInt,
        closed_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    case_note (id) {
        id -> Text,
        case_id -> Text,
        at -> BigInt,
        actor -> Text,
        body -> Text,
    }
}

diesel::table! {
    refund (id) {
        id -> Text,
        order_id -> Text,
        payment_id -> Text,
        receipt_id -> Text,
        attempt_id -> Text,
        account_id -> Text,
        merchant_refund_no -> Text,
        dedupe -> Text,
        channel_refund_no -> Nullable<Text>,
        currency -> Text,
        amount -> BigInt,
        state -> Text,
        failure -> Nullable<Text>,
        tries -> BigInt,
        created_at -> BigInt,
        changed_at -> BigInt,
        next_check_at -> Nullable<BigInt>,
        grounds -> Text,
        source -> Text,
        held_until -> Nullable<BigInt>,
    }
}

diesel::table! {
    delivery (id) {
        id -> Text,
        order_id -> Text,
        item_id -> Text,
        unit_no -> BigInt,
        card_id -> Nullable<Text>,
        content -> Nullable<Binary>,
        created_at -> BigInt,
    }
}

diesel::table! {
    journal (id) {
        id -> Text,
        source_kind -> Text,
        source_id -> Text,
        op -> Text,
        template -> Text,
        seller_id -> Text,
        at -> BigInt,
        hash -> Text,
    }
}

diesel::table! {
    journal_entry (journal_id, leg) {
        journal_id -> Text,
        leg -> Integer,
        account -> Text,
        side -> Text,
        currency -> Text,
        amount -> BigInt,
    }
}

diesel::table! {
    unsealed (row_kind, row_id) {
        row_kind -> Text,
        row_id -> Text,
        row_hash -> Text,
        at -> BigInt,
    }
}

diesel::table! {
    seal (seq) {
        seq -> BigInt,
        row_kind -> Text,
        row_id -> Text,
        row_hash -> Text,
        prev_hash -> Text,
        hash -> Text,
    }
}

diesel::table! {
    balance (account, currency) {
        account -> Text,
        currency -> Text,
        debit -> BigInt,
        credit -> BigInt,
        seal_seq -> BigInt,
    }
}

diesel::table! {
    outbox (id) {
        id -> Text,
        kind -> Text,
        topic -> Text,
        dedupe -> Text,
        order_id -> Nullable<Text>,
        payload -> Text,
        state -> Text,
        tries -> BigInt,
        next_at -> BigInt,
        lease_until -> Nullable<BigInt>,
        lease_token -> BigInt,
        last_error -> Nullable<Text>,
        created_at -> BigInt,
        done_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    alert (id) {
        id -> Text,
        kind -> Text,
        dedupe -> Text,
        severity -> Text,
        body -> Text,
        count -> BigInt,
        first_at -> BigInt,
        last_at -> BigInt,
    }
}

diesel::table! {
    lease (name) {
        name -> Text,
        holder -> Text,
        token -> BigInt,
        until -> BigInt,
    }
}

diesel::table! {
    idempotency (route, caller, key) {
        route -> Text,
        caller -> Text,
        key -> Text,
        body_hash -> Text,
        order_id -> Text,
        lease_until -> BigInt,
        status -> Nullable<Integer>,
        response -> Nullable<Binary>,
        created_at -> BigInt,
    }
}

diesel::table! {
    stray (account_id, merchant_no) {
        account_id -> Text,
        merchant_no -> Text,
        channel_trade_no -> Text,
        checks -> BigInt,
        seen_at -> BigInt,
        next_check_at -> BigInt,
    }
}

diesel::table! {
    staff (id) {
        id -> Text,
        email -> Text,
        role -> Text,
        state -> Text,
        password_hash -> Text,
        totp -> Nullable<Binary>,
        totp_step -> BigInt,
        created_at -> BigInt,
        changed_at -> BigInt,
    }
}

diesel::table! {
    request (id) {
        id -> Text,
        order_id -> Text,
        kind -> Text,
        state -> Text,
        messages -> BigInt,
        created_at -> BigInt,
        changed_at -> BigInt,
        closed_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    staff_link (hash) {
        hash -> Text,
        staff_id -> Nullable<Text>,
        created_at -> BigInt,
        expires_at -> BigInt,
        used_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    staff_session (id) {
        id -> Text,
        hash -> Text,
        staff_id -> Text,
        created_at -> BigInt,
        seen_at -> BigInt,
        proved_at -> BigInt,
        network -> Text,
        agent -> Text,
        ended_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    audit (id) {
        id -> Text,
        at -> BigInt,
        actor -> Text,
        action -> Text,
        object_kind -> Text,
        object_id -> Text,
        before -> Text,
        after -> Text,
        network -> Text,
        request_id -> Text,
        hash -> Text,
    }
}

diesel::table! {
    restoration (at) {
        at -> BigInt,
        backed_up_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    request_message (id) {
        id -> Text,
        request_id -> Text,
        author -> Text,
        actor -> Text,
        body -> Binary,
        dedupe -> Text,
        created_at -> BigInt,
    }
}

diesel::table! {
    mail_template (topic, lang) {
        topic -> Text,
        lang -> Text,
        subject -> Text,
        opening -> Text,
        closing -> Text,
        changed_at -> BigInt,
    }
}

diesel::allow_tables_to_appear_in_same_query!(
    setting,
    config_version,
    key_check,
    seller,
    category,
    product,
    variant,
    card_batch,
    card,
    reusable,
    counter,
    payment,
    payment_part,
    orders,
    order_item,
    order_hold,
    order_event,
    view_token,
    channel_account,
    attempt,
    receipt,
    notice,
    money_case,
    case_note,
    refund,
    delivery,
    journal,
    journal_entry,
    unsealed,
    seal,
    balance,
    outbox,
    alert,
    lease,
    idempotency,
    stray,
    staff,
    staff_link,
    staff_session,
    audit,
    restoration,
    request,
    request_message,
    mail_template,
);
