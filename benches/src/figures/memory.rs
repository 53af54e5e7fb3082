//! The peak of memory of whole programs; the bound is a program that does nothing.

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Arc;

use super::call::runtime;
use super::webhook::{Delivery, Load};
use crate::figure::{Figure, Goal};
use crate::measure::Effort;
use crate::peer::Peer;

pub(super) const NAMES: &[&str] = &["memory: client", "memory: 64 in flight", "memory: webhook server"];

pub(super) fn run(_: Effort) -> Vec<Figure> {
    let [client, flight, server] = NAMES else { return Vec::new() };
    let peer = Peer::gateway();
    let address = peer.address.to_string();
    let idle = called("idle", &address) / 1024.0;
    let figure =
        |name, kilobytes: f64, goal| Figure::plain(name, kilobytes / 1024.0, idle, "MB", Goal::AtMost(goal));
    vec![
        figure(client, called("client", &address), 10.0),
        figure(flight, called("flight", &address), 14.0),
        figure(server, served(), 12.0),
    ]
}

/// The program beside this one.
fn command(arguments: &[&str]) -> Command {
    let mut path: PathBuf = std::env::current_exe().expect("it runs from a file");
    path.set_file_name("footprint");
    let mut command = Command::new(path);
    command.args(arguments);
    command
}

/// No number, which meets no goal, where the program is not there: only `cargo xtask bench` builds both.
fn called(program: &str, address: &str) -> f64 {
    let Ok(output) = command(&[program, address]).output() else { return f64::NAN };
    let text = String::from_utf8_lossy(&output.stdout);
    text.trim().parse().expect("it prints its memory")
}

/// The server under load from 64 connections.
fn served() -> f64 {
    let started = command(&["webhook"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    let Ok(mut child) = started else { return f64::NAN };
    let mut lines = BufReader::new(child.stdout.take().expect("it has an output")).lines();
    let mut next = || lines.next().expect("it prints").expect("it is text");
    let address: SocketAddr = next().parse().expect("it is an address");
    let request: Arc<[u8]> = Delivery::signed().request().into();
    runtime().block_on(async {
        let mut load = Load::open(address).await;
        load.ask(&request, 100).await;
    });
    drop(child.stdin.take());
    let kilobytes = next().parse().expect("it prints its memory");
    child.wait().expect("it ends");
    kilobytes
}
