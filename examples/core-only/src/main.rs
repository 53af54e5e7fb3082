//! The core alone: it says what to sign, what to send and what an answer is worth; this program has the
//! socket, the clock and the key. `core_only http://127.0.0.1:PORT` pays at a sandbox
//! (`antom-dev sandbox` starts one).
#![allow(clippy::print_stdout)] // It is a program for a terminal.

use std::error::Error;
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant, SystemTime};

use antom_core::api::payments::{InquiryPayment, InquiryPaymentRequest, Pay};
use antom_core::call::{Call, IncomingResponse, Operation, OutgoingRequest, Reply};
use antom_core::preset::{self, Party, Purchase, Shop};
use antom_core::profile::{Credentials, Gateway, ProductFamily, Profile};
use antom_core::signature::{
    ClientId, KeyVersion, Keyring, PrivateKey, PublicKey, RsaSigner, Signer, sandbox_keys,
};
use antom_core::time::{Now, UnixTime};
use antom_core::{Amount, Currency};

/// What a program needs to make calls.
struct Merchant {
    profile: Profile,
    signer: RsaSigner,
    keys: Keyring,
    started: Instant,
}

fn main() -> Result<(), Box<dyn Error>> {
    let url = std::env::args().nth(1).ok_or("usage: core_only http://127.0.0.1:PORT")?;
    let merchant = Merchant::new(&url)?;

    let shop =
        Shop::new(Party::new("M-1", "Coffee Ltd", "5814"), Party::new("S-1", "Coffee at the corner", "5814"));
    let price = Amount::new(Currency::SGD, 950);
    let request = preset::order_code(Purchase::new("ORDER-1-1", "ORDER-1", "Two coffees", price), shop);
    let paid = merchant.call::<Pay>(&request)?;
    println!("pay: {:?}, proven by {:?}", paid.result().result_code, paid.verified().proof());

    let inquiry = InquiryPaymentRequest::new().with_payment_request_id("ORDER-1-1");
    let asked = merchant.call::<InquiryPayment>(&inquiry)?;
    println!("inquiry: {:?}", asked.value().payment_status);
    Ok(())
}

impl Merchant {
    fn new(url: &str) -> Result<Self, Box<dyn Error>> {
        let client_id = ClientId::new("SANDBOX_5Y0000000000000001")?;
        let own = PrivateKey::parse(sandbox_keys::MERCHANT_PRIVATE_KEY)?;
        let gateway_key = PublicKey::parse(sandbox_keys::GATEWAY_PUBLIC_KEY)?;
        let keys = Keyring::new(&client_id, [(KeyVersion::FIRST, gateway_key)], Some(own.public()))?;
        let credentials = Credentials::Rsa { client_id, key_version: KeyVersion::FIRST };
        let profile = Profile::new(credentials, Gateway::parse(url)?).with_family(ProductFamily::InStore);
        let signer = RsaSigner::new(&own, KeyVersion::FIRST)?;
        Ok(Self { profile, signer, keys, started: Instant::now() })
    }

    /// One call: bytes to sign, request to send, answer to judge.
    fn call<O: Operation>(&self, request: &O::Request) -> Result<Reply<O::Response>, Box<dyn Error>> {
        let call = Call::<O, _>::new(request, &self.profile, self.now().wall)?;
        let signature = self.signer.sign(call.signing_input())?;
        let call = call.sign(&signature);
        // If this fails the payment may have been made all the same: a real program inquires next.
        let answer = send(call.request())?;
        Ok(call.receive(&answer, &self.keys, self.now())?)
    }

    fn now(&self) -> Now {
        Now::new(UnixTime::from(SystemTime::now()), self.started.elapsed())
    }
}

fn send(request: &OutgoingRequest) -> io::Result<IncomingResponse> {
    let authority = request.gateway().authority();
    let mut socket = TcpStream::connect(authority)?;
    socket.set_read_timeout(Some(Duration::from_secs(15)))?;
    let mut head = format!(
        "{} {} HTTP/1.1\r\nhost: {authority}\r\ncontent-length: {}\r\nconnection: close\r\n",
        request.method(),
        request.path(),
        request.body().len()
    );
    for header in request.headers() {
        head.push_str(&format!("{}: {}\r\n", header.name, header.value));
    }
    head.push_str("\r\n");
    socket.write_all(head.as_bytes())?;
    socket.write_all(request.body())?;
    let mut bytes = Vec::new();
    socket.take(16 << 20).read_to_end(&mut bytes)?;
    read(&bytes).ok_or_else(|| io::Error::from(io::ErrorKind::InvalidData))
}

/// Reads an answer that ends with its connection; one that is shorter than it says is none.
fn read(bytes: &[u8]) -> Option<IncomingResponse> {
    let split = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
    let (head, body) = (str::from_utf8(bytes.get(..split)?).ok()?, bytes.get(split + 4..)?);
    let mut lines = head.lines();
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let mut answer = IncomingResponse::new(status, body.to_vec());
    for line in lines {
        let (name, value) = line.split_once(':')?;
        if name.eq_ignore_ascii_case("content-length") && value.trim() != body.len().to_string() {
            return None;
        }
        answer.push_header(name, value.trim().as_bytes());
    }
    Some(answer)
}
