//! Vendgate: a self-hosted shop for goods that deliver themselves.
//!
//! # The walk of one order
//!
//! ```text
//! buyer ─ web ─ order::place ──► stock (reserve) ─► order row, deadline            one write
//!               payment::open ─► routing (decide) ─► attempt row ─► channel (create) ─► QR, link
//!                                    └ provably failed: next account, same page
//! channel ──► payment::callback ─► eleven checks ─┐
//! server  ──► payment::poll (every channel) ──────┤
//! buyer   ──► return page (asks the channel) ─────┼─► payment::settle               one write:
//! staff   ──► payment::act on a money case ───────┘      receipt, order state, cards handed out,
//!                                                        journal, outbox rows
//! outbox  ──► mail, webhook, alert (at least once, known by one id)
//! ```
//!
//! [`payment::settle()`] is the only place where money turns into goods. The rooms stand below in
//! the order money walks through them; each one's page says what comes in and what goes out.
//! Who may import whom is kept by a test (`tests/it/architecture`).

// Words everyone speaks: they import nothing of ours.
pub mod clock;
pub mod ids;
pub mod money;
pub mod password;
pub mod random;
pub mod seal;
pub mod zone;

// The door to the database, and what an owner can change.
pub mod settings;
pub mod store;

// The rooms, in the order money walks through them.
pub mod catalog;
pub mod stock;
pub mod window;

pub mod risk;

pub mod order;

pub mod routing;

pub mod account;
pub mod channel;

pub mod outbound;

pub mod payment;

pub mod delivery;

pub mod refund;

pub mod case;

pub mod ledger;

pub mod request;

pub mod notify;

pub mod staff;

pub mod bus;
pub mod monitor;

// The edges: what starts, serves and works.
pub mod app;
pub mod config;

pub mod jobs;

pub mod web;

pub mod apply;
pub mod backup;
pub mod command;
pub mod demo;
pub mod doctor;
pub mod setup;

pub mod sandbox;

pub mod fault;
