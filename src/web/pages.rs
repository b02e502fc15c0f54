//! The pages as plain data: a handler fills a struct and prints it. Amounts arrive formatted, times
//! as [`Stamp`](crate::web::layout::Stamp)s, and everything is escaped by the templates.

pub mod cashier;
pub mod failure;
pub mod home;
pub mod lookup;
pub mod orders;
pub mod policy;
pub mod product;
pub mod request;
pub mod result;

#[cfg(test)]
mod samples;
#[cfg(test)]
mod tests;
