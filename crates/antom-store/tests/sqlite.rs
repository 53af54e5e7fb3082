//! The SQLite store passes the suite, keeps no secret in the clear, and does as its errors say.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops where something is not as it should be")]

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use antom_store::conformance::{Maker, run};
use antom_store::{AesGcmCipher, Backend, CipherKey, SqliteStore};

#[derive(Debug)]
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::SeqCst);
        let path = std::env::temp_dir().join(format!("antom-{name}-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn file(&self) -> PathBuf {
        self.0.join("shop.db")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn cipher() -> Arc<AesGcmCipher> {
    Arc::new(AesGcmCipher::new(CipherKey::new("test", [7; 32]).unwrap(), [9; 32]))
}

fn open(path: &Path) -> SqliteStore {
    SqliteStore::open(path, cipher()).unwrap()
}

#[derive(Debug)]
struct InFiles(Folder, AtomicU32);

#[async_trait::async_trait]
impl Maker for InFiles {
    async fn fresh(&self) -> Arc<dyn Backend> {
        let number = self.1.fetch_add(1, Ordering::SeqCst);
        Arc::new(open(&self.0.0.join(format!("{number}.db"))))
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_suite_passes() {
    let report = run(&InFiles(Folder::new("suite"), AtomicU32::new(0))).await;
    assert!(report.passed(), "{report}");
}
