//! `antom-dev listen`: a receiver on this machine that shows what arrives.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use antom::core::api::notifications::NOTIFICATIONS;
use antom::core::fact::Proof;
use antom::core::signature::{ClientId, KeyVersion, Keyring, PublicKey, sandbox_keys};
use antom::core::time::UnixTime;
use antom::webhook::{Ack, DedupKey, Delivery, Receiver, Sleep, WebhookError, WebhookVerifier};
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{HeaderMap, Request, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::Notify;

use super::account::{GatewayKeys, client_id};
use super::post::Post;
use super::shown::{Show, with_raw};
use crate::failure::{Failure, causes};
use crate::json::object;

/// Receives notifications on a loopback port, shows each of them, verified or not and why, and can pass the verified ones on.
/// Secret and personal members are hidden unless you ask for them.
///
/// What is shown is acknowledged; with --forward only what the other receiver has acknowledged. What does not verify is
/// refused.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    antom-dev listen --client-id SANDBOX_5Y0000000000000001 --gateway-key antom-public.txt --listen 127.0.0.1:8080\n  \
    antom-dev listen --client-id SANDBOX_5Y0000000000000001 --published-key --forward http://127.0.0.1:3000/antom/notify\n\n\
    For notifications from Antom have a tunnel lead to the port, and give --path the path of the URL that Antom knows: it is \
    signed. What is passed on keeps body and headers, so the other receiver verifies them for that path, too.\n\n\
    Exit codes: 0 interrupted, or --count were received; 2 the arguments or the files they name cannot be used.")]
pub(crate) struct Arguments {
    /// The client id; the environment's ANTOM_CLIENT_ID unless given.
    #[arg(long, value_name = "ID")]
    client_id: Option<String>,
    #[command(flatten)]
    gateway_keys: GatewayKeys,
    /// Verifies with the published key of the sandbox gateway, which `antom-dev sandbox` and `antom-dev trigger` sign with.
    #[arg(long, conflicts_with_all = ["files", "gateway_key_env"])]
    published_key: bool,
    /// The loopback address to listen on; port 0 takes a free one.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// The path of the notification URL as Antom knows it.
    #[arg(long, value_name = "PATH", default_value = "/antom/notify")]
    path: String,
    /// The path at which deliveries arrive here, where a tunnel changes it.
    #[arg(long, value_name = "PATH")]
    local_path: Option<String>,
    /// Passes verified notifications on to this URL on this machine.
    #[arg(long, value_name = "URL")]
    forward: Option<String>,
    /// Lets --forward lead to another machine, over https: notifications hold personal data.
    #[arg(long, requires = "forward")]
    forward_remote: bool,
    /// Ends after so many deliveries, verified or not.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    count: Option<u64>,
    /// Shows secret and personal members, too.
    #[arg(long)]
    reveal: bool,
    /// Prints one JSON object a delivery, and one with the URL before.
    #[arg(long)]
    json: bool,
}

/// How long deliveries under way may take at the end.
const GRACE: Duration = Duration::from_secs(20);
/// How many keys of earlier deliveries are remembered, to tell repeats.
const REMEMBERED: usize = 10_000;

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::input("starting the runtime failed", &error))?;
    runtime.block_on(serve(arguments))
}

/// What all connections share.
struct Desk {
    receiver: Receiver,
    forward: Option<Post>,
    reveal: bool,
    json: bool,
    log: Mutex<Log>,
    /// Enough was received, or nobody reads any more.
    done: Notify,
}

struct Log {
    seen: BTreeSet<DedupKey>,
    left: Option<u64>,
    failed: Option<io::Error>,
}

async fn serve(arguments: &Arguments) -> Result<(), Failure> {
    if !arguments.listen.ip().is_loopback() {
        return Err(Failure::Input(
            "--listen: expected an address of this machine's loopback, such as 127.0.0.1:8080".into(),
        ));
    }
    let desk = Arc::new(desk(arguments)?);
    let cannot = |error: io::Error| {
        Failure::input(&format!("--listen: cannot listen on {}", arguments.listen), &error)
    };
    let listener = TcpListener::bind(arguments.listen).await.map_err(cannot)?;
    let address = listener.local_addr().map_err(cannot)?;
    // Before the first sender can know of it: whoever waits for the line may interrupt at once.
    let interrupted = tokio::signal::ctrl_c();
    let url = format!("http://{address}{}", arguments.local_path.as_ref().unwrap_or(&arguments.path));
    match arguments.json {
        true => writeln!(io::stdout(), "{}", object(&[("listening", json!(url))]))?,
        false => writeln!(io::stdout(), "listening on {url}")?,
    }
    let graceful = GracefulShutdown::new();
    tokio::select! {
        () = accept(&listener, &desk, &graceful) => {}
        () = desk.done.notified() => {}
        ended = interrupted => ended.map_err(|error| Failure::input("waiting for the interrupt failed", &error))?,
    }
    drop(listener);
    // What was taken in is answered; a sender that does not read its answer is not waited for.
    let _ = tokio::time::timeout(GRACE, graceful.shutdown()).await;
    let failed = desk.log.lock().unwrap_or_else(PoisonError::into_inner).failed.take();
    failed.map_or(Ok(()), |error| Err(error.into()))
}

fn desk(arguments: &Arguments) -> Result<Desk, Failure> {
    let named = client_id(arguments.client_id.as_deref())?;
    let id = ClientId::new(&named).map_err(|error| Failure::input("--client-id", &error))?;
    let unusable = |error: &(dyn std::error::Error + 'static)| Failure::input("--gateway-key", error);
    let mut keys = Vec::new();
    if arguments.published_key {
        let key = PublicKey::parse(sandbox_keys::GATEWAY_PUBLIC_KEY).map_err(|error| unusable(&error))?;
        keys.push((KeyVersion::FIRST, key));
    } else {
        for (version, place) in arguments.gateway_keys.places()? {
            let bytes = place.read().map_err(|why| Failure::Input(format!("--gateway-key: {why}")))?;
            let key = PublicKey::parse(bytes.expose()).map_err(|error| unusable(&error))?;
            keys.push((KeyVersion::new(version), key));
        }
    }
    let keys = Keyring::new(&id, keys, None).map_err(|error| unusable(&error))?;
    let mut verifier = WebhookVerifier::builder(id, keys).path(&arguments.path);
    if let Some(path) = &arguments.local_path {
        verifier = verifier.local_path(path);
    }
    let verifier = verifier.build().map_err(|error| Failure::input("--path", &error))?;
    let receiver =
        Receiver::new([verifier], Sleep::tokio()).map_err(|error| Failure::input("--path", &error))?;
    let forward = match &arguments.forward {
        None => None,
        Some(url) => Some(Post::to("--forward", url)?),
    };
    if let Some(post) = forward.as_ref().filter(|post| !post.is_loopback()) {
        if !arguments.forward_remote {
            return Err(Failure::Input(
                "--forward: this is another machine, and notifications hold personal data; give --forward-remote if you mean it"
                    .into(),
            ));
        }
        if !post.is_https() {
            return Err(Failure::Input("--forward: to another machine only https is taken".into()));
        }
    }
    let log = Mutex::new(Log { seen: BTreeSet::new(), left: arguments.count, failed: None });
    let (reveal, json) = (arguments.reveal, arguments.json);
    Ok(Desk { receiver, forward, reveal, json, log, done: Notify::new() })
}

async fn accept(listener: &TcpListener, desk: &Arc<Desk>, graceful: &GracefulShutdown) {
    loop {
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            // Too many open files, or a connection that is gone already: the next one may be good.
            Err(_) => {
                tokio::time::sleep(Duration::from_millis(10)).await;
                continue;
            }
        };
        let desk = Arc::clone(desk);
        let service = service_fn(move |request| receive(Arc::clone(&desk), request));
        let connection = hyper::server::conn::http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(Duration::from_secs(30))
            .serve_connection(TokioIo::new(stream), service);
        let connection = graceful.watch(connection);
        // A connection that breaks is the sender's affair: it will send again.
        tokio::spawn(async move { drop(connection.await) });
    }
}

/// Passes on first, shows then, and acknowledges last.
async fn receive(desk: Arc<Desk>, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let headers = request.headers().clone();
    let (ack, line) = match desk.receiver.receive(request).await {
        Err(error) => (Ack::for_error(&error), desk.refused(&error)),
        Ok(delivery) => {
            let forwarded = match &desk.forward {
                None => None,
                Some(post) => Some(pass_on(post, &headers, &delivery).await),
            };
            let taken = forwarded.as_ref().is_none_or(Result::is_ok);
            let ack = if taken { delivery.acknowledge() } else { Ack::refuse() };
            (ack, desk.verified(&delivery, forwarded.as_ref()))
        }
    };
    let shown = desk.print(&line);
    // What nobody could see was not received.
    let ack = if shown { ack } else { Ack::refuse() };
    Ok(ack.into_http())
}

/// Hands a notification to the other receiver, body and headers as they came.
async fn pass_on(post: &Post, headers: &HeaderMap, delivery: &Delivery) -> Result<u16, String> {
    const KEPT: [&str; 4] = ["client-id", "request-time", "signature", "content-type"];
    let kept: Vec<(&str, String)> = KEPT
        .into_iter()
        .filter_map(|name| Some((name, headers.get(name)?.to_str().ok()?.to_owned())))
        .collect();
    let answer = post.send(&kept, delivery.verified().raw().to_vec()).await?;
    match answer.acknowledges() {
        true => Ok(answer.status),
        false => Err(format!("HTTP {} without an acknowledgement", answer.status)),
    }
}

impl Desk {
    fn verified(&self, delivery: &Delivery, forwarded: Option<&Result<u16, String>>) -> String {
        let verified = delivery.verified();
        let kind = match delivery.notification() {
            Ok(notification) => format!("{:?}", notification.kind()),
            // Authentic all the same: it is stored, acknowledged and inquired about.
            Err(error) => causes(&error),
        };
        let known = delivery.notification().ok().map(|notification| notification.kind());
        let info = NOTIFICATIONS.iter().find(|info| Some(info.kind) == known);
        let table = info.map(|info| (info.table)());
        let version = match verified.proof() {
            Proof::Signature(version) => version.get(),
            // A delivery is signed, or it is none.
            _ => 0,
        };
        let repeat = self.is_repeat(delivery.dedup_key());
        let acknowledged = forwarded.is_none_or(Result::is_ok);
        let at = delivery.received_at();
        if self.json {
            let text = object(&[
                ("at", json!(at.to_string())),
                ("verified", json!(true)),
                ("kind", json!(kind)),
                ("notification", json!(info.map(|info| info.id))),
                ("key_version", json!(version)),
                ("signed_at", json!(verified.time().to_string())),
                ("signed_path", json!(verified.path())),
                ("dedup_key", json!(delivery.dedup_key().to_string())),
                ("repeat", json!(repeat)),
                ("forwarded", forwarded.map_or(Value::Null, |forwarded| json!(forwarded.is_ok()))),
                ("forward_error", json!(forwarded.and_then(|forwarded| forwarded.as_ref().err()))),
                ("acknowledged", json!(acknowledged)),
            ]);
            return with_raw(text, "body", &Show::line(self.reveal).document(table, verified.raw()));
        }
        let repeat = if repeat { ", a repeat" } else { "" };
        let end = match forwarded {
            None => "acknowledged".to_owned(),
            Some(Ok(status)) => format!("passed on (HTTP {status}) and acknowledged"),
            Some(Err(why)) => {
                format!("not acknowledged, Antom delivers it again: passing it on failed: {why}")
            }
        };
        let body = Show::lines(self.reveal).document(table, verified.raw());
        format!("{at} verified with key version {version}: {kind}{repeat}\n  {body}\n  {end}")
    }

    fn refused(&self, error: &WebhookError) -> String {
        let at = UnixTime::from(SystemTime::now());
        match self.json {
            true => object(&[
                ("at", json!(at.to_string())),
                ("verified", json!(false)),
                ("step", json!(error.step().to_string())),
                ("causes", json!(error.causes().iter().map(ToString::to_string).collect::<Vec<_>>())),
                ("path", json!(error.path())),
                ("time", json!(error.time())),
                ("body_bytes", json!(error.body_length())),
                ("body_sha256", json!(error.body_sha256())),
                ("acknowledged", json!(false)),
                ("status", json!(error.status())),
            ]),
            false => format!("{at} refused with {}: {error}", error.status()),
        }
    }

    fn is_repeat(&self, key: DedupKey) -> bool {
        let mut log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        if log.seen.len() >= REMEMBERED {
            log.seen.pop_first();
        }
        !log.seen.insert(key)
    }

    /// Says whether the line reached somebody.
    fn print(&self, line: &str) -> bool {
        let mut log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        let printed = writeln!(io::stdout().lock(), "{line}");
        let shown = printed.is_ok();
        if let Err(error) = printed {
            log.failed = Some(error);
        }
        if let Some(left) = &mut log.left {
            *left = left.saturating_sub(1);
        }
        if log.failed.is_some() || log.left == Some(0) {
            self.done.notify_one();
        }
        shown
    }
}
