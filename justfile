# Short names for what CI does. The scripts work without `just`.

# everything that CI runs
ci:
    ci/test

# style and lints
check:
    cargo fmt --all --check
    cargo clippy --workspace --all-targets -- -D warnings

# unit and property tests
test *ARGS:
    cargo nextest run --workspace {{ARGS}}

# judge a server: just run [PATTERN...] [--target T]
run *ARGS:
    cargo run --release -- run {{ARGS}}

# one scenario, with the transcript of it
scenario ID *ARGS:
    cargo run -- run {{ID}} {{ARGS}}

# does every mutant get caught, by every scenario that names it?
mutants *ARGS:
    cargo run --release -- mutants {{ARGS}}

# how fast servers fan out, beside each other; renews that part of benches/README.md
bench-servers:
    cargo build --release
    benches/generate target/release/chatspec fan-out

# accept what the tests print now as golden; read the diff
bless *ARGS:
    INSTA_UPDATE=always cargo nextest run --workspace {{ARGS}}
    git diff --stat -- '*.snap'
