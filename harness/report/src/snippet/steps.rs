//! What each line of a scenario becomes.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use chatspec_notation::ast::{
    Act, Connect, Emit, Fault, Http, Line, Present, Raw, Receive, Reply, Scenario, Series,
    StepKind, UpTo, Who,
};
use chatspec_notation::names::{ClientName, VOCABULARY};
use chatspec_notation::value::Value;

use super::kinds_of;
use super::values::{identifier, literal, notation, quoted, room_of};
use crate::text;

/// A client, or a member of a group by its number.
type Member = (ClientName, Option<u32>);

/// The steps as they are written, and who is connected after them.
pub(super) struct Script<'a> {
    scenario: &'a Scenario,
    /// How many members each client's name stands for; none for a single one.
    groups: BTreeMap<&'a ClientName, Option<u32>>,
    /// Those that speak Engine.IO only, which `socket.io-client` cannot.
    raw: BTreeSet<&'a ClientName>,
    connected: BTreeSet<Member>,
    /// Whether the lines may be satisfied in any order.
    any_order: bool,
    body: String,
}

impl<'a> Script<'a> {
    pub(super) fn of(scenario: &'a Scenario) -> Self {
        let groups = scenario.clients.iter();
        let groups = groups.map(|client| (&client.value.name, client.value.count));
        let raw = kinds_of(&scenario.body)
            .into_iter()
            .filter_map(|kind| match kind {
                StepKind::RawReceive(raw) => Some(&raw.who.name),
                _ => None,
            });
        let mut script = Self {
            scenario,
            groups: groups.collect(),
            raw: raw.collect(),
            connected: BTreeSet::new(),
            any_order: false,
            body: String::new(),
        };
        script.bystanders();
        for present in &scenario.present {
            script.present(&present.value);
        }
        for line in &scenario.body {
            script.line(line, 0);
        }
        script
    }

    /// The rooms, each with a name that no other run has.
    pub(super) fn rooms(&self) -> String {
        let rooms = self.scenario.rooms.iter().map(|room| {
            let name = room.value.as_str();
            let room = room_of(name);
            format!("{room} = `${{run}}-{name}`;\n")
        });
        let rooms: String = rooms.collect();
        format!(
            "\nconst run = Math.random().toString(36).slice(2, 10); // no two runs share a room\n\
             const rooms = {{}};\n{rooms}"
        )
    }

    /// The variables of the clients.
    pub(super) fn clients(&self) -> String {
        let names = self.groups.iter().map(|(name, count)| {
            let name = identifier(name.as_str());
            match count {
                None => name,
                Some(_) => format!("{name} = []"),
            }
        });
        let inside = match self.scenario.present.as_slice() {
            [] => "",
            _ => "const inside = {};\n",
        };
        format!("{inside}let {};\n\n", names.collect::<Vec<_>>().join(", "))
    }

    pub(super) fn body(&self) -> &str {
        &self.body
    }

    /// Who takes no step is there to hear what it should not.
    fn bystanders(&mut self) {
        let steps = kinds_of(&self.scenario.body);
        let mut acting: BTreeSet<&ClientName> = steps.into_iter().filter_map(taker).collect();
        let present = self.scenario.present.iter();
        acting.extend(present.flat_map(|present| present.value.who.iter().map(|who| &who.value)));
        let names: Vec<&ClientName> = self.groups.keys().copied().collect();
        for name in names.into_iter().filter(|name| !acting.contains(name)) {
            self.note(0, &format!("{name} is there to hear what it should not"));
            self.connected(name, None, 0);
        }
    }

    fn present(&mut self, present: &Present) {
        let room = present.room.value.as_str();
        self.note(0, &format!("in {present}"));
        let mut members = Vec::new();
        for who in &present.who {
            self.connected(&who.value, None, 0);
            let group = self.groups.get(&who.value).copied().flatten();
            let name = identifier(who.value.as_str());
            members.push(group.map_or_else(|| name.clone(), |_| format!("...{name}")));
        }
        // What an open scenario receives is asked by no line.
        let inside = if self.scenario.open {
            "[]".to_owned()
        } else {
            format!("(inside[{}] ??= [])", quoted(room))
        };
        let (room, members) = (room_of(room), members.join(", "));
        self.code(0, &format!("await enter({room}, {inside}, {members});"));
    }

    fn line(&mut self, line: &Line, depth: usize) {
        match line {
            Line::Blank => self.body.push('\n'),
            Line::Comment(words) => self.note(depth, &format!("# {words}")),
            Line::Step(step) => match &step.kind {
                StepKind::Together(inner) => self.together(inner),
                StepKind::InAnyOrder(inner) => {
                    self.note(depth, "in any order:");
                    self.any_order = true;
                    for line in inner {
                        self.line(line, depth);
                    }
                    self.any_order = false;
                }
                kind => {
                    self.note(depth, &kind.to_string());
                    self.step(kind, depth);
                }
            },
        }
    }

    /// What is started at once.
    fn together(&mut self, inner: &[Line]) {
        self.code(0, "await Promise.all([");
        for line in inner {
            let Line::Step(_) = line else {
                self.line(line, 1);
                continue;
            };
            self.code(1, "(async () => {");
            self.line(line, 2);
            self.code(1, "})(),");
        }
        self.code(0, "]);");
    }

    fn step(&mut self, kind: &StepKind, depth: usize) {
        if taker(kind).is_some_and(|name| self.raw.contains(name))
            && !matches!(kind, StepKind::Http(_))
        {
            return; // its line stands there as a comment
        }
        match kind {
            StepKind::Connect(connect) => self.connect(connect, depth),
            StepKind::Emit(emit) => self.emit(emit, depth),
            StepKind::Receive(receive) => self.receive(receive, depth),
            StepKind::Nothing(who) => {
                let all = self.ready(who, depth);
                self.code(depth, &format!("await nothing({all});"));
            }
            StepKind::UpTo(up_to) => self.up_to(up_to, depth),
            StepKind::Act(who, act) => self.act(who, *act, depth),
            StepKind::RawSend(who, Raw::Text(raw)) => {
                // What is behind the type of a message, socket.io-client sends as it is.
                if let Some(message) = raw.text.strip_prefix('4') {
                    let message = quoted(message);
                    self.each(who, None, depth, |one| {
                        vec![format!("{one}.io.engine.send({message});")]
                    });
                }
            }
            StepKind::Http(http) => self.http(http, depth),
            StepKind::Fault(Fault::ServerRestarts) => {
                self.code(depth, "tell(\"restart the server now\");");
                self.code(depth, "await pause(10_000);");
            }
            StepKind::RawSend(_, Raw::Bytes(_))
            | StepKind::RawReceive(_)
            | StepKind::Fault(Fault::LinkDelays(..))
            | StepKind::Together(_)
            | StepKind::InAnyOrder(_) => {}
        }
    }

    fn connect(&mut self, connect: &Connect, depth: usize) {
        let mut options = Vec::new();
        if let Some(to) = &connect.to {
            options.push(format!("to: {}", quoted(to.as_str())));
        }
        if let Some(via) = connect.via {
            options.push(format!("via: {}", quoted(via.word())));
        }
        if let Some(auth) = &connect.auth {
            options.push(format!("auth: {}", literal(auth, None)));
        }
        let options = match options.as_slice() {
            [] => String::new(),
            options => format!(", {{ {} }}", options.join(", ")),
        };
        for member in self.members(&connect.who.name, connect.who.member) {
            self.opens(&member, &options, depth);
        }
    }

    fn emit(&mut self, emit: &Emit, depth: usize) {
        let series = emit.series.as_ref();
        let event = quoted(emit.event.value.as_str());
        let mut args = vec![event.clone()];
        args.extend(emit.args.iter().map(|arg| literal(arg, series)));
        let args = args.join(", ");
        let contract = match &emit.reply {
            Reply::Await(values) => Some(notation(&format!("ack {}", list(values)), series)),
            Reply::None | Reply::As(_) => None,
        };
        let asks = emit.reply != Reply::None;
        self.each(&emit.who, series, depth, |one| {
            let ack = if asks {
                format!(", {one}.acked({event})")
            } else {
                String::new()
            };
            let mut code = vec![format!("{one}.emit({args}{ack});")];
            code.extend(
                contract
                    .iter()
                    .map(|contract| format!("await next({one}, {contract});")),
            );
            code
        });
    }

    fn receive(&mut self, receive: &Receive, depth: usize) {
        let series = receive.series.as_ref();
        let order = if self.any_order {
            " (in any order)"
        } else {
            ""
        };
        let contract = notation(&format!("{}{order}", receive.what), series);
        self.each(&receive.who, series, depth, |one| {
            vec![format!("await next({one}, {contract});")]
        });
        if receive.what == chatspec_notation::ast::Expect::Closed {
            self.gone(&receive.who);
        }
    }

    fn up_to(&mut self, up_to: &UpTo, depth: usize) {
        let name = up_to.event.value.as_str();
        let event = if VOCABULARY.contains(&name) {
            name.to_owned()
        } else {
            quoted(name)
        };
        let args: Vec<String> = up_to.args.iter().map(ToString::to_string).collect();
        let contract = format!("{event} {}, or closed", args.join(" "));
        let contract = notation(&contract, Some(&up_to.series));
        self.each(&up_to.who, Some(&up_to.series), depth, |one| {
            vec![format!(
                "if (/^(closed|nothing)/.test(await next({one}, {contract}))) break;"
            )]
        });
    }

    fn act(&mut self, who: &Who, act: Act, depth: usize) {
        let code = match act {
            Act::Disconnects => "disconnect()",
            Act::Vanishes => "io.engine.close()",
            Act::FallsSilent | Act::StopsReading | Act::ReadsAgain => return,
        };
        self.each(who, None, depth, |one| vec![format!("{one}.{code};")]);
        self.gone(who);
    }

    fn http(&mut self, http: &Http, depth: usize) {
        let mut options = format!("method: {}", quoted(&http.method.to_string()));
        if let Some(body) = &http.body {
            write!(options, ", body: {}", quoted(body)).unwrap_or_default(); // a String takes everything
        }
        let target = quoted(&http.target);
        self.code(
            depth,
            &format!("await fetch(url + {target}, {{ {options} }}).then(async (answer) =>"),
        );
        self.code(
            depth + 1,
            "tell(`${answer.status} ${await answer.text()}`));",
        );
    }

    /// Code for each of those that a line speaks of, and for each number of its series.
    fn each(
        &mut self,
        who: &Who,
        series: Option<&Series>,
        depth: usize,
        code: impl Fn(&str) -> Vec<String>,
    ) {
        self.connected(&who.name, who.member, depth);
        let mut inside = depth;
        let one = match (who.member, self.groups.get(&who.name)) {
            (None, Some(Some(_))) => {
                let group = identifier(who.name.as_str());
                self.code(inside, &format!("for (const member of {group}) {{"));
                inside += 1;
                "member".to_owned()
            }
            (member, _) => variable(&(who.name.clone(), member)),
        };
        if let Some(series) = series {
            let (n, first, last) = (
                identifier(series.variable.as_str()),
                series.first,
                series.last,
            );
            self.code(
                inside,
                &format!("for (let {n} = {first}; {n} <= {last}; {n} += 1) {{"),
            );
            inside += 1;
        }
        for line in code(&one) {
            self.code(inside, &line);
        }
        while inside > depth {
            inside -= 1;
            self.code(inside, "}");
        }
    }

    /// The clients of a line as arguments, connected.
    fn ready(&mut self, who: &Who, depth: usize) -> String {
        self.connected(&who.name, who.member, depth);
        match (who.member, self.groups.get(&who.name)) {
            (None, Some(Some(_))) => format!("...{}", identifier(who.name.as_str())),
            (member, _) => variable(&(who.name.clone(), member)),
        }
    }

    /// Connects who is not, before a first step.
    fn connected(&mut self, name: &ClientName, member: Option<u32>, depth: usize) {
        if self.raw.contains(name) {
            return;
        }
        let members = self.members(name, member);
        let new: Vec<_> = members
            .iter()
            .filter(|one| !self.connected.contains(one))
            .collect();
        let group = identifier(name.as_str());
        if new.len() == members.len() && new.len() > 1 {
            let count = new.len();
            self.code(depth, &format!("for (let n = 0; n < {count}; n += 1) {group}[n] = await connect(`{name}.${{n + 1}}`);"));
            self.connected.extend(members);
            return;
        }
        for one in members {
            if !self.connected.contains(&one) {
                self.opens(&one, "", depth);
            }
        }
    }

    fn opens(&mut self, member: &Member, options: &str, depth: usize) {
        let (variable, called) = (variable(member), quoted(&called(member)));
        self.code(
            depth,
            &format!("{variable} = await connect({called}{options});"),
        );
        self.connected.insert(member.clone());
    }

    fn gone(&mut self, who: &Who) {
        for member in self.members(&who.name, who.member) {
            self.connected.remove(&member);
        }
    }

    fn members(&self, name: &ClientName, member: Option<u32>) -> Vec<Member> {
        match (member, self.groups.get(name).copied().flatten()) {
            (None, Some(count)) => (1..=count).map(|n| (name.clone(), Some(n))).collect(),
            (member, _) => vec![(name.clone(), member)],
        }
    }

    /// A comment, which may have several lines.
    fn note(&mut self, depth: usize, words: &str) {
        for line in words.lines() {
            let line = text::escape(line).into_owned();
            self.code(depth, format!("// {line}").trim_end());
        }
    }

    fn code(&mut self, depth: usize, line: &str) {
        let indent = "  ".repeat(depth);
        writeln!(self.body, "{indent}{line}").unwrap_or_default(); // a String takes everything
    }
}

/// As transcripts name it: `crowd.7`.
fn called((name, member): &Member) -> String {
    match member {
        None => name.to_string(),
        Some(number) => format!("{name}.{number}"),
    }
}

fn variable((name, member): &Member) -> String {
    let name = identifier(name.as_str());
    match member {
        None => name,
        Some(number) => format!("{name}[{}]", number.saturating_sub(1)),
    }
}

/// `(1, "two")`
fn list(values: &[Value]) -> String {
    let values: Vec<String> = values.iter().map(ToString::to_string).collect();
    format!("({})", values.join(", "))
}

/// Who takes a step of its own; silence is what a bystander is there for.
fn taker(kind: &StepKind) -> Option<&ClientName> {
    Some(match kind {
        StepKind::Connect(connect) => &connect.who.name,
        StepKind::Emit(emit) => &emit.who.name,
        StepKind::Receive(receive) => &receive.who.name,
        StepKind::UpTo(up_to) => &up_to.who.name,
        StepKind::Act(who, _) | StepKind::RawSend(who, _) => &who.name,
        StepKind::RawReceive(raw) => &raw.who.name,
        StepKind::Http(http) => &http.who.name,
        StepKind::Nothing(_)
        | StepKind::Fault(_)
        | StepKind::Together(_)
        | StepKind::InAnyOrder(_) => return None,
    })
}
