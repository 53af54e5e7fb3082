//! One program of a merchant and nothing else, whose peak of memory is looked at: `footprint client ADDRESS`,
//! `footprint flight ADDRESS`, `footprint webhook`. Prints it in kilobytes when it is done.
#![allow(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a measurement that fails has nothing to report"
)]

use std::io::Read as _;
use std::net::{Ipv4Addr, SocketAddr};
use std::process::ExitCode;
use std::sync::Arc;

use antom::transport::HyperTransport;
use antom_benches::{fixture, ours};
use clap::{Parser, Subcommand};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};

/// One program of a merchant.
#[derive(Debug, Parser)]
struct Arguments {
    #[command(subcommand)]
    program: Program,
}

#[derive(Debug, Subcommand)]
enum Program {
    /// Nothing: the bound.
    Idle { peer: SocketAddr },
    /// Calls one after another.
    Client { peer: SocketAddr },
    /// 64 calls at a time.
    Flight { peer: SocketAddr },
    /// Takes notifications until its input ends; prints its address first.
    Webhook,
}

fn main() -> ExitCode {
    let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime starts");
    match Arguments::parse().program {
        Program::Idle { .. } => {}
        Program::Client { peer } => calls(&runtime, peer, 1, 300),
        Program::Flight { peer } => calls(&runtime, peer, 64, 30),
        Program::Webhook => webhook(&runtime),
    }
    println!("{}", peak());
    ExitCode::SUCCESS
}

/// The most memory that this process ever held, in kilobytes.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("the system tells");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("the system tells");
    line.split_whitespace().next().and_then(|number| number.parse().ok()).expect("it is a number")
}

fn calls(runtime: &Runtime, peer: SocketAddr, at_once: usize, each: usize) {
    let transport = HyperTransport::builder().build_loopback().expect("the transport starts");
    let client = ours::client(peer, transport);
    let request = Arc::new(ours::request(&fixture::pay_request()));
    runtime.block_on(async {
        let callers: Vec<_> = (0..at_once)
            .map(|_| {
                let (client, request) = (client.clone(), Arc::clone(&request));
                tokio::spawn(async move {
                    for _ in 0..each {
                        ours::pay(&client, &request).await;
                    }
                })
            })
            .collect();
        for caller in callers {
            caller.await.expect("calls succeed");
        }
    });
}

fn webhook(runtime: &Runtime) {
    runtime.block_on(async {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port is free");
        println!("{}", listener.local_addr().expect("it has an address"));
        let receiver = ours::receiver();
        let serve = async {
            loop {
                let (stream, _) = listener.accept().await.expect("connections are accepted");
                let receiver = receiver.clone();
                let service = service_fn(move |request| ours::take(receiver.clone(), request));
                tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
            }
        };
        let end = tokio::task::spawn_blocking(|| drop(std::io::stdin().read(&mut [0])));
        tokio::select! {
            () = serve => {}
            _ = end => {}
        }
    });
}
