//! What arrived, against what was sent.

use std::collections::{BTreeMap, HashMap};

use crate::history::Leg;
use crate::ids::Seq;
use crate::plan::Plan;

use super::log::{ChatLog, Heard, PostId, What};
use super::{Anomaly, AnomalyKind, tell};

/// What is between a nickname and its message.
const COLON: &str = ": ";

/// In how many places a text is split into nickname and message before it is given up. Names hold
/// few colons.
const SPLITS: usize = 32;

/// What reached whom.
pub(super) struct Deliveries {
    /// Messages that are the only ones with their words, as they arrived first.
    pub(super) inboxes: BTreeMap<Leg, Vec<(PostId, Seq)>>,
    pub(super) anomalies: Vec<Anomaly>,
    taken: HashMap<(Leg, PostId), Seq>,
    /// What reached a client, though not in its words: it is not lost as well.
    mistaken: HashMap<(Leg, PostId), Seq>,
    /// How often words that several posts have in common were heard.
    counts: HashMap<(Leg, PostId), Tally>,
}

/// Words that several posts have in common, at one client.
#[derive(Default)]
struct Tally {
    /// How many of the posts were sent before the last arrival.
    seen: usize,
    /// How many of those might have been for this client.
    allowed: usize,
    heard: usize,
}

/// What a client has to do with a post, when it hears of it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// It may hear it.
    Fine,
    /// It is not sent yet.
    Unsent,
    /// It is its own.
    Own,
    /// It enters the room too late for it.
    Early,
    /// It never enters the room.
    Stranger,
}

impl Deliveries {
    pub(super) fn of(plan: &Plan, log: &ChatLog<'_>) -> Self {
        let mut this = Self {
            inboxes: BTreeMap::new(),
            anomalies: Vec::new(),
            taken: HashMap::new(),
            mistaken: HashMap::new(),
            counts: HashMap::new(),
        };
        for (leg, connection) in &log.legs {
            let mut strange = Vec::new();
            for heard in &connection.heard {
                if !this.hear(plan, log, *leg, heard) {
                    strange.push(heard);
                }
            }
            if !strange.is_empty() {
                this.explain(plan, log, *leg, &strange);
            }
        }
        this
    }

    /// When a post that is the only one with its words reached a client.
    pub(super) fn reached(&self, leg: Leg, post: PostId) -> Option<Seq> {
        self.taken.get(&(leg, post)).copied()
    }

    /// Whether it reached the client in other words.
    pub(super) fn is_mistaken(&self, leg: Leg, post: PostId) -> bool {
        self.mistaken.contains_key(&(leg, post))
    }

    /// How often a client heard the words whose first post is `first`.
    pub(super) fn count(&self, leg: Leg, first: PostId) -> usize {
        self.counts
            .get(&(leg, first))
            .map_or(0, |tally| tally.heard)
    }

    /// Takes one arrival. Whether anybody sent it.
    fn hear(&mut self, plan: &Plan, log: &ChatLog<'_>, leg: Leg, heard: &Heard<'_>) -> bool {
        let Some(text) = heard.text else {
            return false;
        };
        let blame = match log.heard_as(heard.what, text) {
            [] if heard.what == What::Message && is_nameless(log, leg, text, heard.at) => {
                return true;
            }
            [] => return false,
            [only] => self.hear_only(log, leg, *only, heard),
            several => self.hear_several(log, leg, several, heard),
        };
        let Some((kind, post)) = blame else {
            return true;
        };
        // An author whom the contract gives no name may by chance have been given this one.
        if heard.what == What::Message && is_nameless(log, leg, text, heard.at) {
            return true;
        }
        let before = self.reached(leg, post);
        let sent = Some(log.post(post).sent);
        self.anomalies.push(Anomaly {
            kind,
            summary: tell::heard(plan, kind, leg, log.post(post)),
            evidence: [sent, before, Some(heard.at)]
                .into_iter()
                .flatten()
                .collect(),
        });
        true
    }

    fn hear_only(
        &mut self,
        log: &ChatLog<'_>,
        leg: Leg,
        post: PostId,
        heard: &Heard<'_>,
    ) -> Option<(AnomalyKind, PostId)> {
        let standing = standing(log, leg, post, heard.at);
        if standing != Standing::Fine {
            return Some((blame(standing, heard.what), post));
        }
        if self.taken.contains_key(&(leg, post)) {
            return Some((again(heard.what), post));
        }
        self.taken.insert((leg, post), heard.at);
        let text = heard.text.unwrap_or_default();
        if heard.what == What::Message && !is_nameless(log, leg, text, heard.at) {
            self.inboxes.entry(leg).or_default().push((post, heard.at));
        }
        None
    }

    /// Equal words cannot be told apart, so they are counted. A post counts from when it was sent,
    /// also where the client had not asked to enter yet: too lenient, and never wrong.
    fn hear_several(
        &mut self,
        log: &ChatLog<'_>,
        leg: Leg,
        posts: &[PostId],
        heard: &Heard<'_>,
    ) -> Option<(AnomalyKind, PostId)> {
        let first = *posts.first()?;
        let tally = self.counts.entry((leg, first)).or_default();
        while let Some(post) = posts.get(tally.seen)
            && log.post(*post).sent < heard.at
        {
            tally.seen += 1;
            tally.allowed += usize::from(is_allowed(log, leg, *post));
        }
        if tally.heard < tally.allowed {
            tally.heard += 1;
            return None;
        }
        let post = tally.seen.checked_sub(1).map_or(first, |last| posts[last]);
        let kind = if tally.allowed > 0 {
            again(heard.what)
        } else {
            blame(standing(log, leg, post, heard.at), heard.what)
        };
        Some((kind, post))
    }

    /// Says what came that nobody sent: something of what has not come, in other words, or nothing.
    fn explain(&mut self, plan: &Plan, log: &ChatLog<'_>, leg: Leg, strange: &[&Heard<'_>]) {
        let mut open = self.open(log, leg);
        for heard in strange {
            let author = heard
                .text
                .filter(|_| heard.what == What::Message)
                .and_then(|text| self.other_author(log, leg, text, heard.at));
            let open = open.entry(heard.what).or_default();
            let position = open.iter().position(|post| {
                log.post(*post).sent < heard.at && author.is_none_or(|author| author == *post)
            });
            let likely = position.map(|position| open.remove(position));
            let post = author.or(likely);
            if let Some(post) = post {
                self.mistaken.insert((leg, post), heard.at);
            }
            let kind = match (heard.what, author, post) {
                (What::Message, Some(_), _) => AnomalyKind::WrongAuthor,
                (What::Message, None, Some(_)) => AnomalyKind::Altered,
                (What::Message, None, None) => AnomalyKind::Phantom,
                (What::Welcome, _, Some(_)) => AnomalyKind::WrongNickname,
                (What::Welcome, _, None) => AnomalyKind::WelcomePhantom,
            };
            let sent = post.map(|post| log.post(post).sent);
            self.anomalies.push(Anomaly {
                kind,
                summary: tell::strange(
                    plan,
                    kind,
                    leg,
                    heard.text,
                    post.map(|post| log.post(post)),
                ),
                evidence: sent.into_iter().chain([heard.at]).collect(),
            });
        }
    }

    /// What a client certainly was to hear, and has not heard in its words.
    fn open(&self, log: &ChatLog<'_>, leg: Leg) -> BTreeMap<What, Vec<PostId>> {
        let mut open: BTreeMap<What, Vec<PostId>> = BTreeMap::new();
        let mut counted: HashMap<PostId, usize> = HashMap::new();
        for (index, post) in log.posts.iter().enumerate() {
            let id = PostId(index);
            if post.by == leg || !is_inside(log, leg, id) {
                continue;
            }
            let alike = post
                .heard
                .as_deref()
                .map(|heard| log.heard_as(post.what, heard));
            let is_heard = if let Some([first, _, ..]) = alike {
                let passed = counted.entry(*first).or_default();
                *passed += 1;
                *passed <= self.count(leg, *first)
            } else {
                self.reached(leg, id).is_some()
            };
            if !is_heard {
                open.entry(post.what).or_default().push(id);
            }
        }
        open
    }

    /// The message that this is, if only the name in front of it is wrong.
    fn other_author(&self, log: &ChatLog<'_>, leg: Leg, text: &str, at: Seq) -> Option<PostId> {
        let bare = std::iter::once(text);
        bare.chain(messages(text)).find_map(|message| {
            let posts = log.said(message).iter().copied();
            let mut fits = posts.filter(|post| {
                log.post(*post).room.is_some()
                    && log.post(*post).sent < at
                    && is_allowed(log, leg, *post)
                    && self.reached(leg, *post).is_none()
                    && !self.is_mistaken(leg, *post)
            });
            fits.next()
        })
    }
}

/// What the message in `text` may be, whatever the name in front of it.
fn messages(text: &str) -> impl Iterator<Item = &str> {
    let places = text.match_indices(COLON).take(SPLITS);
    places.map(move |(place, _)| &text[place + COLON.len()..])
}

/// Whether this may be a message of an author to whom the contract gives no name: one that never
/// entered a room.
fn is_nameless(log: &ChatLog<'_>, leg: Leg, text: &str, at: Seq) -> bool {
    if log.nameless.is_empty() {
        return false;
    }
    text.matches(COLON).nth(SPLITS).is_some()
        || messages(text).chain([text]).any(|message| {
            let posts = log.nameless.get(message).into_iter().flatten();
            let mut posts = posts.filter(|post| log.post(**post).sent < at);
            posts.any(|post| is_allowed(log, leg, *post))
        })
}

/// Whether a client certainly was in the room when the post was sent.
fn is_inside(log: &ChatLog<'_>, leg: Leg, id: PostId) -> bool {
    let post = log.post(id);
    let entered = log.legs.get(&leg).map(|connection| &connection.entered);
    let entry = post.room.and_then(|room| entered?.get(room));
    entry.is_some_and(|entry| entry.acked.is_some_and(|inside| inside < post.sent))
}

/// Whether a client may ever hear of a post.
fn is_allowed(log: &ChatLog<'_>, leg: Leg, id: PostId) -> bool {
    let end = Seq(u64::MAX);
    standing(log, leg, id, end) == Standing::Fine
}

fn standing(log: &ChatLog<'_>, leg: Leg, id: PostId, at: Seq) -> Standing {
    let post = log.post(id);
    if at < post.sent {
        return Standing::Unsent;
    }
    if post.by == leg {
        return Standing::Own;
    }
    let entered = log.legs.get(&leg).map(|connection| &connection.entered);
    let entry = post.room.and_then(|room| entered?.get(room));
    let done = post.done.filter(|_| !log.are_apart(leg, post.by));
    match entry {
        None => Standing::Stranger,
        // It had not asked to enter when it heard of it, or when the server was done with it.
        Some(entry) if at < entry.asked || done.is_some_and(|done| done < entry.asked) => {
            Standing::Early
        }
        Some(_) => Standing::Fine,
    }
}

const fn blame(standing: Standing, what: What) -> AnomalyKind {
    match (what, standing) {
        (What::Message, Standing::Own) => AnomalyKind::Echoed,
        (What::Message, Standing::Early) => AnomalyKind::Early,
        (What::Message, Standing::Stranger) => AnomalyKind::Misdirected,
        (What::Message, Standing::Unsent | Standing::Fine) => AnomalyKind::Phantom,
        (What::Welcome, Standing::Own) => AnomalyKind::WelcomeToSelf,
        (What::Welcome, Standing::Early) => AnomalyKind::WelcomeEarly,
        (What::Welcome, Standing::Stranger) => AnomalyKind::WelcomeMisdirected,
        (What::Welcome, Standing::Unsent | Standing::Fine) => AnomalyKind::WelcomePhantom,
    }
}

const fn again(what: What) -> AnomalyKind {
    match what {
        What::Message => AnomalyKind::Duplicated,
        What::Welcome => AnomalyKind::WelcomeDuplicated,
    }
}
