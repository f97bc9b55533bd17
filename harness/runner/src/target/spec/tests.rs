//! Every `--target` there is, and every mistake that can be made in one.

use std::fmt::Write as _;
use std::path::Path;

use super::*;

fn endpoint_of(argument: &str) -> Endpoint {
    match Target::parse(argument).unwrap().launch {
        Launch::Url(nodes) => nodes.first().clone(),
        other => panic!("{argument} is {other:?}"),
    }
}

fn refused(argument: &str) -> String {
    Target::parse(argument).unwrap_err().to_string()
}

#[test]
fn a_url_may_be_short_and_may_have_a_path() {
    for (url, authority, path) in [
        ("http://127.0.0.1:3000", "127.0.0.1:3000", "/socket.io/"),
        ("http://127.0.0.1:3000/", "127.0.0.1:3000", "/socket.io/"),
        ("http://chat.example", "chat.example:80", "/socket.io/"),
        ("http://[::1]:3000/chat", "[::1]:3000", "/chat/"),
        ("http://h:1/a/b/", "h:1", "/a/b/"),
        ("https://chat.example", "chat.example:443", "/socket.io/"),
    ] {
        let endpoint = endpoint_of(url);
        assert_eq!(
            (endpoint.authority().as_str(), endpoint.path.as_str()),
            (authority, path)
        );
    }
}

#[test]
fn an_image_may_name_its_port() {
    for (argument, name, on) in [
        ("image:chat", "chat", 3000),
        (
            "image:registry:5000/my/chat:2#8080",
            "registry:5000/my/chat:2",
            8080,
        ),
    ] {
        let Launch::Image { image, port } = Target::parse(argument).unwrap().launch else {
            panic!("{argument} is no image")
        };
        assert_eq!((image.as_str(), port), (name, on));
    }
}

#[test]
fn a_target_that_we_know_says_what_it_can_do() {
    for (argument, capabilities) in [
        ("reference", &["restart", "echo"][..]),
        (
            "mutant:none",
            &["echo", "leave_room", "nodes 2", "ack-across-nodes"],
        ),
        (
            "mutant:extended",
            &[
                "echo",
                "leave_room",
                "nodes 2",
                "ack-across-nodes",
                "bye",
                "room_change",
            ],
        ),
        ("cmd:x", &["restart"]),
        ("image:x", &[]),
        ("http://h:1", &[]),
    ] {
        assert_eq!(Target::parse(argument).unwrap().capabilities, capabilities);
    }
}

#[test]
fn what_is_no_target_is_told_what_is() {
    let refusals = [
        "nonsense",
        "refrence",
        "localhost:3000",
        "chat.example",
        "",
        "mutant:",
        "mutant:echo-to-sendr",
        "cmd:",
        "cmd:   ",
        "image:",
        "image:#80",
        "image:x#0",
        "image:x#70000",
        "image:x#web",
        "http://",
        "http://:3000",
        "http://h:99999",
        "http://h:port",
        "http://a b",
        "http://h:1/?token=x",
        "http://me:secret@h:1",
        "wss://chat.example",
        "ws://127.0.0.1:3000/socket.io/",
        "ci/servers/nowhere",
        "nowhere.toml",
        "nowhere.toml#image",
    ];
    let mut said = String::new();
    for argument in refusals {
        writeln!(said, "{argument}\n    {}", refused(argument)).unwrap();
    }
    insta::assert_snapshot!(said);
}

/// What is said of a target.toml with this text.
fn mistake(text: &str, suffix: &str) -> String {
    match file::described(Path::new("chat/target.toml"), text, suffix == "#image") {
        Ok(target) => panic!("{text}\nis taken for {target:?}"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn every_mistake_in_a_target_toml_has_its_place() {
    let files = [
        ("", ""),
        ("name = \n", ""),
        ("name = 7\n[launch]\ncommand = \"x\"\n", ""),
        ("name = \"a\"\n", ""),
        ("name = \"a\"\n\n[lanch]\ncommand = \"x\"\n", ""),
        ("name = \"a\"\n[launch]\ncomand = \"x\"\n", ""),
        ("name = \"a\"\nname = \"b\"\n", ""),
        ("name = \" \"\n[launch]\ncommand = \"x\"\n", ""),
        ("name = \"a\"\n[launch]\n", ""),
        ("name = \"a\"\n[launch]\nsetup = \"npm ci\"\n", ""),
        ("name = \"a\"\n[launch]\ncommand = \"\"\n", ""),
        ("name = \"a\"\n[launch]\nimage = \"\"\n", ""),
        (
            "name = \"a\"\n[launch]\nimage = \"x\"\ncontainer-port = 0\n",
            "",
        ),
        (
            "name = \"a\"\n[launch]\nimage = \"x\"\ncontainer-port = 70000\n",
            "",
        ),
        ("name = \"a\"\n[launch]\ncommand = \"x\"\n", "#image"),
        ("name = \"a\"\n[launch]\nurl = \"http://h:1\"\n", "#image"),
        (
            "name = \"a\"\n[launch]\nurl = \"http://h:1\"\nimage = \"x\"\n",
            "",
        ),
        ("name = \"a\"\n[launch]\nurl = \"wss://h\"\n", ""),
        (
            "name = \"a\"\n[launch]\nurl = [\"http://h:1\", \"h:2\"]\n",
            "",
        ),
        ("name = \"a\"\n[launch]\nurl = []\n", ""),
        ("name = \"a\"\n[launch]\ncommand = \"x\"\nnodes = 0\n", ""),
        (
            "name = \"a\"\n[launch]\nurl = \"http://h:1\"\nnodes = 2\n",
            "",
        ),
        (
            "name = \"a\"\n[launch]\nimage = \"x\"\nbeside = \"y\"\n",
            "",
        ),
        (
            "name = \"a\"\n[launch]\ncommand = \"x\"\nbeside = \"\"\n",
            "",
        ),
        (
            "name = \"a\"\ntransports = []\n[launch]\ncommand = \"x\"\n",
            "",
        ),
        (
            "name = \"a\"\ntransports = [\"polling\", \"websockets\"]\n[launch]\ncommand = \"x\"\n",
            "",
        ),
        (
            "name = \"a\"\ntransports = \"polling\"\n[launch]\ncommand = \"x\"\n",
            "",
        ),
        (
            "name = \"a\"\n[launch]\ncommand = \"x\"\n\n[[known-failure]]\npattern = \"chat/*\"\n",
            "",
        ),
        (
            "name = \"a\"\n[launch]\ncommand = \"x\"\n\n[[known-failure]]\npattern = \"chat/*\"\nreason = \"\"\n",
            "",
        ),
        (
            "name = \"a\"\n[launch]\ncommand = \"x\"\n\n[[known-failure]]\npattern = \"chat/[\"\nreason = \"why\"\n",
            "",
        ),
        (
            "name = \"a\"\nlacks = [\"room\"]\n[launch]\ncommand = \"x\"\n",
            "",
        ),
        (
            "name = \"a\"\nlacks = [\"coffee\"]\n[launch]\ncommand = \"x\"\n",
            "",
        ),
        (
            "name = \"a\"\n[launch]\ncommand = \"x\"\n[connection]\npath = \"ws\"\n",
            "",
        ),
        (
            "name = \"a\"\n[launch]\ncommand = \"x\"\n[connection]\nnamespace = \"chat\"\n",
            "",
        ),
        (
            "name = \"a\"\n[launch]\ncommand = \"x\"\n[connection]\nquery = { sid = \"x\" }\n",
            "",
        ),
        (
            "name = \"a\"\n[launch]\ncommand = \"x\"\n[connection]\nquery = { v = [1] }\n",
            "",
        ),
        (
            "name = \"a\"\n[launch]\ncommand = \"x\"\n[connection]\nheaders = { \"X Y\" = \"z\" }\n",
            "",
        ),
        (
            "name = \"a\"\n[launch]\ncommand = \"x\"\n[connection]\ncookies = { \"a=b\" = \"z\" }\n",
            "",
        ),
        (
            "name = \"a\"\n[launch]\ncommand = \"x\"\n[connection]\nauth = { name = \"$nick\" }\n",
            "",
        ),
        (
            "name = \"a\"\n[launch]\ncommand = \"x\"\n[connection]\nauth = { text = \"$text\" }\n",
            "",
        ),
        (
            "name = \"a\"\n[launch]\ncommand = \"x\"\n[events.enter]\nemit = \"join\"\n",
            "",
        ),
        (
            "name = \"a\"\n[launch]\ncommand = \"x\"\n[events.enter_room]\nemit = 7\n",
            "",
        ),
        (
            "name = \"a\"\n[launch]\ncommand = \"x\"\n[events.enter_room]\nemit = [\"join\", \"$nicknme\"]\n",
            "",
        ),
        (
            "name = \"a\"\n[launch]\ncommand = \"x\"\n[events.enter_room]\nemit = [\"join\", \"$text\"]\n",
            "",
        ),
        (
            "name = \"a\"\n[launch]\ncommand = \"x\"\n[events.enter_room]\nemit = [{ join = \"$room\" }]\n",
            "",
        ),
        (
            "name = \"a\"\n[launch]\ncommand = \"x\"\n[events.enter_room]\nemit = []\n answer = \"ack\"\n",
            "",
        ),
        (
            "name = \"a\"\n[launch]\ncommand = \"x\"\n[events.enter_room]\nreceive = [\"joined\", \"$nickname\"]\n",
            "",
        ),
        (
            "name = \"a\"\n[launch]\ncommand = \"x\"\n[events.enter_room]\nanswer = \"yes\"\n",
            "",
        ),
        (
            "name = \"a\"\n[launch]\ncommand = \"x\"\n[events.enter_room]\nanswer = { ack = 7 }\n",
            "",
        ),
        (
            "name = \"a\"\n[launch]\ncommand = \"x\"\n[events.new_message]\nreceive = [\"message\", \"$nickname\"]\n",
            "",
        ),
        (
            "name = \"a\"\n[launch]\ncommand = \"x\"\n[events.new_message]\nemit = [\"at\", 2026-01-01]\n",
            "",
        ),
        (
            "name = \"a\"\n[launch]\ncommand = \"x\"\n[events.welcome]\nreceive = [\"joined\", \"$id\"]\n",
            "",
        ),
        (
            "name = \"a\"\n[launch]\ncommand = \"x\"\n[events.welcome]\nemit = [\"joined\"]\n",
            "",
        ),
        (
            "name = \"a\"\nignore = [7]\n[launch]\ncommand = \"x\"\n",
            "",
        ),
    ];
    let mut said = String::new();
    for (text, suffix) in files {
        let marked = text.replace('\n', "\u{21b5} ");
        writeln!(said, "{marked}{suffix}\n{}\n", mistake(text, suffix)).unwrap();
    }
    insta::assert_snapshot!(said);
}

#[test]
fn a_target_toml_says_how_to_start_and_what_to_expect() {
    let text = "name = \"node\"\nsummary = \"x\"\ncapabilities = [\"restart\"]\n\
                transports = [\"upgrade\", \"polling\"]\n[launch]\n\
                command = \"node server.js\"\nsetup = \"npm ci\"\nimage = \"chat\"\n\
                container-port = 80\n[[known-failure]]\npattern = \"chat/*\"\nreason = \"r\"\n";
    let command = file::described(Path::new("chat/target.toml"), text, false).unwrap();
    assert_eq!(
        (command.name.as_str(), command.capabilities.len()),
        ("node", 1)
    );
    let transports: Vec<_> = command.transports.iter().copied().collect();
    assert_eq!(transports, [Transport::Polling, Transport::Upgrade]);
    let Launch::Command {
        command,
        folder,
        setup,
        nodes: 1,
        beside: None,
    } = command.launch
    else {
        panic!("no command")
    };
    assert_eq!(command, "node server.js");
    assert_eq!(
        (folder.as_deref(), setup.as_deref()),
        (Some(Path::new("chat")), Some("npm ci"))
    );

    let image = file::described(Path::new("target.toml"), text, true).unwrap();
    assert_eq!(image.name, "node (image)");
    let Launch::Image { image, port } = image.launch else {
        panic!("no image")
    };
    assert_eq!((image.as_str(), port), ("chat", 80));
}

#[test]
fn a_file_in_the_current_folder_is_run_in_the_current_folder() {
    let text = "name = \"a\"\n[launch]\ncommand = \"x\"\n";
    let target = file::described(Path::new("target.toml"), text, false).unwrap();
    assert!(matches!(
        target.launch,
        Launch::Command { folder: None, .. }
    ));
}

#[test]
fn a_server_may_have_several_nodes() {
    let text = "name = \"a\"\n[launch]\ncommand = \"x\"\nnodes = 2\nbeside = \"y\"\n";
    let target = file::described(Path::new("target.toml"), text, false).unwrap();
    assert_eq!(target.capabilities, ["nodes 2"]);
    let Launch::Command { nodes, beside, .. } = target.launch else {
        panic!("no command")
    };
    assert_eq!((nodes, beside.as_deref()), (2, Some("y")));

    let text = "name = \"a\"\n[launch]\nurl = [\"http://h:1\", \"http://h:2\", \"http://h:3\"]\n";
    let target = file::described(Path::new("target.toml"), text, false).unwrap();
    assert_eq!(target.capabilities, ["nodes 3"]);
    let Launch::Url(nodes) = target.launch else {
        panic!("no URL")
    };
    let ports = [1, 2, 3, 4].map(|node| nodes.get(node).port);
    assert_eq!(ports, [1, 2, 3, 1], "there is no fourth");
}
