//! The tables of the gateway's own file.

pub(super) const TABLES: &str = "
CREATE TABLE IF NOT EXISTS merchants (
  id TEXT PRIMARY KEY NOT NULL, own_key TEXT, md5_key TEXT,
  merchant_public_key TEXT, platform_private_key TEXT);
CREATE TABLE IF NOT EXISTS payments (
  id INTEGER PRIMARY KEY NOT NULL, trade_no TEXT NOT NULL UNIQUE,
  merchant TEXT NOT NULL, merchant_no TEXT NOT NULL, api TEXT NOT NULL,
  amount BIGINT NOT NULL, currency TEXT NOT NULL, method TEXT NOT NULL, subject TEXT NOT NULL,
  notify_url TEXT NOT NULL, return_url TEXT NOT NULL, param TEXT NOT NULL,
  state TEXT NOT NULL, created_at BIGINT NOT NULL, expires_at BIGINT, paid_at BIGINT,
  refunded BIGINT NOT NULL DEFAULT 0,
  UNIQUE (merchant, merchant_no), CHECK (refunded BETWEEN 0 AND amount));
CREATE INDEX IF NOT EXISTS payments_by_no ON payments (merchant_no);
CREATE TABLE IF NOT EXISTS refunds (
  id INTEGER PRIMARY KEY NOT NULL, merchant TEXT NOT NULL, refund_no TEXT NOT NULL,
  channel_refund_no TEXT NOT NULL UNIQUE, payment BIGINT NOT NULL REFERENCES payments (id),
  amount BIGINT NOT NULL, state TEXT NOT NULL, created_at BIGINT NOT NULL,
  UNIQUE (merchant, refund_no));
CREATE TABLE IF NOT EXISTS notices (
  id INTEGER PRIMARY KEY NOT NULL, payment BIGINT NOT NULL REFERENCES payments (id),
  status TEXT NOT NULL, amount BIGINT NOT NULL, parallel INTEGER NOT NULL,
  tries INTEGER NOT NULL DEFAULT 0, created_at BIGINT NOT NULL, next_at BIGINT NOT NULL,
  state TEXT NOT NULL, follows BIGINT);
CREATE INDEX IF NOT EXISTS notices_open ON notices (next_at) WHERE state = 'due';
CREATE INDEX IF NOT EXISTS notices_of ON notices (payment);
CREATE TABLE IF NOT EXISTS nonces (
  merchant TEXT NOT NULL, nonce TEXT NOT NULL, at BIGINT NOT NULL,
  PRIMARY KEY (merchant, nonce)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS nonces_by_time ON nonces (at);
CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY NOT NULL, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS log (
  id INTEGER PRIMARY KEY NOT NULL, at BIGINT NOT NULL, direction TEXT NOT NULL,
  kind TEXT NOT NULL, merchant TEXT, merchant_no TEXT, verb TEXT NOT NULL, path TEXT NOT NULL,
  status INTEGER, ms BIGINT, body TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS log_by_no ON log (merchant_no);
PRAGMA user_version = 1;";

diesel::table! {
    merchants (id) {
        id -> Text,
        own_key -> Nullable<Text>,
        md5_key -> Nullable<Text>,
        merchant_public_key -> Nullable<Text>,
        platform_private_key -> Nullable<Text>,
    }
}

diesel::table! {
    payments (id) {
        id -> BigInt,
        trade_no -> Text,
        merchant -> Text,
        merchant_no -> Text,
        api -> Text,
        amount -> BigInt,
        currency -> Text,
        method -> Text,
        subject -> Text,
        notify_url -> Text,
        return_url -> Text,
        param -> Text,
        state -> Text,
        created_at -> BigInt,
        expires_at -> Nullable<BigInt>,
        paid_at -> Nullable<BigInt>,
        refunded -> BigInt,
    }
}

diesel::table! {
    refunds (id) {
        id -> BigInt,
        merchant -> Text,
        refund_no -> Text,
        channel_refund_no -> Text,
        payment -> BigInt,
        amount -> BigInt,
        state -> Text,
        created_at -> BigInt,
    }
}

diesel::table! {
    notices (id) {
        id -> BigInt,
        payment -> BigInt,
        status -> Text,
        amount -> BigInt,
        parallel -> Integer,
        tries -> Integer,
        created_at -> BigInt,
        next_at -> BigInt,
        state -> Text,
        follows -> Nullable<BigInt>,
    }
}

diesel::table! {
    nonces (merchant, nonce) {
        merchant -> Text,
        nonce -> Text,
        at -> BigInt,
    }
}

diesel::table! {
    settings (name) {
        name -> Text,
        value -> Text,
    }
}

diesel::table! {
    log (id) {
        id -> BigInt,
        at -> BigInt,
        direction -> Text,
        kind -> Text,
        merchant -> Nullable<Text>,
        merchant_no -> Nullable<Text>,
        verb -> Text,
        path -> Text,
        status -> Nullable<Integer>,
        ms -> Nullable<BigInt>,
        body -> Text,
    }
}

diesel::joinable!(notices -> payments (payment));
diesel::allow_tables_to_appear_in_same_query!(notices, payments, refunds, merchants);
