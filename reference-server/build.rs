//! Takes the Socket.IO browser client into the build, if it has been put in place.
//!
//! It installs nothing: a build that fetches is a build that fails on the train. What puts the client in
//! place is in `README.md`, and a server that was built without it says so.

use std::path::{Path, PathBuf};
use std::{env, fs, io};

const CLIENT: &str = "web/node_modules/socket.io-client/dist";
/// The script, and what its last line refers to.
const SCRIPT: &str = "socket.io.min.js";
const MAP: &str = "socket.io.min.js.map";

fn main() -> io::Result<()> {
    // npm writes this one last; the files of its packages carry a date of 1985, whatever changes. Cargo
    // takes a file that is missing for one that has changed, and looks through a folder to its bottom.
    let installed = "web/node_modules/.package-lock.json";
    let watched = if Path::new(installed).exists() {
        installed
    } else {
        "web"
    };
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed={watched}");

    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    let client = Path::new(CLIENT);
    let expression = if client.join(SCRIPT).exists() && client.join(MAP).exists() {
        for file in [SCRIPT, MAP] {
            fs::copy(client.join(file), out.join(file))?;
        }
        let bytes = |file| format!("include_bytes!(concat!(env!(\"OUT_DIR\"), \"/{file}\"))");
        format!(
            "Some(Client {{ script: {}, map: {} }})",
            bytes(SCRIPT),
            bytes(MAP)
        )
    } else {
        "None".to_owned()
    };
    fs::write(out.join("client.rs"), expression)
}
