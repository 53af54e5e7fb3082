//! Who calls: a client with RSA keys or with an API key.

use antom::blocking::{ApiKeyClient, Client};
use antom::core::call::{OperationInfo, RawAnswer};
use antom::core::exchange::Policy;
use antom::core::outcome::{CallError, Outcome};
use antom::core::profile::{ProductFamily, Profile};
use antom::transport::BlockingTransport;

use super::account::Account;
use crate::failure::Failure;

/// A client of either kind.
#[derive(Debug)]
pub(crate) enum Caller {
    Rsa(Box<Client>),
    ApiKey(Box<ApiKeyClient>),
}

impl Caller {
    /// The account's client.
    pub(crate) fn new(account: &Account) -> Result<Self, Failure> {
        let failed = |error: antom::ConfigError| Failure::Input(error.to_string());
        Ok(match account.api_key_client()? {
            Some(builder) => Self::ApiKey(Box::new(builder.build().map_err(failed)?)),
            None => Self::Rsa(Box::new(account.client()?.build().map_err(failed)?)),
        })
    }

    /// The account's client for one kind of product, which sends once, through this.
    pub(crate) fn probing(
        account: &Account,
        family: ProductFamily,
        transport: impl BlockingTransport + 'static,
    ) -> Result<Self, Failure> {
        let failed = |error: antom::ConfigError| Failure::Input(error.to_string());
        Ok(match account.api_key_client()? {
            Some(builder) => {
                let builder = builder.product_family(family).policy(Policy::ONCE).transport(transport);
                Self::ApiKey(Box::new(builder.build().map_err(failed)?))
            }
            None => {
                let builder = account.client()?.product_family(family).policy(Policy::ONCE);
                Self::Rsa(Box::new(builder.transport(transport).build().map_err(failed)?))
            }
        })
    }

    pub(crate) fn profile(&self) -> &Profile {
        match self {
            Self::Rsa(client) => client.profile(),
            Self::ApiKey(client) => client.profile(),
        }
    }

    pub(crate) fn call_raw(
        &self,
        operation: &'static OperationInfo,
        json: impl AsRef<[u8]>,
    ) -> Result<Outcome<RawAnswer>, CallError> {
        match self {
            Self::Rsa(client) => client.call_raw(operation, json),
            Self::ApiKey(client) => client.call_raw(operation, json),
        }
    }
}
