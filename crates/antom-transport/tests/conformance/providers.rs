//! Two crypto providers are linked and none is the process's own: each backend uses the one it was given.

use std::sync::atomic::{AtomicUsize, Ordering};

use antom_transport::conformance::{self, Case, Report};
use antom_transport::rustls::crypto::{CryptoProvider, GetRandomFailed, SecureRandom, aws_lc_rs};
use antom_transport::{HyperTransport, ReqwestTransport, UreqTransport};

use super::on_tokio;

/// The other provider's randomness, which tells how often it was asked for.
#[derive(Debug)]
struct Counting {
    inner: &'static dyn SecureRandom,
    asked: AtomicUsize,
}

impl SecureRandom for Counting {
    fn fill(&self, space: &mut [u8]) -> Result<(), GetRandomFailed> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        self.inner.fill(space)
    }
}

/// Another provider than the one that is linked for everybody, and its counter.
fn other_provider() -> (CryptoProvider, &'static Counting) {
    let provider = aws_lc_rs::default_provider();
    let counting: &Counting =
        Box::leak(Box::new(Counting { inner: provider.secure_random, asked: 0.into() }));
    (CryptoProvider { secure_random: counting, ..provider }, counting)
}

/// The cases in which a secure channel is set up, or refused.
fn secure() -> Vec<Case> {
    let named = |case: &&Case| case.name().starts_with("TLS") || case.name() == "unknown issuer";
    conformance::cases().iter().filter(named).copied().collect()
}

fn passed(report: &Report, counting: &Counting) {
    assert!(CryptoProvider::get_default().is_none(), "nobody may install a provider for the process");
    assert!(report.rows().len() > 5 && report.is_complete(), "{report}");
    assert!(counting.asked.load(Ordering::Relaxed) >= report.rows().len(), "the provider was not used");
}

#[test]
fn hyper_uses_the_provider_it_is_given() {
    let (provider, counting) = other_provider();
    let report = conformance::run(
        &secure(),
        |settings| {
            let builder = HyperTransport::builder().extra_roots(settings.extra_root.as_str()).no_proxy();
            builder.crypto_provider(provider.clone()).build()
        },
        on_tokio(),
    );
    passed(&report, counting);
}

#[test]
fn reqwest_uses_the_provider_it_is_given() {
    let (provider, counting) = other_provider();
    let report = conformance::run(
        &secure(),
        |settings| {
            let builder = ReqwestTransport::builder().extra_roots(settings.extra_root.as_str()).no_proxy();
            builder.crypto_provider(provider.clone()).build()
        },
        on_tokio(),
    );
    passed(&report, counting);
}

#[test]
fn ureq_uses_the_provider_it_is_given() {
    let (provider, counting) = other_provider();
    let report = conformance::run_blocking(&secure(), |settings| {
        let builder = UreqTransport::builder().extra_roots(settings.extra_root.as_str()).no_proxy();
        builder.crypto_provider(provider.clone()).build()
    });
    passed(&report, counting);
}
