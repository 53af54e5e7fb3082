//! A private key that never enters the program. It lives in another process (here: this program, started
//! again with `serve`), as it would in a key service or hardware module, and signs over a socket.
#![allow(clippy::print_stdout)] // It is a program for a terminal.

use std::process::Stdio;

use antom::core::api::payments::InquiryPaymentRequest;
use antom::core::signature::{KeyVersion, PrivateKey, RsaSigner, SignError, Signature, Signer, sandbox_keys};
use antom::prelude::*;
use antom::transport::RemoteSigner;
use antom_examples::{Failure, code_of, two_coffees};
use antom_sandbox::{Sandbox, SandboxConfig};
use async_trait::async_trait;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::Command;

/// The longest text that is signed. A request of this API is far shorter.
const LIMIT: u32 = 16 << 20;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    match std::env::args().nth(1).as_deref() {
        Some("serve") => serve().await,
        _ => pay().await,
    }
}

/// Signs with the service at this address. A message is its length in four bytes, then its bytes.
#[derive(Debug)]
struct KeyService {
    address: String,
}

#[async_trait]
impl RemoteSigner for KeyService {
    fn remote_key_version(&self) -> KeyVersion {
        KeyVersion::FIRST
    }

    async fn sign_remote(&self, input: &[u8]) -> Result<Signature, SignError> {
        // The driver ends the waiting at the call's deadline.
        let signed = async {
            let mut socket = TcpStream::connect(&self.address).await?;
            write(&mut socket, input).await?;
            read(&mut socket).await
        };
        let signature = signed.await.map_err(|_| SignError::new("the key service gave no signature"))?;
        Ok(Signature::new(signature))
    }
}

async fn pay() -> Result<(), Failure> {
    let mut service = Command::new(std::env::current_exe()?)
        .arg("serve")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()?;
    let output = service.stdout.take().ok_or("the service's output")?;
    let address = BufReader::new(output).lines().next_line().await?.ok_or("the service did not start")?;

    let sandbox = Sandbox::start(SandboxConfig::default()).await?;
    let client = Client::builder()
        .gateway_url(sandbox.gateway_url())
        .client_id(sandbox.client_id())
        .signer(KeyService { address })
        .gateway_key(1, sandbox_keys::GATEWAY_PUBLIC_KEY)
        .product_family(ProductFamily::InStore)
        .build()?;
    let outcome = client.payments().pay(&two_coffees("ORDER-1-1", "ORDER-1")).await?;
    let Outcome::Accepted(reply) = outcome else { return Err(format!("{outcome:?}").into()) };
    sandbox.buyer_approves(&code_of(reply.value())?)?;
    let inquiry = InquiryPaymentRequest::new().with_payment_request_id("ORDER-1-1");
    let outcome = client.payments().inquiry_payment(&inquiry).await?;
    let Outcome::Completed(reply) = outcome else { return Err(format!("{outcome:?}").into()) };
    println!("ORDER-1: {:?}, signed by process {:?}", reply.value().payment_status, service.id());

    // Without its key service the client can call nothing, and says so before anything is sent.
    service.kill().await?;
    match client.payments().inquiry_payment(&inquiry).await {
        Err(error) => println!("without the service: {error}"),
        Ok(outcome) => return Err(format!("signed by nobody: {outcome:?}").into()),
    }
    Ok(())
}

/// The other process: holds the key, prints its address, and ends with its parent.
async fn serve() -> Result<(), Failure> {
    let key = PrivateKey::parse(sandbox_keys::MERCHANT_PRIVATE_KEY)?;
    let signer = RsaSigner::new(&key, KeyVersion::FIRST)?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", listener.local_addr()?);
    let mut parent = tokio::io::stdin();
    loop {
        let mut nothing = [0];
        let (mut socket, _) = tokio::select! {
            _ = parent.read(&mut nothing) => return Ok(()),
            accepted = listener.accept() => accepted?,
        };
        let signature = signer.sign(&read(&mut socket).await?)?;
        write(&mut socket, signature.as_bytes()).await?;
    }
}

async fn write(socket: &mut TcpStream, bytes: &[u8]) -> std::io::Result<()> {
    socket.write_u32(u32::try_from(bytes.len()).map_err(std::io::Error::other)?).await?;
    socket.write_all(bytes).await
}

async fn read(socket: &mut TcpStream) -> std::io::Result<Vec<u8>> {
    let length = socket.read_u32().await?;
    let mut bytes = Vec::new();
    socket.take(u64::from(length.min(LIMIT))).read_to_end(&mut bytes).await?;
    match bytes.len() == length as usize {
        true => Ok(bytes),
        false => Err(std::io::ErrorKind::UnexpectedEof.into()),
    }
}
