use super::macros::group;

group! {
    /// Buyers' consent to be charged: authorizations and their tokens.
    authorizations: Authorizations {
        /// Exchanges an authorisation code or a refresh token for an access token.
        apply_token: ApplyToken(ApplyTokenRequest) -> ApplyTokenResponse;
        /// Asks for the address or code where the buyer authorises you to charge them.
        consult: Consult(ConsultRequest) -> ConsultResponse;
        /// Asks for the state of an access token.
        query: Query(QueryRequest) -> QueryResponse;
        /// Takes an access token back.
        revoke: Revoke(RevokeRequest) -> RevokeResponse;
    }
}
