//! The chat in a history: who entered, who wrote, who heard what.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chatspec_notation::ast::Act;
use chatspec_wire::data::Data;

use crate::expand::{ENTER_ROOM, FLUSH_TEXT, NEW_MESSAGE, WELCOME};
use crate::history::{History, Item, Kind, Leg, Outgoing};
use crate::ids::{OpId, Seq};
use crate::plan::{OpKind, Plan};

use super::trips::Trips;

/// The chat in a history.
pub(super) struct ChatLog<'h> {
    /// What the server had to tell others, in the order in which it was asked to.
    pub(super) posts: Vec<Post<'h>>,
    /// The connections.
    pub(super) legs: BTreeMap<Leg, Connection<'h>>,
    /// Who ever asked to enter a room.
    pub(super) members: BTreeMap<&'h str, BTreeSet<Leg>>,
    /// Whether all that the clients did is chat as the contract has it.
    pub(super) is_plain: bool,
    /// Messages of authors to whom the contract gives no name, by their text.
    pub(super) nameless: HashMap<&'h str, Vec<PostId>>,
    /// Posts by what others hear of them.
    heard_as: HashMap<(What, String), Vec<PostId>>,
    /// Messages by their text.
    said: HashMap<&'h str, Vec<PostId>>,
}

/// A message or an entering: an index into [`ChatLog::posts`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct PostId(pub(super) usize);

/// What others hear of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum What {
    /// A message.
    Message,
    /// A newcomer.
    Welcome,
}

/// What the server had to tell others.
pub(super) struct Post<'h> {
    pub(super) what: What,
    pub(super) by: Leg,
    /// The message's text, or the nickname.
    pub(super) said: &'h str,
    /// What others hear; none if the contract gives its author no name.
    pub(super) heard: Option<String>,
    /// The room; none for the harness's own, where nobody is.
    pub(super) room: Option<&'h str>,
    pub(super) sent: Seq,
    /// When a later flush of its client was acked.
    pub(super) flushed: Option<Seq>,
    /// When it was first certain that the server was done with it.
    pub(super) done: Option<Seq>,
    /// Whether the server must do anything about it: without an ack function, it may choke.
    pub(super) is_owed: bool,
}

/// One connection.
#[derive(Default)]
pub(super) struct Connection<'h> {
    pub(super) entered: BTreeMap<&'h str, Entry>,
    pub(super) heard: Vec<Heard<'h>>,
    pub(super) requests: BTreeMap<u64, Request<'h>>,
    pub(super) acks: Vec<Ack>,
    pub(super) flushes: Trips,
    pub(super) fences: Trips,
    /// It sent raw packets, and what they ask for is not looked at.
    pub(super) is_raw: bool,
    /// The node of the server that it leads to.
    node: u32,
    posts: Vec<PostId>,
    nickname: Option<&'h str>,
    is_over: bool,
}

/// A connection's way into a room.
pub(super) struct Entry {
    /// When it first asked.
    pub(super) asked: Seq,
    /// When it was first certain that it is inside.
    pub(super) acked: Option<Seq>,
}

/// Something heard.
pub(super) struct Heard<'h> {
    pub(super) what: What,
    pub(super) at: Seq,
    /// Its one argument, if it is one text.
    pub(super) text: Option<&'h str>,
}

/// What asks for an ack.
pub(super) struct Request<'h> {
    pub(super) event: &'h str,
    pub(super) sent: Seq,
    pub(super) is_flush: bool,
    /// Whether the contract says what its ack is.
    pub(super) is_chat: bool,
    /// When the harness took the ack of a flush.
    pub(super) flushed: Option<Seq>,
    room: Option<&'h str>,
    post: Option<PostId>,
}

impl Request<'_> {
    /// Whether it is a message, whose acks have an order among themselves.
    pub(super) fn is_message(&self) -> bool {
        self.is_chat && self.event == NEW_MESSAGE
    }
}

/// An ack.
pub(super) struct Ack {
    pub(super) id: u64,
    pub(super) at: Seq,
    pub(super) is_empty: bool,
}

impl<'h> ChatLog<'h> {
    pub(super) fn read(plan: &Plan, history: &'h History) -> Self {
        let mut log = Self {
            posts: Vec::new(),
            legs: BTreeMap::new(),
            members: BTreeMap::new(),
            is_plain: plan.ways.are_plain(),
            nameless: HashMap::new(),
            heard_as: HashMap::new(),
            said: HashMap::new(),
        };
        for event in &history.events {
            let seq = event.seq;
            match &event.kind {
                Kind::Connecting { leg, op } => log.connecting(plan, *leg, *op),
                Kind::Sent { leg, op, what } => log.sent(plan, *leg, *op, what, seq),
                Kind::Arrived { leg, item } => log.arrived(*leg, item, seq),
                Kind::FlushSent { leg, id } => log.flush_sent(*leg, *id, seq),
                Kind::FlushAcked { leg, id } => {
                    if let Some(connection) = log.open(*leg) {
                        connection.flushes.answer(*id, seq);
                        if let Some(request) = connection.requests.get_mut(id) {
                            request.flushed.get_or_insert(seq);
                        }
                    }
                }
                Kind::FenceSent { leg, id } => {
                    if let Some(connection) = log.open(*leg) {
                        connection.fences.begin(*id, seq);
                    }
                }
                Kind::FenceAnswered { leg, id } => {
                    if let Some(connection) = log.open(*leg) {
                        connection.fences.answer(*id, seq);
                    }
                }
                Kind::HttpAnswered { .. } => log.is_plain = false,
                // A dying server owes nothing.
                Kind::ServerDied { .. } => break,
                Kind::Began { .. }
                | Kind::Ended { .. }
                | Kind::Connected { .. }
                | Kind::Upgraded { .. }
                | Kind::ConnectFailed { .. }
                | Kind::FlushImpossible { .. }
                | Kind::Waited { .. }
                | Kind::ServerRestarted
                | Kind::GaveUp { .. } => {}
            }
        }
        log.seal();
        log
    }

    pub(super) fn post(&self, id: PostId) -> &Post<'h> {
        &self.posts[id.0]
    }

    /// Whether two connections lead to different nodes. What a node has acked is then done on that
    /// node, and on its way to the others.
    pub(super) fn are_apart(&self, one: Leg, other: Leg) -> bool {
        let node = |leg| self.legs.get(&leg).map(|connection| connection.node);
        node(one) != node(other)
    }

    /// What others may have meant who heard this, in the order in which it was sent.
    pub(super) fn heard_as(&self, what: What, text: &str) -> &[PostId] {
        let found = self.heard_as.get(&(what, text.to_owned()));
        found.map(Vec::as_slice).unwrap_or_default()
    }

    /// The messages that say `text`.
    pub(super) fn said(&self, text: &str) -> &[PostId] {
        self.said.get(text).map(Vec::as_slice).unwrap_or_default()
    }

    /// What a connection that is not over holds. What still comes when it is, is nobody's business.
    fn open(&mut self, leg: Leg) -> Option<&mut Connection<'h>> {
        let connection = self.legs.entry(leg).or_default();
        (!connection.is_over).then_some(connection)
    }

    fn connecting(&mut self, plan: &Plan, leg: Leg, op: OpId) {
        let earlier = Leg { number: 0, ..leg }..leg;
        for (_, connection) in self.legs.range_mut(earlier) {
            connection.is_over = true;
        }
        if let OpKind::Connect { node, .. } = &plan.op(op).kind {
            self.legs.entry(leg).or_default().node = *node;
        }
        // Another namespace is another chat, and who brings a token may be somebody already.
        self.is_plain &= matches!(
            &plan.op(op).kind,
            OpKind::Connect { auth: None, namespace, .. } if namespace == "/"
        );
    }

    fn sent(&mut self, plan: &Plan, leg: Leg, op: OpId, what: &'h Outgoing, seq: Seq) {
        match what {
            Outgoing::Event { event, args, ack } => {
                let texts = match args.as_slice() {
                    [Data::Text(said), Data::Text(room)] if room.starts_with(&plan.tag) => {
                        Some((said.as_str(), room.as_str()))
                    }
                    _ => None,
                };
                let asked = Asked {
                    leg,
                    seq,
                    ack: *ack,
                };
                let (post, room) = match (event.as_str(), texts) {
                    (ENTER_ROOM, Some((nickname, room))) => {
                        (Some(self.enters(asked, nickname, room)), Some(room))
                    }
                    (NEW_MESSAGE, Some((text, room))) => {
                        (Some(self.writes(asked, text, Some(room))), None)
                    }
                    _ => {
                        self.is_plain = false;
                        (None, None)
                    }
                };
                let request = Request {
                    event,
                    sent: seq,
                    is_flush: false,
                    is_chat: post.is_some(),
                    flushed: None,
                    room,
                    post,
                };
                if let (Some(id), Some(connection)) = (ack, self.open(leg)) {
                    connection.requests.insert(*id, request);
                }
            }
            Outgoing::Raw { .. } => {
                self.is_plain = false;
                self.legs.entry(leg).or_default().is_raw = true;
            }
            Outgoing::Act { .. } => {
                if let OpKind::Act(Act::Disconnects | Act::Vanishes) = plan.op(op).kind {
                    self.legs.entry(leg).or_default().is_over = true;
                }
            }
        }
    }

    fn enters(&mut self, asked: Asked, nickname: &'h str, room: &'h str) -> PostId {
        let connection = self.legs.entry(asked.leg).or_default();
        // Without an ack function, nobody knows how far a server gets.
        connection.nickname = asked.ack.map(|_| nickname);
        connection.entered.entry(room).or_insert(Entry {
            asked: asked.seq,
            acked: None,
        });
        self.members.entry(room).or_default().insert(asked.leg);
        self.push(Post {
            what: What::Welcome,
            by: asked.leg,
            said: nickname,
            heard: Some(nickname.to_owned()),
            room: Some(room),
            sent: asked.seq,
            flushed: None,
            done: None,
            is_owed: asked.ack.is_some(),
        })
    }

    fn writes(&mut self, asked: Asked, text: &'h str, room: Option<&'h str>) -> PostId {
        let nickname = self.legs.entry(asked.leg).or_default().nickname;
        let post = self.push(Post {
            what: What::Message,
            by: asked.leg,
            said: text,
            heard: nickname.map(|nickname| format!("{nickname}: {text}")),
            room,
            sent: asked.seq,
            flushed: None,
            done: None,
            is_owed: asked.ack.is_some() && nickname.is_some(),
        });
        if nickname.is_none() {
            self.nameless.entry(text).or_default().push(post);
        }
        self.said.entry(text).or_default().push(post);
        post
    }

    fn push(&mut self, post: Post<'h>) -> PostId {
        let id = PostId(self.posts.len());
        if let Some(heard) = &post.heard {
            let key = (post.what, heard.clone());
            self.heard_as.entry(key).or_default().push(id);
        }
        self.legs.entry(post.by).or_default().posts.push(id);
        self.posts.push(post);
        id
    }

    fn flush_sent(&mut self, leg: Leg, id: u64, seq: Seq) {
        let ack = Some(id);
        let post = self.writes(Asked { leg, seq, ack }, FLUSH_TEXT, None);
        let request = Request {
            event: NEW_MESSAGE,
            sent: seq,
            is_flush: true,
            is_chat: true,
            flushed: None,
            room: None,
            post: Some(post),
        };
        if let Some(connection) = self.open(leg) {
            connection.flushes.begin(id, seq);
            connection.requests.insert(id, request);
        }
    }

    fn arrived(&mut self, leg: Leg, item: &'h Item, seq: Seq) {
        let Some(connection) = self.open(leg) else {
            return;
        };
        match item {
            Item::Event { event, args, .. } => {
                let what = match event.as_str() {
                    NEW_MESSAGE => What::Message,
                    WELCOME => What::Welcome,
                    _ => return,
                };
                let text = match args.as_slice() {
                    [Data::Text(text)] => Some(text.as_str()),
                    _ => None,
                };
                connection.heard.push(Heard {
                    what,
                    at: seq,
                    text,
                });
            }
            Item::Ack { id, args } => {
                connection.acks.push(Ack {
                    id: *id,
                    at: seq,
                    is_empty: args.is_empty(),
                });
                let Some(request) = connection.requests.get(id) else {
                    return;
                };
                if let Some(entry) = request
                    .room
                    .and_then(|room| connection.entered.get_mut(room))
                {
                    entry.acked.get_or_insert(seq);
                }
                if let Some(post) = request.post.map(|post| &mut self.posts[post.0])
                    && post.what == What::Message
                {
                    post.done.get_or_insert(seq);
                }
            }
            Item::Closed { .. } => connection.is_over = true,
            Item::ConnectError { .. } | Item::Broken { .. } | Item::Raw { .. } => {}
        }
    }

    fn seal(&mut self) {
        for connection in self.legs.values_mut() {
            connection.flushes.seal();
            connection.fences.seal();
            for post in &connection.posts {
                let post = &mut self.posts[post.0];
                post.flushed = connection.flushes.after(post.sent);
                post.done = [post.done, post.flushed].into_iter().flatten().min();
            }
        }
    }
}

/// Where a request comes from.
#[derive(Clone, Copy)]
struct Asked {
    leg: Leg,
    seq: Seq,
    ack: Option<u64>,
}
