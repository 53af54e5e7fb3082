//! `cargo xtask postgres -- COMMAND`: runs a command with a throw-away PostgreSQL server.
//!
//! The server lives in a temporary folder and on a free loopback port, and ends with the command. The command
//! finds it in `ANTOM_TEST_POSTGRES`; who sets that variable uses a server of their own, and none is started.

use std::ffi::OsString;
use std::fs;
use std::io::Write as _;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use clap::Args;

/// Where tests find a server.
pub(crate) const URL: &str = "ANTOM_TEST_POSTGRES";
/// How tests restart it: the folder of its programs and that of its data.
const PROGRAMS: &str = "ANTOM_TEST_POSTGRES_PROGRAMS";
const DATA: &str = "ANTOM_TEST_POSTGRES_DATA";

/// What is run.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The command and its arguments.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, required = true)]
    command: Vec<OsString>,
}

/// A server that ends with this value.
#[derive(Debug)]
pub(crate) struct Server {
    child: Child,
    folder: PathBuf,
    variables: [(&'static str, OsString); 3],
}

/// What became of the wish for a server.
#[derive(Debug)]
pub(crate) enum Found {
    /// One was started.
    Started(Server),
    /// The variable names one.
    Named,
    /// There are no programs, or they do not work; and why.
    Absent(String),
}

#[expect(clippy::print_stderr, reason = "a program for people")]
pub(crate) fn main(arguments: &Arguments) -> ExitCode {
    let Some((program, rest)) = arguments.command.split_first() else { return ExitCode::from(2) };
    let mut command = Command::new(program);
    command.args(rest);
    let server = match Server::find() {
        Found::Started(server) => Some(server),
        Found::Named => None,
        Found::Absent(why) => {
            eprintln!("postgres: {why}");
            return ExitCode::FAILURE;
        }
    };
    if let Some(server) = &server {
        command.envs(server.variables());
    }
    match command.status() {
        Ok(status) if status.success() => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("postgres: starting the command failed: {error}");
            ExitCode::FAILURE
        }
    }
}

impl Server {
    /// Starts a server where its programs are.
    pub(crate) fn find() -> Found {
        if std::env::var_os(URL).is_some() {
            return Found::Named;
        }
        let Some(programs) = programs() else {
            return Found::Absent(
                "no `initdb` and `postgres` on the path or under /usr/lib/postgresql".into(),
            );
        };
        match start(&programs) {
            Ok(server) => Found::Started(server),
            Err(why) => Found::Absent(format!("the programs in {} do not work: {why}", programs.display())),
        }
    }

    pub(crate) fn variables(&self) -> impl Iterator<Item = (&'static str, &OsString)> {
        self.variables.iter().map(|(name, value)| (*name, value))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        // A test may have restarted it, which makes a process of its own; its number is in its folder.
        if let Ok(text) = fs::read_to_string(self.folder.join("data/postmaster.pid"))
            && let Some(number) = text.lines().next()
        {
            let _ = Command::new("kill").arg(number.trim()).stderr(Stdio::null()).status();
        }
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// The folder of the programs, the newest version first.
fn programs() -> Option<PathBuf> {
    let complete = |folder: &PathBuf| folder.join("initdb").is_file() && folder.join("postgres").is_file();
    let path = std::env::var_os("PATH").unwrap_or_default();
    if let Some(folder) = std::env::split_paths(&path).find(complete) {
        return Some(folder);
    }
    let version = |folder: &PathBuf| folder.file_name()?.to_str()?.parse::<u32>().ok();
    let mut versions: Vec<PathBuf> = fs::read_dir("/usr/lib/postgresql")
        .ok()?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|folder| version(folder).is_some())
        .collect();
    versions.sort_by_key(version);
    versions.into_iter().rev().map(|folder| folder.join("bin")).find(complete)
}

/// A user that the server may run as: it refuses to run as root.
fn other_user() -> Option<(u32, u32)> {
    let is_root = Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout == b"0\n");
    if !is_root {
        return None;
    }
    let users = fs::read_to_string("/etc/passwd").ok()?;
    let find = |name: &str| {
        let line = users.lines().find(|line| line.split(':').next() == Some(name))?;
        let mut numbers = line.split(':').skip(2);
        Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
    };
    find("postgres").or_else(|| find("nobody"))
}

fn start(programs: &Path) -> Result<Server, String> {
    let folder = std::env::temp_dir().join(format!("antom-postgres-{}", std::process::id()));
    let data = folder.join("data");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&data).map_err(|error| format!("making {} failed: {error}", folder.display()))?;
    let user = other_user();
    let run = |program: &str| {
        let mut command = Command::new(programs.join(program));
        command.current_dir(&folder).stdin(Stdio::null()).stdout(Stdio::null());
        if let Some((user, group)) = user {
            command.uid(user).gid(group);
        }
        command
    };
    if let Some((user, group)) = user {
        for folder in [&folder, &data] {
            std::os::unix::fs::chown(folder, Some(user), Some(group))
                .map_err(|error| format!("handing {} over failed: {error}", folder.display()))?;
        }
    }
    let made = run("initdb")
        .args(["--auth=trust", "--username=antom", "--encoding=UTF8", "--no-locale", "--pgdata"])
        .arg(&data)
        .stderr(Stdio::piped())
        .output()
        .map_err(|error| format!("starting initdb failed: {error}"))?;
    if !made.status.success() {
        return Err(format!("initdb: {}", String::from_utf8_lossy(&made.stderr).trim()));
    }
    let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .and_then(|listener| listener.local_addr())
        .map_err(|error| format!("finding a port failed: {error}"))?
        .port();
    let mut settings = fs::OpenOptions::new()
        .append(true)
        .open(data.join("postgresql.conf"))
        .map_err(|error| format!("opening the settings failed: {error}"))?;
    let text = format!(
        "listen_addresses = '127.0.0.1'\nport = {port}\nunix_socket_directories = ''\nmax_connections = 200\n\
         deadlock_timeout = '100ms'\nlog_min_messages = fatal\n"
    );
    settings.write_all(text.as_bytes()).map_err(|error| format!("writing the settings failed: {error}"))?;
    let child = run("postgres")
        .arg("-D")
        .arg(&data)
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| format!("starting postgres failed: {error}"))?;
    let url = format!("postgres://antom@127.0.0.1:{port}/postgres");
    let variables = [(URL, url.into()), (PROGRAMS, programs.into()), (DATA, data.clone().into())];
    let mut server = Server { child, folder, variables };
    let begin = Instant::now();
    while !is_ready(&data, port) {
        if let Ok(Some(status)) = server.child.try_wait() {
            return Err(format!("postgres ended with {status}"));
        }
        if begin.elapsed() > Duration::from_secs(30) {
            return Err("postgres was not ready within 30 seconds".into());
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    Ok(server)
}

/// Whether it takes connections: it says so in its own file.
fn is_ready(data: &Path, port: u16) -> bool {
    let says = fs::read_to_string(data.join("postmaster.pid")).unwrap_or_default();
    says.lines().any(|line| line.trim() == "ready") && TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok()
}
