//! smol, one thread, futures that are not `Send`: `drive_local` takes the timer and the HTTP stack as async
//! closures. The stack here is a socket of smol's and twenty lines.
#![allow(clippy::print_stdout)] // It is a program for a terminal.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use antom::core::api::payments::Pay;
use antom::core::call::{
    IncomingResponse, OutgoingRequest, SendOptions, Sent, TransportError, TransportErrorKind,
};
use antom::core::exchange::{Exchange, Policy};
use antom::core::outcome::Outcome;
use antom::core::profile::ProductFamily;
use antom::core::signature::{KeyVersion, Keyring, PrivateKey, PublicKey, RsaSigner, sandbox_keys};
use antom::transport::{Clock, SystemClock, drive_local};
use antom_examples::{Failure, OwnSandbox, code_of, two_coffees};
use smol::io::{AsyncReadExt, AsyncWriteExt};

fn main() -> Result<(), Failure> {
    let sandbox = OwnSandbox::start()?;
    smol::block_on(pay(&sandbox))
}

async fn pay(sandbox: &OwnSandbox) -> Result<(), Failure> {
    let profile = sandbox.profile().with_family(ProductFamily::InStore);
    let client_id = profile.client_id().ok_or("a client id")?;
    let key = PrivateKey::parse(sandbox_keys::MERCHANT_PRIVATE_KEY)?;
    let signer = RsaSigner::new(&key, KeyVersion::FIRST)?;
    let gateway_key = PublicKey::parse(sandbox_keys::GATEWAY_PUBLIC_KEY)?;
    let keys = Keyring::new(client_id, [(KeyVersion::FIRST, gateway_key)], Some(key.public()))?;
    let clock = SystemClock::new();

    // An `Rc` makes every future that holds it stay on its thread.
    let log = Rc::new(RefCell::new(Vec::new()));
    let request = two_coffees("ORDER-1-1", "ORDER-1");
    let mut exchange = Exchange::<Pay>::new(&request, &profile, Policy::DEFAULT, 7, clock.now())?;
    drive_local(
        exchange.engine(),
        &signer,
        &keys,
        &clock,
        async |wait: Duration| {
            smol::Timer::after(wait).await;
        },
        async |request, options| {
            let answer = send(request, options).await;
            log.borrow_mut().push(answer.as_ref().map(IncomingResponse::status).unwrap_or_default());
            answer
        },
    )
    .await;
    let Outcome::Accepted(reply) = exchange.finish()? else {
        return Err("the payment was not accepted".into());
    };
    sandbox.buyer_approves(&code_of(reply.value())?)?;
    println!("ORDER-1 is paid; statuses: {:?}", log.borrow());
    Ok(())
}

async fn send(request: OutgoingRequest, options: SendOptions) -> Result<IncomingResponse, TransportError> {
    // What is certain about an error is where it happened; a limit that runs out may have hit any place.
    let late = async {
        smol::Timer::after(options.total).await;
        Err(TransportError::new(TransportErrorKind::Timeout, Sent::Maybe))
    };
    smol::future::or(exchange(&request, options.max_answer), late).await
}

async fn exchange(request: &OutgoingRequest, limit: usize) -> Result<IncomingResponse, TransportError> {
    let at = |kind, sent| move |cause: std::io::Error| TransportError::new(kind, sent).with_source(cause);
    let broken = |sent| TransportError::new(TransportErrorKind::Protocol, sent);
    if request.gateway().is_https() || request.needs_http2() {
        return Err(TransportError::new(TransportErrorKind::Unsupported, Sent::No));
    }
    let mut socket = smol::net::TcpStream::connect(request.gateway().authority())
        .await
        .map_err(at(TransportErrorKind::Connect, Sent::No))?;
    let mut head = format!(
        "{} {} HTTP/1.1\r\nhost: {}\r\ncontent-length: {}\r\nconnection: close\r\n",
        request.method(),
        request.path(),
        request.gateway().authority(),
        request.body().len()
    );
    for header in request.headers() {
        head.push_str(&format!("{}: {}\r\n", header.name, header.value));
    }
    head.push_str("\r\n");
    let interrupted = |sent| at(TransportErrorKind::Interrupted, sent);
    socket.write_all(head.as_bytes()).await.map_err(interrupted(Sent::Maybe))?;
    socket.write_all(request.body()).await.map_err(interrupted(Sent::Maybe))?;
    let mut bytes = Vec::new();
    socket.take(limit as u64 + 64 * 1024).read_to_end(&mut bytes).await.map_err(interrupted(Sent::Maybe))?;

    let split = bytes.windows(4).position(|four| four == b"\r\n\r\n").ok_or_else(|| broken(Sent::Maybe))?;
    let (head, body) = bytes.split_at(split);
    let body = body.get(4..).unwrap_or_default();
    let mut lines = str::from_utf8(head).map_err(|_| broken(Sent::Maybe))?.lines();
    let status = lines.next().and_then(|line| line.split(' ').nth(1)).and_then(|status| status.parse().ok());
    let mut answer = IncomingResponse::new(status.ok_or_else(|| broken(Sent::Maybe))?, body.to_vec());
    for (name, value) in lines.filter_map(|line| line.split_once(':')) {
        // The end of the connection alone does not show that the answer is whole.
        if name.eq_ignore_ascii_case("content-length") && value.trim() != body.len().to_string() {
            return Err(broken(Sent::Yes));
        }
        answer.push_header(name, value.trim().as_bytes());
    }
    Ok(answer)
}
