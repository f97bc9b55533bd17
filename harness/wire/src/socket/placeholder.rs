//! Bytes out of the JSON, and back into it.
//!
//! Clause: Socket.IO protocol v5, "Packet encoding": each run of bytes becomes an attachment, and
//! `{"_placeholder":true,"num":N}` stands where it was.

use std::cell::RefCell;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde::ser::{Serialize, SerializeMap, Serializer};

use super::DecodeError;
use crate::Excerpt;
use crate::data::Data;

const MARK: &str = "_placeholder";
const NUM: &str = "num";

/// Serializes [`Data`] for the wire, and moves the bytes it meets to a list.
pub(super) struct Extracting<'a> {
    data: &'a Data,
    /// `None` where the packet has no attachments: bytes become base64.
    attachments: Option<&'a RefCell<Vec<Bytes>>>,
}

impl<'a> Extracting<'a> {
    pub(super) fn new(data: &'a Data, attachments: Option<&'a RefCell<Vec<Bytes>>>) -> Self {
        Self { data, attachments }
    }
}

impl Serialize for Extracting<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let inner = |data| Extracting {
            data,
            attachments: self.attachments,
        };
        match self.data {
            Data::Null => serializer.serialize_unit(),
            Data::Bool(value) => serializer.serialize_bool(*value),
            Data::Number(value) => value.serialize(serializer),
            Data::Text(text) => serializer.serialize_str(text),
            Data::Array(items) => serializer.collect_seq(items.iter().map(inner)),
            Data::Object(fields) => {
                serializer.collect_map(fields.iter().map(|(key, value)| (key, inner(value))))
            }
            Data::Binary(bytes) => match self.attachments {
                None => serializer.serialize_str(&STANDARD.encode(bytes)),
                Some(attachments) => {
                    let mut attachments = attachments.borrow_mut();
                    let mut map = serializer.serialize_map(Some(2))?;
                    map.serialize_entry(MARK, &true)?;
                    map.serialize_entry(NUM, &attachments.len())?;
                    attachments.push(bytes.clone());
                    map.end()
                }
            },
        }
    }
}

/// Checks that the placeholders of `args` name the attachments `0..count`, every one of them.
pub(super) fn check(args: &[Data], count: usize, text: &str) -> Result<(), DecodeError> {
    let mut named = vec![false; count];
    for arg in args {
        check_one(arg, &mut named, text)?;
    }
    match named.iter().position(|named| !named) {
        None => Ok(()),
        Some(num) => Err(DecodeError::AttachmentUnused {
            num,
            excerpt: Excerpt::of(text),
        }),
    }
}

fn check_one(data: &Data, named: &mut [bool], text: &str) -> Result<(), DecodeError> {
    match data {
        Data::Array(items) => items
            .iter()
            .try_for_each(|item| check_one(item, named, text)),
        Data::Object(_) if is_placeholder(data) => {
            let count = named.len();
            let slot = num(data).and_then(|num| named.get_mut(num));
            *slot.ok_or_else(|| DecodeError::Placeholder {
                num: Excerpt::of(&data.get(NUM).unwrap_or(&Data::Null).to_string()),
                count,
                excerpt: Excerpt::of(text),
            })? = true;
            Ok(())
        }
        Data::Object(fields) => fields
            .values()
            .try_for_each(|item| check_one(item, named, text)),
        _ => Ok(()),
    }
}

/// Puts `attachments` where [`check`] found their placeholders.
pub(super) fn fill(data: &mut Data, attachments: &[Bytes]) {
    if is_placeholder(data)
        && let Some(bytes) = num(data).and_then(|num| attachments.get(num))
    {
        *data = Data::Binary(bytes.clone());
        return;
    }
    match data {
        Data::Array(items) => items.iter_mut().for_each(|item| fill(item, attachments)),
        Data::Object(fields) => fields.values_mut().for_each(|item| fill(item, attachments)),
        _ => {}
    }
}

fn is_placeholder(data: &Data) -> bool {
    matches!(data.get(MARK), Some(Data::Bool(true)))
}

fn num(placeholder: &Data) -> Option<usize> {
    match placeholder.get(NUM) {
        Some(Data::Number(num)) => usize::try_from(num.as_u64()?).ok(),
        _ => None,
    }
}
