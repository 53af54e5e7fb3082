//! Plays the cases: starts what each needs, has the calls made, and judges.

use std::error::Error as StdError;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use antom_core::api::models::ResultInfo;
use antom_core::call::{
    IncomingResponse, OperationInfo, OutgoingRequest, Prepared, RawAnswer, Repeat, SandboxPath, SendOptions,
    Sent, TransportError, TransportErrorKind, TransportKind,
};
use antom_core::profile::{Credentials, Gateway, Profile};
use antom_core::secret::Secret;
use antom_core::signature::{ClientId, KeyVersion, Signature};
use antom_core::time::UnixTime;

use super::case::{Case, Channel};
use super::peer::{header, headers};
use super::proxy::Proxy;
use super::report::{Report, Row, Verdict};
use super::server::{Log, Seen, Server};
use super::tls::{Authority, Identity};
use super::wire;

type BoxError = Box<dyn StdError + Send + Sync>;

/// How long a call may take beyond its limit for everything.
const SLACK: Duration = Duration::from_secs(4);

/// What a transport is to be built with for a case.
///
/// ```
/// use antom_transport::conformance::Settings;
/// use antom_transport::{SetupError, UreqTransport};
///
/// /// What the suite needs to know of a transport: how to build it.
/// fn make(settings: &Settings) -> Result<UreqTransport, SetupError> {
///     let builder = UreqTransport::builder().extra_roots(settings.extra_root.as_str());
///     match &settings.proxy {
///         Some(url) => builder.proxy(url.as_str()).build(),
///         None => builder.no_proxy().build(),
///     }
/// }
/// # let _ = make;
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Settings {
    /// A root certificate to trust beside those of the platform, as PEM.
    pub extra_root: String,
    /// The proxy's URL for `https://` gateways. Without one no proxy is to be used, whatever the
    /// environment says.
    pub proxy: Option<String>,
}

/// What came of having the calls made.
pub(super) enum Driven {
    /// The way to wait for a future did not.
    NotRun,
    /// There is no transport.
    NotBuilt(String),
    /// The results, in order.
    Ran(Vec<Observed>),
}

/// One call's end.
pub(super) struct Observed {
    pub(super) result: Result<IncomingResponse, TransportError>,
    pub(super) took: Duration,
}

type Drive<'a> = &'a mut dyn FnMut(&Settings, Vec<(OutgoingRequest, SendOptions)>) -> Driven;

pub(super) fn all(cases: &[Case], drive: Drive<'_>) -> Report {
    let own = |error: BoxError| Verdict::Failed(format!("the suite itself failed: {error}"));
    let authority = Authority::new();
    let verdict = |case: &Case| match &authority {
        Ok(authority) => play(case, authority, drive).unwrap_or_else(own),
        Err(error) => own(error.to_string().into()),
    };
    let mut verdict = verdict;
    Report::new(cases.iter().map(|case| Row { case: *case, verdict: verdict(case) }).collect())
}

fn play(case: &Case, authority: &Authority, drive: Drive<'_>) -> Result<Verdict, BoxError> {
    let tls = match case.channel {
        Channel::Plain | Channel::Bare | Channel::Nobody | Channel::NoName => None,
        Channel::Tls(identity) => Some(authority.server(identity, true, &[])?),
        Channel::Tls12 => Some(authority.server(Identity::Good, false, &[])?),
        Channel::Http2 => Some(authority.server(Identity::Good, true, &[b"h2", b"http/1.1"])?),
    };
    let script = case.script;
    let server = Server::start(tls, Arc::new(move |mut peer| script(&mut peer)))?;
    let address = match case.channel {
        Channel::Nobody => nobody()?,
        _ => server.address(),
    };
    let proxy = match case.proxy {
        Proxy::None | Proxy::Nobody => None,
        kind => Some(Server::start(None, Arc::new(move |peer| kind.serve(peer)))?),
    };
    let proxy_address = match &proxy {
        Some(proxy) => Some(proxy.address()),
        None if case.proxy == Proxy::Nobody => Some(nobody()?),
        None => None,
    };
    let settings = Settings {
        extra_root: authority.root().to_owned(),
        proxy: proxy_address.map(|address| case.proxy.url(address)),
    };
    let origin = match case.channel {
        Channel::NoName => "https://gateway.invalid".to_owned(),
        channel if channel.is_https() => format!("https://{address}"),
        _ => format!("http://{address}"),
    };
    let mut plan = Vec::new();
    for (index, call) in case.calls.iter().enumerate() {
        let request = if call.session { session(&origin)? } else { request(&origin, index, call.padding)? };
        plan.push((request, call.options));
    }
    let driven = drive(&settings, plan.clone());
    let seen_by_proxy = proxy.map(Server::stop);
    let seen = server.stop();
    let observed = match driven {
        Driven::Ran(observed) => observed,
        Driven::NotRun => return Ok(Verdict::Failed("the future was not waited for".into())),
        Driven::NotBuilt(reason) if case.is_optional() => return Ok(Verdict::Unsupported(reason)),
        Driven::NotBuilt(reason) => return Ok(Verdict::Failed(format!("there is no transport: {reason}"))),
    };
    if case.is_optional() && observed.iter().all(|observed| is_unsupported(&observed.result)) {
        return Ok(Verdict::Unsupported("the transport says so".into()));
    }
    let judged = judge(case, &observed).and_then(|()| inspect(case, &plan, &observed, &seen));
    let judged = judged.and_then(|()| match &seen_by_proxy {
        Some(log) => case.proxy.check(log, &seen, &address.to_string()),
        None => Ok(()),
    });
    Ok(judged.map_or_else(Verdict::Failed, |()| Verdict::Passed))
}

/// An address of the loopback at which nobody listens.
fn nobody() -> Result<SocketAddr, BoxError> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?)
}

static OPERATION: OperationInfo = OperationInfo {
    id: "conformance/send",
    path: "/ams/api/v1/conformance/send",
    group: "conformance",
    repeat: Repeat::Never,
    inquiry: None,
    echoes: &[],
    moves_money: false,
    sandbox: SandboxPath::Keep,
    transport: TransportKind::Json,
    docs: "",
};

static SESSION: OperationInfo =
    OperationInfo { id: "conformance/session", transport: TransportKind::Session, ..OPERATION };

/// A request that must go out with HTTP/2.
fn session(origin: &str) -> Result<OutgoingRequest, BoxError> {
    let body = RawAnswer::new(ResultInfo::new());
    let (id, at) = (Secret::new("session-1".to_owned()), UnixTime::from_secs(1_700_000_000));
    Ok(Prepared::session(&SESSION, &body, &id, &profile(origin)?, at)?.request().clone())
}

fn profile(origin: &str) -> Result<Profile, BoxError> {
    let gateway = Gateway::parse(origin)?;
    let credentials = Credentials::Rsa {
        client_id: ClientId::new("SANDBOX_CONFORMANCE")?,
        key_version: KeyVersion::default(),
    };
    Ok(Profile::new(credentials, gateway))
}

pub(super) fn request(origin: &str, index: usize, padding: usize) -> Result<OutgoingRequest, BoxError> {
    let profile = profile(origin)?;
    let mut body = [b"{ \"call\":", index.to_string().as_bytes(), b", \"pad\":\""].concat();
    body.extend(wire::large().iter().cycle().take(padding));
    body.extend_from_slice("\",\r\n\"note\":\"caf\u{e9} \u{1f4b3}\" }\n".as_bytes());
    let mut prepared =
        Prepared::raw(&OPERATION, &body, Vec::new(), &profile, UnixTime::from_secs(1_700_000_000))?;
    prepared.attach(&Signature::new(b"not a signature, but the shape of one".to_vec()));
    Ok(prepared.request().clone())
}

fn is_unsupported(result: &Result<IncomingResponse, TransportError>) -> bool {
    matches!(result, Err(error) if error.kind() == TransportErrorKind::Unsupported && error.sent() == Sent::No)
}

fn judge(case: &Case, observed: &[Observed]) -> Result<(), String> {
    for (index, (call, observed)) in case.calls.iter().zip(observed).enumerate() {
        let at = |problem| format!("call {}: {problem}", index + 1);
        call.required.judge(&observed.result).map_err(at)?;
        if observed.took > call.options.total + SLACK {
            return Err(at(format!("it took {:?}, far beyond its limit", observed.took)));
        }
    }
    Ok(())
}

/// What holds in every case: nothing is sent twice, nothing is sent that is called unsent, and what arrives
/// is what was prepared.
fn inspect(
    case: &Case,
    plan: &[(OutgoingRequest, SendOptions)],
    observed: &[Observed],
    log: &Log,
) -> Result<(), String> {
    let unsent =
        observed.iter().filter(|seen| matches!(&seen.result, Err(error) if error.sent() == Sent::No));
    let possible = plan.len() - unsent.count();
    if log.requests.len() > possible {
        return Err(format!("{} requests arrived, but at most {possible} were sent", log.requests.len()));
    }
    if log.leaked {
        return Err("the client went on in a channel that was not secure".into());
    }
    for seen in &log.requests {
        let Some((request, _)) = plan.iter().find(|(request, _)| *request.body() == seen.body) else {
            return Err("a request arrived whose body was not sent like that".into());
        };
        if !seen.head.is_empty() {
            as_prepared(request, seen)?;
        }
    }
    case.check.map_or(Ok(()), |check| check(log))
}

fn as_prepared(request: &OutgoingRequest, seen: &Seen) -> Result<(), String> {
    let first = seen.head.lines().next().unwrap_or_default();
    if first != format!("{} {} HTTP/1.1", request.method(), request.path()) {
        return Err(format!("the request began with `{first}`"));
    }
    let length = request.body().len().to_string();
    let own = [("host", request.gateway().authority()), ("content-length", &length)];
    let given = request.headers().iter().map(|header| (header.name, &*header.value));
    for (name, value) in own.into_iter().chain(given) {
        let found: Vec<_> = headers(&seen.head, name).collect();
        if found != [value] {
            return Err(format!("the header {name} came {} times or with another value", found.len()));
        }
    }
    for name in ["transfer-encoding", "accept-encoding", "expect", "cookie", "referer"] {
        if header(&seen.head, name).is_some_and(|value| !value.eq_ignore_ascii_case("identity")) {
            return Err(format!("the header {name} was added"));
        }
    }
    Ok(())
}
