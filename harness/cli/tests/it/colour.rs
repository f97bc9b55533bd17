//! Colour is for terminals, unless somebody says otherwise.

use crate::support::{Place, said};

const ESCAPE: char = '\u{1b}';

#[tokio::test]
async fn colour_follows_the_environment() {
    let place = Place::with_scenarios().with("bad.chat", "must\n");
    for line in [
        "run mine --scenarios cases",
        "run nothing",
        "run bad.chat",
        "list chat/acks",
        "explain chat/acks/in-order",
    ] {
        let plain = place.run(line).await;
        assert!(
            !plain.stdout.contains(ESCAPE) && !plain.stderr.contains(ESCAPE),
            "{plain}"
        );

        let mut command = place.command(line.split(' '));
        command.env("CLICOLOR_FORCE", "1");
        let forced = said(line, command).await;
        assert!(
            forced.stdout.contains(ESCAPE) || forced.stderr.contains(ESCAPE),
            "{forced}"
        );

        let mut command = place.command(line.split(' '));
        command.env("NO_COLOR", "1");
        let refused = said(line, command).await;
        assert!(
            !refused.stdout.contains(ESCAPE) && !refused.stderr.contains(ESCAPE),
            "{refused}"
        );
    }
}

#[tokio::test]
async fn what_goes_wrong_is_red() {
    let place = Place::with_scenarios().with("bad.chat", "must\n");
    let mut text = String::new();
    for line in [
        "run nothing",
        "run bad.chat",
        "run --over tcp",
        "run mine/wrong --scenarios cases --seed 7",
    ] {
        let mut command = place.command(line.split(' '));
        command.env("CLICOLOR_FORCE", "1");
        text += &format!("{}\n", said(line, command).await);
    }
    insta::assert_snapshot!(text);
}
