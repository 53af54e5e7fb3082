//! Whose account a command works with: client id, keys and gateway, from options and environment.
//!
//! Keys come from files and environment variables only: an argument can be seen by everybody on the machine.

use std::io::Read as _;
use std::path::PathBuf;

use antom::KeySource;
use antom::core::profile::{Gateway, ProductFamily, Region};
use antom::core::secret::Secret;

use crate::failure::{Failure, causes};

/// No key is longer; the parser has the same limit and names it.
const MAX_KEY_FILE: usize = 64 * 1024 + 1;

/// Whose account it is.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Account")]
pub(crate) struct Account {
    /// The client id from the dashboard; the environment's ANTOM_CLIENT_ID unless given.
    #[arg(long, value_name = "ID")]
    pub(crate) client_id: Option<String>,
    /// Antom's gateway in this region.
    #[arg(long, value_enum, conflicts_with = "gateway_url")]
    region: Option<RegionName>,
    /// Another gateway, such as a sandbox on this machine; the environment's ANTOM_GATEWAY_URL unless given.
    #[arg(long, value_name = "URL")]
    gateway_url: Option<String>,
    /// The file with your private key.
    #[arg(long, value_name = "FILE", conflicts_with = "private_key_env")]
    private_key: Option<PathBuf>,
    /// The environment variable with your private key, where no file is given.
    #[arg(long, value_name = "NAME", default_value = "ANTOM_PRIVATE_KEY")]
    private_key_env: String,
    /// The version of your key.
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) key_version: u32,
    /// The file with an API key, for accounts that use one instead of RSA keys. No client id is needed then.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["api_key_env", "private_key", "client_id"])]
    api_key: Option<PathBuf>,
    /// The environment variable with an API key, to use it instead of RSA keys.
    #[arg(long, value_name = "NAME", conflicts_with_all = ["private_key", "client_id"])]
    api_key_env: Option<String>,
    #[command(flatten)]
    pub(crate) gateway_keys: GatewayKeys,
    /// Calls for a product sold at a counter (order code, entry code, user-presented code): in the sandbox it
    /// has other paths.
    #[arg(long)]
    pub(crate) in_store: bool,
}

/// Antom's public keys.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Account")]
pub(crate) struct GatewayKeys {
    /// A file with Antom's public key, as FILE (version 1) or VERSION=FILE; several during a rotation.
    #[arg(long = "gateway-key", value_name = "[VERSION=]FILE", conflicts_with = "gateway_key_env")]
    files: Vec<String>,
    /// The environment variable with Antom's public key, where no file is given.
    #[arg(long, value_name = "NAME", default_value = "ANTOM_PUBLIC_KEY")]
    gateway_key_env: String,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum RegionName {
    NorthAmerica,
    UnitedStates,
    Asia,
    Europe,
}

impl Account {
    /// The client id.
    pub(crate) fn client_id(&self) -> Result<String, Failure> {
        client_id(self.client_id.as_deref())
    }

    /// The gateway.
    pub(crate) fn gateway(&self) -> Result<Gateway, Failure> {
        if let Some(region) = self.region {
            return Ok(Gateway::from(match region {
                RegionName::NorthAmerica => Region::NorthAmerica,
                RegionName::UnitedStates => Region::UnitedStates,
                RegionName::Asia => Region::Asia,
                RegionName::Europe => Region::Europe,
            }));
        }
        let url = match &self.gateway_url {
            Some(url) => url.clone(),
            None => environment("ANTOM_GATEWAY_URL").ok_or_else(|| {
                Failure::Input(
                    "--region or --gateway-url: one of both is needed, or ANTOM_GATEWAY_URL in the environment"
                        .into(),
                )
            })?,
        };
        Gateway::parse(&url).map_err(|error| Failure::input("--gateway-url", &error))
    }

    /// Where the private key is.
    pub(crate) fn private_key(&self) -> Result<KeyPlace, Failure> {
        match &self.private_key {
            Some(file) => KeyPlace::file("--private-key", file.clone()),
            None => Ok(KeyPlace::Env(self.private_key_env.clone())),
        }
    }

    /// Where the API key is, if one is to be used.
    pub(crate) fn api_key(&self) -> Result<Option<KeyPlace>, Failure> {
        let file = self.api_key.clone().map(|file| KeyPlace::file("--api-key", file)).transpose()?;
        Ok(file.or_else(|| self.api_key_env.clone().map(KeyPlace::Env)))
    }

    pub(crate) fn family(&self) -> ProductFamily {
        match self.in_store {
            true => ProductFamily::InStore,
            false => ProductFamily::Online,
        }
    }

    /// A client with the account's API key; `None` for an account with RSA keys.
    pub(crate) fn api_key_client(&self) -> Result<Option<antom::blocking::ApiKeyClientBuilder>, Failure> {
        let Some(place) = self.api_key()? else { return Ok(None) };
        let builder = antom::blocking::ApiKeyClient::builder()
            .gateway_url(self.gateway()?.origin())
            .api_key(place.source())
            .product_family(self.family());
        Ok(Some(builder))
    }

    /// The client of this account, which has RSA keys, without what the commands add to it.
    pub(crate) fn client(&self) -> Result<antom::blocking::ClientBuilder, Failure> {
        let mut builder = antom::blocking::Client::builder()
            .gateway_url(self.gateway()?.origin())
            .client_id(self.client_id()?)
            .private_key(self.private_key()?.source())
            .key_version(self.key_version)
            .product_family(self.family());
        for (version, place) in self.gateway_keys.places()? {
            builder = builder.gateway_key(version, place.source());
        }
        Ok(builder)
    }
}

impl GatewayKeys {
    /// Where Antom's public keys are, with their versions.
    pub(crate) fn places(&self) -> Result<Vec<(u32, KeyPlace)>, Failure> {
        if self.files.is_empty() {
            return Ok(vec![(1, KeyPlace::Env(self.gateway_key_env.clone()))]);
        }
        self.files
            .iter()
            .map(|text| {
                let numbered = text.split_once('=').and_then(|(version, file)| {
                    let digits = !version.is_empty() && version.bytes().all(|byte| byte.is_ascii_digit());
                    Some((version.parse().ok().filter(|_| digits)?, file))
                });
                let (version, file) = numbered.unwrap_or((1, text.as_str()));
                Ok((version, KeyPlace::file("--gateway-key", PathBuf::from(file))?))
            })
            .collect()
    }
}

/// The client id of an option, or of the environment.
pub(crate) fn client_id(option: Option<&str>) -> Result<String, Failure> {
    option.map(str::to_owned).or_else(|| environment("ANTOM_CLIENT_ID")).ok_or_else(|| {
        Failure::Input(
            "--client-id: none given; take it from the dashboard, or set ANTOM_CLIENT_ID in the environment"
                .into(),
        )
    })
}

fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Where a key is.
#[derive(Debug, Clone)]
pub(crate) enum KeyPlace {
    /// In this file.
    File(PathBuf),
    /// In this environment variable.
    Env(String),
}

impl KeyPlace {
    /// A file. What is no file name but the text of a key is refused without showing it.
    pub(crate) fn file(option: &str, path: PathBuf) -> Result<Self, Failure> {
        match path.to_string_lossy() {
            text if antom::core::profile::ApiKey::parse(text.clone().into_owned()).is_ok() => {
                Err(Failure::Input(format!(
                    "{option}: expected the name of a file, got an API key; write the key to a file, and have a new one \
                     made: arguments can be seen by everybody on the machine."
                )))
            }
            text if text.contains("-----") || text.len() > 256 && text.starts_with("MII") => {
                Err(Failure::Input(format!(
                    "{option}: expected the name of a file, got the text of a key; write the key to a file: arguments can \
                     be seen by everybody on the machine. If it is a private key, make a new pair."
                )))
            }
            _ => Ok(Self::File(path)),
        }
    }

    pub(crate) fn source(&self) -> KeySource {
        match self {
            Self::File(path) => KeySource::file(path),
            Self::Env(name) => KeySource::env(name),
        }
    }

    /// The key's bytes, or why there are none.
    pub(crate) fn read(&self) -> Result<Secret<Vec<u8>>, String> {
        match self {
            Self::Env(name) => std::env::var(name)
                .map(|text| Secret::new(text.into_bytes()))
                .map_err(|_| format!("the environment variable {name} is not set, or is not text")),
            Self::File(path) => {
                // Enough room at once: a buffer that grows leaves copies of the key behind.
                let mut bytes = Vec::with_capacity(MAX_KEY_FILE);
                let read = std::fs::File::open(path)
                    .and_then(|file| file.take(MAX_KEY_FILE as u64).read_to_end(&mut bytes));
                let bytes = Secret::new(bytes);
                read.map(|_| bytes)
                    .map_err(|error| format!("reading {} failed: {}", path.display(), causes(&error)))
            }
        }
    }
}

impl std::fmt::Display for KeyPlace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::File(path) => path.display().fmt(f),
            Self::Env(name) => write!(f, "${name}"),
        }
    }
}
