//! The wrong one of the alphabets that a library offers.

use super::Entry;
use crate::bug::Bug;

pub(super) const ENTRY: Entry = Entry {
    name: "base64-for-urls",
    chapter: "arguments",
    summary: "over long-polling, attachments are in the base64 that is meant for URLs",
    bug: || Box::new(Base64ForUrls),
};

/// Between two packets of a payload.
const SEPARATOR: &str = "\u{1e}";

struct Base64ForUrls;

impl Bug for Base64ForUrls {
    fn poll_body(&mut self, body: String) -> String {
        let packets = body.split(SEPARATOR).map(|packet| {
            if packet.starts_with('b') {
                packet.replace('+', "-").replace('/', "_")
            } else {
                packet.to_owned()
            }
        });
        packets.collect::<Vec<_>>().join(SEPARATOR)
    }
}
