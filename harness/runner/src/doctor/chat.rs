//! A chat of a few words: who is answered, who hears what, and what comes that nobody expected.

mod listen;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use chatspec_judge::checkup::{Checkup, State};
use chatspec_judge::expand::{ENTER_ROOM, NEW_MESSAGE, WELCOME};
use chatspec_judge::history::{Item, Leg};
use chatspec_judge::ids::ActorId;
use chatspec_judge::notices::{BYE, LEAVE_ROOM, ROOM_CHANGE};
use chatspec_judge::ways::{Ability, Ways};
use chatspec_notation::ast::Transport;
use chatspec_wire::data::Data;

use super::guess;
use crate::client::{Client, Opening};
use crate::clock::{Allowance, Clock};
use crate::log::Log;
use crate::target::dialect::Company;
use crate::target::dialect::template::Bindings;
use crate::target::{Endpoint, Manners, Nodes, Target};

/// Who takes part. Nobody else is called so.
const NAMES: [&str; 3] = ["Ada", "Bea", "Cyd"];
const ADA: ActorId = ActorId(0);
const BEA: ActorId = ActorId(1);
const CYD: ActorId = ActorId(2);

/// What is said.
const TEXT: &str = "hello from chatspec";
/// What is said when a stranger listens.
const ASIDE: &str = "chatspec again";

/// How long what need not come is waited for: longer than any chat that answers at all takes for it.
const WHILE: Duration = Duration::from_millis(300);

fn name(actor: ActorId) -> &'static str {
    NAMES.get(actor.0 as usize).copied().unwrap_or_default()
}

/// Chats, and tells what became of it.
pub(super) async fn chat(
    target: &Target,
    nodes: &Nodes,
    over: Transport,
    patience: &Allowance,
    checkup: &mut Checkup,
) {
    let room = format!("chatspec-doctor-{}", std::process::id());
    let mut chat = Chat {
        manners: target.manners.clone(),
        endpoint: nodes.first().clone(),
        over,
        patience: patience.clone(),
        log: Log::new(Clock::start()),
        company: Arc::new(Company::named(NAMES.map(str::to_owned))),
        room,
        clients: BTreeMap::new(),
        seen: 0,
        arrived: BTreeMap::new(),
        failed: None,
        connected: 0,
        fenced: 0,
        spoken: target
            .manners
            .dialect
            .iter()
            .flat_map(|dialect| dialect.names())
            .collect(),
        named: BTreeSet::new(),
        extensions: target.capabilities.iter().cloned().collect(),
        checkup,
    };
    let has_bye = target.capabilities.iter().any(|has| has == BYE);
    if chat.connects(ADA).await && chat.enters(ADA).await && chat.is_welcomed().await {
        chat.speaks().await;
        chat.strangers().await;
        chat.again().await;
        chat.leaves(has_bye).await;
    }
    chat.end().await;
}

struct Chat<'c> {
    manners: Manners,
    endpoint: Endpoint,
    over: Transport,
    patience: Allowance,
    log: Log,
    company: Arc<Company>,
    room: String,
    clients: BTreeMap<ActorId, Client>,
    seen: usize,
    /// What has arrived and was not taken yet.
    arrived: BTreeMap<ActorId, Vec<Item>>,
    /// Why a connection is not there, or not any more.
    failed: Option<String>,
    connected: usize,
    fenced: usize,
    /// The events that target.toml has a form for.
    spoken: BTreeSet<String>,
    /// The events that were told of already.
    named: BTreeSet<String>,
    /// What target.toml says that the chat can do.
    extensions: BTreeSet<String>,
    checkup: &'c mut Checkup,
}

/// What became of a request.
enum Reply {
    Answered,
    /// It was acked with these arguments, which target.toml does not say.
    Otherwise(Vec<Data>),
    Unanswered,
}

impl Chat<'_> {
    fn ways(&self) -> &Ways {
        &self.manners.ways
    }

    fn lacks(&self, ability: Ability) -> bool {
        self.ways().lacks.contains(&ability)
    }

    async fn connects(&mut self, actor: ActorId) -> bool {
        // The third one is a stranger, also where connecting is entering.
        let room = if actor == CYD {
            format!("{}-outside", self.room)
        } else {
            self.room.clone()
        };
        let guest = Bindings {
            nickname: Some(Data::from(name(actor))),
            room: Some(Data::Text(room)),
            ..Bindings::default()
        };
        let connection = &self.manners.connection;
        let namespace = connection
            .namespace(&guest)
            .unwrap_or_else(|| "/".to_owned());
        let opening = Opening {
            transport: self.over,
            auth: connection.auth(&guest),
            namespace: namespace.clone(),
            raw: false,
            delay: Duration::ZERO,
            patience: self.patience.clone(),
            tongue: self.manners.tongue(&self.company),
        };
        let endpoint = self.manners.endpoint_of(&self.endpoint, &guest);
        let leg = Leg { actor, number: 1 };
        let before = self.connected;
        let client = Client::open(&endpoint, opening, leg, &self.log);
        self.clients.insert(actor, client);
        let limit = self.patience.clone();
        self.wait(&limit, |chat| {
            chat.connected > before || chat.failed.is_some()
        })
        .await;
        // A chat may greet whoever connects.
        let arrived = self.arrived.entry(actor).or_default();
        let is_refusal = |item: &Item| matches!(item, Item::ConnectError { .. });
        let refusal = arrived.iter().position(is_refusal);
        let refusal = refusal.map(|place| arrived.remove(place));
        let said = match (self.failed.take(), refusal) {
            (None, None) if self.connected > before => {
                if actor == ADA {
                    self.checkup
                        .good("namespace", format!("{namespace} lets clients in"));
                }
                return true;
            }
            (_, Some(Item::ConnectError { data })) => {
                format!("{namespace} refuses clients: {data}")
            }
            (Some(cause), _) => format!("nobody gets into {namespace}: {cause}"),
            _ => format!("the CONNECT to {namespace} is not answered"),
        };
        self.checkup.add(
            "namespace",
            State::Bad,
            said,
            vec![
                "[connection] # whatever of these a client of yours sends".to_owned(),
                "namespace = \"/chat\"".to_owned(),
                "auth = { token = \"..\" }".to_owned(),
                "query = { token = \"..\" }".to_owned(),
                "headers = { Authorization = \"Bearer ..\" }".to_owned(),
            ],
        );
        false
    }

    async fn enters(&mut self, actor: ActorId) -> bool {
        let args = vec![Data::from(name(actor)), Data::Text(self.room.clone())];
        let reply = self.ask(actor, ENTER_ROOM, args).await;
        if actor != ADA {
            return true;
        }
        self.judge("entering", ENTER_ROOM, actor, reply)
    }

    /// Tells how a request was answered. Whether it makes sense to go on.
    fn judge(
        &mut self,
        what: &'static str,
        request: &'static str,
        actor: ActorId,
        reply: Reply,
    ) -> bool {
        let known = self.known(actor);
        let known = known.each_ref().map(|(word, slot)| (word.as_str(), *slot));
        let table = format!("[events.{request}]");
        match reply {
            Reply::Answered => {
                let how = if self.ways().unanswered.contains(request) {
                    "it is not answered, as target.toml says"
                } else {
                    "it is answered"
                };
                self.checkup.good(what, format!("{request}: {how}"));
                true
            }
            Reply::Otherwise(args) => {
                let shown = guess::arguments(&args, &known);
                let said = format!("{request} is acked with {}", Data::Array(args));
                let mend = vec![table, format!("answer = {{ ack = {shown} }}")];
                self.checkup.add(what, State::Bad, said, mend);
                true
            }
            Reply::Unanswered => {
                let strange = self.strange(actor);
                let (said, mend) = match strange.first() {
                    Some((event, args)) => {
                        self.named.insert(event.clone());
                        let shown = Data::Array(args.clone());
                        let answer = guess::event(event, args, &known);
                        // Who hears itself hears what the others hear.
                        let is_echo = answer.contains("$text");
                        let answer = if is_echo { "\"echo\"" } else { &answer };
                        (
                            format!(
                                "{request} is not answered as target.toml says; what came is `{event}` {shown}"
                            ),
                            vec![table, format!("answer = {answer}")],
                        )
                    }
                    None => (
                        format!("{request} is called something else, or nothing answers it"),
                        vec![
                            table,
                            "emit = [..] # what a client of yours sends".to_owned(),
                            "answer = \"none\"".to_owned(),
                        ],
                    ),
                };
                self.checkup.add(what, State::Bad, said, mend);
                !strange.is_empty()
            }
        }
    }

    /// Somebody enters, and who is there is told.
    async fn is_welcomed(&mut self) -> bool {
        self.arrived.clear();
        if !self.connects(BEA).await {
            return false;
        }
        self.enters(BEA).await;
        let heard = self.hears(ADA, WELCOME, &Data::from(name(BEA))).await;
        if heard {
            self.checkup
                .good("welcome", "who is there is told who enters");
        } else {
            self.unheard("welcome", "[events.welcome]", ADA, BEA, Ability::Welcome);
        }
        self.echoes(BEA, WELCOME, ENTER_ROOM);
        self.owns("entering");
        true
    }

    async fn speaks(&mut self) {
        self.arrived.clear();
        let args = vec![Data::from(TEXT), Data::Text(self.room.clone())];
        let reply = self.ask(BEA, NEW_MESSAGE, args).await;
        self.judge("speaking", NEW_MESSAGE, BEA, reply);
        let relay = Data::Text(format!("{}: {TEXT}", name(BEA)));
        if self.hears(ADA, NEW_MESSAGE, &relay).await {
            self.checkup
                .good("relay", "what is said is heard, with its author");
        } else {
            self.unheard("relay", "[events.new_message]", ADA, BEA, Ability::Authors);
        }
        self.echoes(BEA, NEW_MESSAGE, NEW_MESSAGE);
        self.owns("speaking");
    }

    /// Whether who is in no room hears what is said in one.
    async fn strangers(&mut self) {
        if self.lacks(Ability::Rooms) || !self.connects(CYD).await {
            return;
        }
        self.arrived.clear();
        let args = vec![Data::from(ASIDE), Data::Text(self.room.clone())];
        self.ask(BEA, NEW_MESSAGE, args).await;
        self.pause().await;
        // What the chat says to everybody who comes is not what was said in the room.
        let is_it = |item: &Item| match item {
            Item::Event { event, args, .. } => {
                event == NEW_MESSAGE || args.iter().any(|arg| arg.to_string().contains(ASIDE))
            }
            _ => false,
        };
        let heard = self.arrived.get(&CYD);
        if heard.is_some_and(|items| items.iter().any(is_it)) {
            self.checkup.add(
                "rooms",
                State::Bad,
                "who has entered no room hears what is said in one",
                vec!["lacks = [\"rooms\"]".to_owned()],
            );
        } else {
            self.checkup.good("rooms", "who is in none hears nothing");
        }
    }

    /// Whether one may enter again, and be called as another is.
    async fn again(&mut self) {
        let is_bad = |what| {
            let mut checks = self.checkup.checks.iter();
            checks.any(|check| check.state == State::Bad && check.what == what)
        };
        if is_bad("entering") || is_bad("welcome") {
            // What is not understood once is not understood again.
            return;
        }
        for (actor, called, ability, said) in [
            (
                BEA,
                BEA,
                Ability::EnteringAgain,
                "who enters again is not answered, or nobody is told",
            ),
            (
                CYD,
                ADA,
                Ability::Namesakes,
                "who is called like another is not answered, or nobody is told",
            ),
        ] {
            // Where the nickname comes with the connection, the third one's is its own.
            let is_bound = called != actor && self.lacks(Ability::Renaming);
            let comes_late = called != actor && self.lacks(Ability::LateEntering);
            if self.lacks(ability) || is_bound || comes_late || !self.clients.contains_key(&actor) {
                continue;
            }
            self.arrived.clear();
            let args = vec![Data::from(name(called)), Data::Text(self.room.clone())];
            let answered = matches!(self.ask(actor, ENTER_ROOM, args).await, Reply::Answered);
            let told = self.lacks(Ability::Welcome)
                || self.hears(ADA, WELCOME, &Data::from(name(called))).await;
            if !(answered && told) {
                let mend = vec![format!("lacks = [\"{ability}\"]")];
                self.checkup.add("entering", State::Bad, said, mend);
            }
        }
    }

    async fn leaves(&mut self, has_bye: bool) {
        self.arrived.clear();
        if let Some(mut client) = self.clients.remove(&BEA) {
            client.disconnect();
            client.ended().await;
        }
        if has_bye {
            if self.hears(ADA, BYE, &Data::from(name(BEA))).await {
                self.checkup
                    .good("leaving", "who is there is told who leaves");
            } else {
                self.unheard("leaving", "[events.bye]", ADA, BEA, Ability::Welcome);
            }
            return;
        }
        self.pause().await;
        let strange = self.strange(ADA);
        // Which rooms there are was told of before.
        let mut strange = strange.iter().filter(|(event, _)| event != ROOM_CHANGE);
        if let Some((event, args)) = strange.next() {
            let known = self.known(BEA);
            let known = known.each_ref().map(|(word, slot)| (word.as_str(), *slot));
            let said = format!(
                "whoever leaves is announced: `{event}` {}",
                Data::Array(args.clone())
            );
            let receive = format!("receive = {}", guess::event(event, args, &known));
            let mend = vec!["[events.bye]".to_owned(), receive];
            self.checkup.add("leaving", State::Bad, said, mend);
        } else {
            self.checkup
                .good("leaving", "nobody is told who disconnects");
        }
    }

    /// Something that should have been heard was not.
    fn unheard(
        &mut self,
        what: &'static str,
        table: &str,
        at: ActorId,
        of: ActorId,
        without: Ability,
    ) {
        let strange = self.strange(at);
        let known = self.known(of);
        let known = known.each_ref().map(|(word, slot)| (word.as_str(), *slot));
        let is_welcome = without == Ability::Welcome && table == "[events.welcome]";
        match strange.first() {
            Some((event, args)) => {
                self.named.insert(event.clone());
                let shown = Data::Array(args.clone()).to_string();
                let said = format!("what came is `{event}` {shown}");
                let receive = format!("receive = {}", guess::event(event, args, &known));
                let mut mend = vec![table.to_owned(), receive];
                let called = name(of);
                if !shown.contains(called) && shown.contains(&called.to_lowercase()) {
                    // In front, for it belongs to no table.
                    mend.insert(0, format!("lacks = [\"{}\"]", Ability::AnyNickname));
                }
                self.checkup.add(what, State::Bad, said, mend);
            }
            None if is_welcome && self.lacks(Ability::Welcome) => {
                self.checkup
                    .good(what, "nobody is told who enters, as target.toml says");
            }
            None => {
                let mend = if is_welcome {
                    vec!["lacks = [\"welcome\"]".to_owned()]
                } else {
                    vec![
                        table.to_owned(),
                        "receive = [..] # as the others hear it".to_owned(),
                    ]
                };
                self.checkup
                    .add(what, State::Bad, "nothing came to who was there", mend);
            }
        }
    }

    /// Whether who asked heard what is meant for the others, and nobody has said that it does.
    fn echoes(&mut self, actor: ActorId, event: &str, request: &str) {
        let called = name(actor);
        let items = self.arrived.entry(actor).or_default();
        let own = items.iter().position(|item| {
            let Item::Event {
                event: heard, args, ..
            } = item
            else {
                return false;
            };
            let text = args.first().and_then(Data::as_text);
            heard == event && text.is_some_and(|text| text.starts_with(called))
        });
        if let Some(own) = own {
            items.remove(own);
            self.checkup.add(
                "echo",
                State::Bad,
                format!("who does {request} hears of it as the others do"),
                vec![format!("[events.{request}]"), "echo = true".to_owned()],
            );
        }
    }

    /// Events that belong to nothing. Each fails the case in which it comes.
    fn owns(&mut self, what: &'static str) {
        let mut names = BTreeSet::new();
        let mut ignored = BTreeSet::new();
        let mut rooms_change = false;
        for actor in [ADA, BEA, CYD] {
            let known = self.known(actor);
            let known = known.each_ref().map(|(word, slot)| (word.as_str(), *slot));
            for (event, args) in self.strange(actor) {
                if self.named.contains(&event) {
                    continue;
                }
                if event == ROOM_CHANGE && !self.extensions.contains(ROOM_CHANGE) {
                    rooms_change = true;
                    continue;
                }
                // By its name alone, what the chat says for the contract would be ignored, too.
                ignored.insert(if self.spoken.contains(&event) {
                    guess::event(&event, &args, &known)
                } else {
                    format!("{event:?}")
                });
                names.insert(event);
            }
        }
        if rooms_change {
            self.named.insert(ROOM_CHANGE.to_owned());
            let mend = vec![format!("capabilities = [{ROOM_CHANGE:?}]")];
            let said = "everybody is told which rooms there are";
            self.checkup.add(what, State::Bad, said, mend);
        }
        if !names.is_empty() {
            let names: Vec<_> = names.into_iter().collect();
            let ignored: Vec<_> = ignored.into_iter().collect();
            self.checkup.add(
                what,
                State::Bad,
                format!(
                    "events of the chat's own came with it: {}",
                    names.join(", ")
                ),
                vec![format!("ignore = [{}]", ignored.join(", "))],
            );
        }
    }

    /// What arrived at a client and is none of the suite's words. It is taken.
    fn strange(&mut self, actor: ActorId) -> Vec<(String, Vec<Data>)> {
        let unasked = [BYE, ROOM_CHANGE].into_iter();
        let unasked = unasked.filter(|event| self.extensions.contains(*event));
        let seeds: Vec<_> = [WELCOME, NEW_MESSAGE, LEAVE_ROOM]
            .into_iter()
            .chain(unasked)
            .collect();
        let items = std::mem::take(self.arrived.entry(actor).or_default());
        let strange = items.into_iter().filter_map(|item| match item {
            Item::Event { event, args, .. } if !seeds.contains(&event.as_str()) => {
                Some((event, args))
            }
            Item::Event { event, args, .. }
                if event == ROOM_CHANGE && matches!(args.as_slice(), [Data::Array(_)]) =>
            {
                None
            }
            // By the seed's name, and not in its form.
            Item::Event { event, args, .. } if args.len() != 1 || args[0].as_text().is_none() => {
                Some((event, args))
            }
            _ => None,
        });
        strange.collect()
    }

    /// The words that stand for something, the longest first.
    fn known(&self, actor: ActorId) -> [(String, &'static str); 5] {
        [
            (self.room.clone(), "$room"),
            (TEXT.to_owned(), "$text"),
            (ASIDE.to_owned(), "$text"),
            (name(actor).to_owned(), "$nickname"),
            // Some chats keep no capitals.
            (name(actor).to_lowercase(), "$nickname"),
        ]
    }

    async fn end(self) {
        for client in self.clients.values() {
            client.disconnect();
        }
        for mut client in self.clients.into_values() {
            client.ended().await;
        }
    }
}
