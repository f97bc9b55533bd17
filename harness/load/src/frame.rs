//! WebSocket frames, without a socket (RFC 6455, section 5).
//!
//! A library's connection would keep two buffers for each of ten thousand members; here the header
//! alone is a library's work, and the bytes stay where they were read.

use std::io::Cursor;
use std::ops::Range;

use tungstenite::protocol::frame::FrameHeader;
use tungstenite::protocol::frame::coding::OpCode;

/// The longest frame that is taken for one, in bytes. A length beyond it is a broken header, or a
/// server that would have us keep what nobody reads.
const LONGEST: u64 = 64 << 20;

/// A frame at the beginning of some bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Frame {
    /// What it is.
    pub(crate) opcode: OpCode,
    /// Whether the message ends with it.
    pub(crate) is_final: bool,
    /// What its payload is masked with, if it is.
    pub(crate) mask: Option<[u8; 4]>,
    /// Where in those bytes its payload is.
    pub(crate) payload: Range<usize>,
}

/// Bytes that are no frame.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct FrameError(String);

/// The frame that `bytes` begin with; none while it is not whole.
pub(crate) fn first(bytes: &[u8]) -> Result<Option<Frame>, FrameError> {
    let mut cursor = Cursor::new(bytes);
    let parsed = FrameHeader::parse(&mut cursor).map_err(|error| FrameError(error.to_string()))?;
    let Some((header, length)) = parsed else {
        return Ok(None);
    };
    if length > LONGEST {
        return Err(FrameError(format!("a frame of {length} bytes")));
    }
    let (Ok(begin), Ok(length)) = (usize::try_from(cursor.position()), usize::try_from(length))
    else {
        return Err(FrameError(format!("a frame of {length} bytes")));
    };
    let payload = begin..begin + length;
    Ok((payload.end <= bytes.len()).then_some(Frame {
        opcode: header.opcode,
        is_final: header.is_final,
        mask: header.mask,
        payload,
    }))
}

/// Adds a frame that is whole to `out`. A client masks what it sends, a server does not (RFC 6455,
/// section 5.1).
pub(crate) fn put(out: &mut Vec<u8>, opcode: OpCode, payload: &[u8], mask: Option<[u8; 4]>) {
    let header = FrameHeader {
        opcode,
        mask,
        ..FrameHeader::default()
    };
    let length = payload.len() as u64;
    #[expect(
        clippy::expect_used,
        reason = "writing to a Vec fails only for want of memory, and then it aborts"
    )]
    header.format(length, out).expect("a Vec takes all");
    let begin = out.len();
    out.extend_from_slice(payload);
    if let Some(mask) = mask {
        apply(&mut out[begin..], mask);
    }
}

/// Masks a payload, or takes the mask off again (RFC 6455, section 5.3).
pub(crate) fn apply(payload: &mut [u8], mask: [u8; 4]) {
    for (byte, key) in payload.iter_mut().zip(mask.iter().cycle()) {
        *byte ^= key;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use tungstenite::protocol::frame::coding::{Control, Data};

    use super::*;

    const TEXT: OpCode = OpCode::Data(Data::Text);

    proptest! {
        #[test]
        fn what_is_put_is_found_and_nothing_of_it_is_found_before_it_is_whole(
            payload in proptest::collection::vec(any::<u8>(), 0..300),
            mask in any::<Option<[u8; 4]>>(),
            behind in proptest::collection::vec(any::<u8>(), 0..10),
        ) {
            let mut bytes = Vec::new();
            put(&mut bytes, TEXT, &payload, mask);
            let whole = bytes.len();
            for end in 0..whole {
                prop_assert_eq!(first(&bytes[..end]), Ok(None));
            }
            bytes.extend(behind);
            let frame = first(&bytes).unwrap().unwrap();
            prop_assert_eq!(frame.payload.end, whole);
            prop_assert_eq!((frame.opcode, frame.is_final, frame.mask), (TEXT, true, mask));
            let mut found = bytes[frame.payload].to_vec();
            if let Some(mask) = mask {
                apply(&mut found, mask);
            }
            prop_assert_eq!(found, payload);
        }
    }

    #[test]
    fn what_is_no_frame_is_refused() {
        let reserved = [0x83, 0x00];
        let endless = [0x82, 0x7f, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
        let said = [&reserved[..], &endless[..]].map(|bytes| first(bytes).unwrap_err().to_string());
        insta::assert_snapshot!(said.join("\n"), @r"
        WebSocket protocol error: Encountered invalid opcode: 3
        a frame of 9223372036854775807 bytes
        ");
    }

    #[test]
    fn control_frames_are_told_from_data() {
        let mut bytes = Vec::new();
        put(&mut bytes, OpCode::Control(Control::Ping), b"?", None);
        assert_eq!(
            first(&bytes).unwrap().unwrap().opcode,
            OpCode::Control(Control::Ping)
        );
    }
}
