//! What `doctor` finds out about the secure channel, from real servers with good and bad certificates.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use antom::transport::rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use antom::transport::rustls::{ServerConfig, ServerConnection, Stream, crypto};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, date_time_ymd};

use super::{Folder, beside, command, doctor};

const DAY: Duration = Duration::from_secs(24 * 3600);

fn params(name: Option<&str>) -> CertificateParams {
    let mut params = CertificateParams::new(name.map(str::to_owned).into_iter().collect::<Vec<_>>()).unwrap();
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    params.not_before = date_time_ymd(1970, 1, 1) + (now - 2 * DAY);
    params.not_after = params.not_before + 30 * DAY;
    params
}

fn authority() -> (Issuer<'static, KeyPair>, String) {
    let mut params = params(None);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().unwrap();
    let pem = params.self_signed(&key).unwrap().pem();
    (Issuer::new(params, key), pem)
}

/// A server that shows this certificate and answers 503; its address.
fn server(certificate: CertificateParams, issuer: &Issuer<'static, KeyPair>) -> u16 {
    let key = KeyPair::generate().unwrap();
    let shown = certificate.signed_by(&key, issuer).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![CertificateDer::from(shown.der().to_vec())],
            PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der())),
        )
        .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let config = Arc::new(config);
    // Ends with the process of the tests.
    std::thread::spawn(move || {
        for mut socket in listener.incoming().flatten() {
            let mut tls = ServerConnection::new(Arc::clone(&config)).unwrap();
            let mut stream = Stream::new(&mut tls, &mut socket);
            // A client that refuses the certificate ends here.
            if stream.read(&mut [0; 4096]).is_ok() {
                let _ =
                    stream.write_all(b"HTTP/1.1 503 Busy\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
                let _ = stream.flush();
            }
        }
    });
    port
}

#[tokio::test]
async fn the_certificate_is_judged() {
    let folder = Folder::new("doctor-channel");
    let (trusted, pem) = authority();
    let (unknown, _) = authority();
    let roots = folder.file("roots.pem", &pem);
    let private = folder.path("private.pem");
    let made =
        super::run(&["keys", "new", "--private-key", &private, "--public-key", &folder.path("public.txt")]);
    assert_eq!(made.code, 0, "{}", made.said());
    let gateway = folder.file("gateway.pem", antom::core::signature::sandbox_keys::GATEWAY_PUBLIC_KEY);
    let mut expired = params(Some("127.0.0.1"));
    expired.not_after = expired.not_before + DAY / 2;
    let cases = [
        ("good", server(params(Some("127.0.0.1")), &trusted), true),
        ("unknown issuer", server(params(Some("127.0.0.1")), &unknown), false),
        ("other name", server(params(Some("gateway.example")), &trusted), false),
        ("expired", server(expired, &trusted), false),
    ];
    for (name, port, good) in cases {
        let url = format!("https://127.0.0.1:{port}");
        let mut command = command(&["doctor", "--json", "--client-id", "SANDBOX_1", "--gateway-url", &url]);
        command.args(["--private-key", &private, "--gateway-key", &gateway]);
        command.env("SSL_CERT_FILE", &roots).env_remove("SSL_CERT_DIR").env("NO_PROXY", "127.0.0.1");
        let ended = beside(command).await;
        let found = doctor::findings(&ended);
        let channel = &found["secure channel"];
        assert_eq!(channel["state"], if good { "ok" } else { "problem" }, "{name}: {}", ended.said());
        assert_eq!(channel["fix"].is_string(), !good, "{name}: {}", ended.out);
        let reached = if good { "ok" } else { "skipped" };
        assert_eq!(found["reachability"]["state"], reached, "{name}: {}", ended.out);
        assert_eq!(ended.code, 1, "{name}: a busy gateway is a problem, too: {}", ended.out);
    }
}
