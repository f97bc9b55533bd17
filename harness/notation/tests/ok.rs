//! Good files, and their canonical text.

use chatspec_notation::{Look, parse};

#[test]
fn canonical_text() {
    insta::glob!("ok/*.chat", |path| {
        let text = std::fs::read_to_string(path).unwrap();
        let name = path.file_name().unwrap().to_string_lossy();
        let scenario = parse(&name, &text).unwrap_or_else(|e| panic!("{}", e.render(Look::PLAIN)));
        let printed = scenario.to_string();
        let again =
            parse("printed", &printed).unwrap_or_else(|e| panic!("{}", e.render(Look::PLAIN)));
        assert_eq!(again, scenario);
        assert_eq!(again.to_string(), printed);
        insta::assert_snapshot!(printed);
    });
}
