//! A text in, where e-mail addresses, payment cards, account numbers, phone numbers, ids and IP addresses stand out.
//!
//! Only forms that hardly anything else has are taken: numbers need a check digit, a form of their own or a `+`.

mod email;
mod iban;
mod ip;
mod number;

pub(super) use email::emails;
pub(super) use ip::addresses;
pub(super) use number::numbers;
