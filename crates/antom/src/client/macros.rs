/// What all clients have in common: what they are made of, and clients like them.
macro_rules! like_all_clients {
    ($client:ident) => {
        impl $client {
            /// The operation with this id, such as `payments/pay`, or with this path.
            #[must_use]
            pub fn operation(id_or_path: &str) -> Option<&'static OperationInfo> {
                $crate::client::operation(id_or_path)
            }

            /// The same client for products sold at a counter: order code, entry code, user-presented code. In
            /// the sandbox they have other paths than online products; live, there is no difference.
            #[must_use]
            pub fn in_store(&self) -> Self {
                let mut other = self.clone();
                other.inner = self.inner.with_family(ProductFamily::InStore);
                other
            }

            /// The same client with other limits and repetitions.
            #[must_use]
            pub fn with_policy(&self, policy: Policy) -> Self {
                let mut other = self.clone();
                other.inner = self.inner.with_policy(policy);
                other
            }

            /// Who calls, where to, and for which kind of product.
            #[must_use]
            pub fn profile(&self) -> &Profile {
                &self.inner.profile
            }

            /// Limits and repetitions.
            #[must_use]
            pub fn policy(&self) -> Policy {
                self.inner.policy
            }
        }

        impl fmt::Debug for $client {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.inner.debug(stringify!($client), f)
            }
        }
    };
}

/// What clients with RSA keys have.
macro_rules! like_rsa_clients {
    ($client:ident) => {
        impl $client {
            /// The same client, acting for the merchant that gave this token.
            #[must_use]
            pub fn with_agent_token(&self, token: impl Into<Secret<String>>) -> Self {
                Self { inner: self.inner.with_agent_token(token.into()), ..self.clone() }
            }

            /// The gateway's public keys, shared by all clones and by the verifiers of notifications. They can
            /// be replaced while the program runs.
            #[must_use]
            pub fn gateway_keys(&self) -> &GatewayKeys {
                &self.keys
            }

            /// A verifier for the notifications that arrive under this path of your notification URL, such as
            /// `/antom/notify`. It shares this client's gateway keys and follows when they are replaced.
            ///
            /// For other settings make one with
            /// [`WebhookVerifier::builder`](antom_webhook::WebhookVerifier::builder) and
            /// [`gateway_keys`](Self::gateway_keys).
            ///
            /// # Errors
            ///
            /// The path cannot be one.
            #[cfg(feature = "webhook")]
            #[cfg_attr(docsrs, doc(cfg(feature = "webhook")))]
            pub fn webhook_verifier(
                &self,
                path: &str,
            ) -> Result<antom_webhook::WebhookVerifier, antom_webhook::ConfigError> {
                let client_id = self.keys.client_id().clone();
                antom_webhook::WebhookVerifier::builder(client_id, self.keys.clone()).path(path).build()
            }
        }
    };
}

pub(super) use {like_all_clients, like_rsa_clients};
