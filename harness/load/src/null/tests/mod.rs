//! The null server over sockets: it has to be right before anyone is measured against it.

mod client;
mod contract;
mod flaws;
mod transports;
