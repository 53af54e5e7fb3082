//! From a request to its answer, what goes wrong on purpose included, and what the journal keeps of both.

use std::time::Duration;

use antom_core::api::catalog::OperationEntry;
use antom_core::api::models::{ResultInfo, ResultStatus};
use antom_core::signature::Signer;
use antom_core::time::UnixTime;

use super::desk::{self, OPERATIONS};
use super::fault::Fault;
use super::journal::Event;
use super::mask::masked;
use super::reply::{Done, Refusal, failure, page, result, result_only, signed, success, unsigned};
use super::wire::{Answer, GatewayRequest, GatewayResponse, Lookup};
use super::{Gateway, described, door, strict};

impl Gateway {
    /// What a request is answered, and how much later.
    pub(super) fn answer(&mut self, now: UnixTime, request: &GatewayRequest) -> (GatewayResponse, Duration) {
        let admitted = match door::admit(request, &self.settings.client_id, &self.merchant) {
            Ok(admitted) => admitted,
            Err(rejection) => {
                let info = failure(rejection.code, &rejection.why);
                let body = result_only(&info);
                let operation = request.path().rsplit_once("/v1/").map_or("", |(_, operation)| operation);
                let entry = described::entry(operation, &request.body);
                self.note_request(now, request, entry, None, (&info, &body), Some(rejection.why));
                return (GatewayResponse::Answer(unsigned(body)), Duration::ZERO);
            }
        };
        let operation = admitted.operation;
        let entry = described::entry(operation, &request.body);
        let reference = desk::reference(&request.body);
        let fault = self.faults.meet(operation, reference.as_deref());
        let refused = match &fault {
            Some(Fault::Refuse { code, status }) => Some((code.as_str(), status.clone())),
            Some(Fault::Unknown) => Some(("UNKNOWN_EXCEPTION", ResultStatus::U)),
            _ => None,
        };
        let (body, info, changes) = if let Some((code, status)) = refused {
            let info = result(code, status, "This result was asked for.");
            (result_only(&info), info, Vec::new())
        } else {
            match self.serve(now, operation, entry, &request.body) {
                Ok(done) => (done.body, done.result, done.changes),
                Err(refusal) => {
                    let info = failure(refusal.code, &refusal.message);
                    (result_only(&info), info, Vec::new())
                }
            }
        };
        self.note_request(now, request, entry, reference, (&info, &body), None);
        self.apply(now, changes);
        // Nobody makes this grow by paths that the API does not have.
        let other = entry.and_then(|entry| self.latest.insert(entry.info.id, body.clone()));
        let with = |signer: &dyn Signer, body: Vec<u8>| match admitted.signed {
            true => signed(signer, &self.settings.client_id, &request.target, now, body),
            false => unsigned(body),
        };
        let usual = |body: Vec<u8>| with(&*self.signer, body);
        let mut delay = Duration::ZERO;
        let answer = match fault {
            Some(Fault::NoAnswer) => return (GatewayResponse::Silence, delay),
            Some(Fault::Reset) => return (GatewayResponse::Reset, delay),
            Some(Fault::Delay(time)) => {
                delay = time;
                usual(body)
            }
            Some(Fault::Unsigned) => unsigned(body),
            Some(Fault::WrongSignature) => {
                let other = usual(b"{}".to_vec());
                Answer { body: body.into(), ..other }
            }
            Some(Fault::OldKey) => with(self.retired.as_deref().unwrap_or(&*self.signer), body),
            Some(Fault::Foreign) => usual(other.unwrap_or_else(|| result_only(&success()))),
            Some(Fault::HtmlPage(status)) => page(status, "The service is not available at the moment."),
            Some(Fault::Truncated) => {
                let mut answer = usual(body);
                answer.body.truncate(answer.body.len() / 2);
                answer
            }
            _ => usual(body),
        };
        (GatewayResponse::Answer(answer), delay)
    }

    fn serve(
        &mut self,
        now: UnixTime,
        operation: &str,
        entry: Option<&'static OperationEntry>,
        body: &[u8],
    ) -> Result<Done, Refusal> {
        if let Some(entry) = entry.filter(|_| self.settings.strict) {
            strict::check(body, (entry.request)())?;
        }
        match entry.filter(|_| !OPERATIONS.contains(&operation)) {
            Some(entry) => self.described.serve(now, &mut self.ids, entry, body),
            None => desk::serve(&mut self.at_desk(now), operation, body),
        }
    }

    fn note_request(
        &mut self,
        now: UnixTime,
        request: &GatewayRequest,
        entry: Option<&'static OperationEntry>,
        reference: Option<String>,
        (info, answer): (&ResultInfo, &[u8]),
        refusal: Option<String>,
    ) {
        if self.settings.journal_size == 0 {
            return;
        }
        let (sent, body, answered) = traffic(request, entry, answer);
        let status = match info.result_status.as_ref().map(|status| status.as_str()) {
            Some("S") => "S",
            Some("U") => "U",
            _ => "F",
        };
        let event = Event::Request {
            path: request.path().chars().take(200).collect(),
            reference,
            code: info.result_code.as_ref().map(|code| code.as_str().to_owned()).unwrap_or_default(),
            status,
            verified: refusal.is_none(),
            refusal,
            sent,
            body,
            answered,
        };
        self.journal.note(now, event);
    }
}

/// What was verified, or was to be: what stands before the body, and the body; and the answer's body. Covered.
fn traffic(
    request: &GatewayRequest,
    entry: Option<&'static OperationEntry>,
    answer: &[u8],
) -> (String, String, String) {
    let header = |name| match request.header(name) {
        Lookup::Once(value) => value.chars().take(64).collect(),
        Lookup::Absent => "(absent)".to_owned(),
        Lookup::Repeated => "(more than once)".to_owned(),
    };
    let target: String = request.target.chars().take(200).collect();
    let body = match entry {
        Some(entry) => masked(&request.body, (entry.request)()),
        None => format!("({} bytes)", request.body.len()),
    };
    let sent = format!("{} {target}\n{}.{}.", request.method, header("client-id"), header("request-time"));
    let answered = match entry {
        Some(entry) => masked(answer, (entry.response)()),
        None => String::from_utf8_lossy(answer).chars().take(300).collect(),
    };
    (sent, body, answered)
}
