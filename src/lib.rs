//! Vendgate: a self-hosted shop for goods that deliver themselves.

pub mod web;
