use super::*;

fn read(text: &str) -> Result<Config, toml::de::Error> {
    toml::from_str(text)
}

/// Every setting there is, none with its default.
const ALL: &str = r#"
listen = "0.0.0.0:80"
echo = true
leave_room = true
bye = true
room_change = true
ping_interval = "1s"
ping_timeout = "1m 30s"
max_payload = "2MB"
max_nickname = 10
max_room = 20
max_text = "3KiB"
max_rooms = 5
max_messages_per_second = 7
max_connections = 100
max_buffer_packets = 64
max_buffer_bytes = "1MiB"
max_backlog = "2MiB"
allowed_origins = ["https://chat.example.org", "http://localhost:8080"]
redis = "redis://127.0.0.1:6380/2"
shutdown_grace = "500ms"
log_format = "json"
"#;

#[test]
fn what_is_printed_is_read_again() {
    for config in [Config::default(), read(ALL).unwrap()] {
        assert_eq!(read(&config.to_string()).unwrap(), config);
    }
    insta::assert_snapshot!(Config::default());
}

/// Whatever is in the file is in the environment and on the command line, under the same name.
#[test]
fn every_setting_can_be_given_in_every_way() {
    #[derive(clap::Parser)]
    struct Command {
        #[command(flatten)]
        settings: Settings,
    }
    let command = <Command as clap::CommandFactory>::command();
    let file: toml::Table = ALL.parse().unwrap();
    let all = read(ALL).unwrap();
    let mut words = vec!["command".to_owned()];
    for (key, value) in &file {
        let argument = command
            .get_arguments()
            .find(|argument| argument.get_id() == key)
            .unwrap_or_else(|| panic!("no option for {key}"));
        assert_eq!(argument.get_long(), Some(key.replace('_', "-").as_str()));
        let variable = format!("CHATSPEC_SERVER_{}", key.to_uppercase());
        assert_eq!(argument.get_env().unwrap(), variable.as_str());
        let value = match value {
            toml::Value::String(text) => text.clone(),
            toml::Value::Array(items) => {
                let items: Vec<_> = items.iter().filter_map(toml::Value::as_str).collect();
                items.join(",")
            }
            other => other.to_string(),
        };
        words.push(format!("--{}={value}", key.replace('_', "-")));
    }
    // The file names them all.
    let settings = command.get_arguments().filter(|a| a.get_long().is_some());
    assert_eq!(settings.count(), file.len());
    let given = <Command as clap::Parser>::parse_from(words).settings;
    assert_eq!(Config::default().with(&given).unwrap(), all);
    // What is not given stays.
    assert_eq!(all.with(&Settings::default()).unwrap(), all);
}

/// The defaults stand in two places: in the code, and in the help.
#[test]
fn the_help_tells_the_defaults() {
    #[derive(clap::Parser)]
    struct Command {
        #[command(flatten)]
        settings: Settings,
    }
    let mut words = vec!["command".to_owned()];
    for argument in <Command as clap::CommandFactory>::command().get_arguments() {
        let help = argument
            .get_help()
            .map(ToString::to_string)
            .unwrap_or_default();
        let told = help
            .split_once("[default: ")
            .and_then(|(_, rest)| rest.split_once(']'));
        // Where there is none, words say what happens.
        if let Some((value, _)) = told.filter(|(value, _)| !value.contains(' ')) {
            words.push(format!("--{}={value}", argument.get_long().unwrap()));
        }
    }
    assert_eq!(words.len(), 12, "{words:?}");
    let told = <Command as clap::Parser>::parse_from(words).settings;
    assert_eq!(Config::default().with(&told).unwrap(), Config::default());
}

#[test]
fn what_is_wrong_in_a_file_is_shown() {
    let mut said = String::new();
    for text in [
        "max_paylod = 5",
        "max_payload = \"lots\"",
        "max_payload = -1",
        "max_payload = true",
        "ping_interval = 25",
        "ping_interval = \"25\"",
        "max_rooms = 0",
        "allowed_origins = [\"example.org\"]",
        "log_format = \"xml\"",
        "listen = \"localhost\"",
        "echo =",
    ] {
        said.push_str(&read(text).unwrap_err().to_string());
        said.push('\n');
    }
    for text in [
        "ping_timeout = \"0s\"",
        "shutdown_grace = \"99999h\"",
        "max_payload = 10",
        "max_text = 0",
        "max_buffer_packets = 2000000000",
        "max_backlog = 1",
        "bye = true\nredis = 'redis://127.0.0.1'",
        "room_change = true\nredis = 'redis://127.0.0.1'",
    ] {
        said.push_str(&read(text).unwrap().check().unwrap_err().to_string());
        said.push('\n');
    }
    insta::assert_snapshot!(said);
    let mut alone = read(ALL).unwrap();
    alone.redis = None;
    alone.check().unwrap();
    Config::default().check().unwrap();
}

#[test]
fn an_address_may_be_short() {
    for (text, address) in [
        ("4000", "127.0.0.1:4000"),
        ("localhost:4000", "127.0.0.1:4000"),
        ("[::1]:0", "[::1]:0"),
    ] {
        assert_eq!(parse_address(text).unwrap().to_string(), address);
    }
    for text in ["", "127.0.0.1", "example.org:80", "70000", "localhost:"] {
        parse_address(text).unwrap_err();
    }
}
