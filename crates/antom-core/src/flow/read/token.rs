use super::answer::answer;
use super::code_of;
use super::instant;
use super::show::{show_of_code, show_of_urls};
use crate::api::authorizations::{ApplyTokenResponse, ConsultResponse, RevokeResponse};
use crate::flow::evidence::{Evidence, Source};
use crate::flow::fact::Answer;
use crate::flow::token::{ConsultFact, RevokeFact, TokenFact, TokenSet};
use crate::outcome::{CallError, Outcome};

type Called<T> = Result<Outcome<T>, CallError>;

impl Answer<ConsultFact> {
    /// What a call of consult came to.
    ///
    /// ```
    /// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
    /// # use kit::{NOW, called, grant};
    /// use antom_core::flow::token::{Input, NextStep};
    /// # let grant = grant();
    /// use antom_core::flow::Answer;
    /// # use antom_core::api::authorizations::*;
    /// # use antom_core::money::{Amount, Currency};
    /// # let call = called::<Consult>(&ConsultRequest::new("GCASH", "https://shop.example/back", [], "q83uhFXpWm5rTnB2kYdLcE", "WEB"), r#"{"result":{"resultCode":"SUCCESS","resultStatus":"S"},"authUrl":"https://wallet.example/authorize"}"#);
    ///
    /// // `call` is what a driver brought back.
    /// let Answer::Done(fact) = Answer::consult(&call) else { panic!("consult was refused") };
    /// let turn = grant.apply(&Input::ConsultAnswered(Answer::Done(fact)), NOW)?;
    /// assert!(matches!(turn.step, NextStep::Show { .. }));
    /// # Ok::<(), antom_core::flow::token::Refused>(())
    /// ```
    #[must_use]
    pub fn consult(call: &Called<ConsultResponse>) -> Self {
        answer(call, |reply| {
            let value = reply.value();
            let details = value.auth_code_form.as_ref().and_then(|form| form.code_details.as_deref());
            let url = value.normal_url.clone().or_else(|| value.auth_url.clone());
            ConsultFact {
                evidence: Evidence::of(Source::ConsultReply, reply.verified()),
                show: show_of_code(details.unwrap_or_default(), None)
                    .or_else(|| show_of_urls(url, value.applink_url.clone(), value.scheme_url.clone())),
                result_code: code_of(reply.result()),
            }
        })
    }
}

impl Answer<TokenFact> {
    /// What a call of applyToken came to.
    ///
    /// ```
    /// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
    /// # use kit::called;
    /// use antom_core::flow::Answer;
    /// # use antom_core::api::authorizations::*;
    /// # use antom_core::money::{Amount, Currency};
    /// # let call = called::<ApplyToken>(&ApplyTokenRequest::new(GrantType::AUTHORIZATION_CODE, "GCASH").with_auth_code("CODE"), r#"{"result":{"resultCode":"SUCCESS","resultStatus":"S"},"accessToken":"281010"}"#);
    ///
    /// // `call` is what a driver brought back.
    /// let answer = Answer::token(&call);
    /// assert_eq!(answer.fact().unwrap().access_token().unwrap().expose(), "281010");
    /// ```
    #[must_use]
    pub fn token(call: &Called<ApplyTokenResponse>) -> Self {
        answer(call, |reply| {
            let value = reply.value();
            let token = value.access_token.clone().map(|access_token| TokenSet {
                access_token,
                expires: instant(value.access_token_expiry_time.as_ref()),
                refresh_token: value.refresh_token.clone(),
                refresh_expires: instant(value.refresh_token_expiry_time.as_ref()),
                user_login_id: value.user_login_id.clone(),
            });
            TokenFact {
                evidence: Evidence::of(Source::TokenReply, reply.verified()),
                auth_state: None,
                token,
                result_code: code_of(reply.result()),
            }
        })
    }
}

impl Answer<RevokeFact> {
    /// What a call of revoke came to.
    ///
    /// ```
    /// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
    /// # use kit::called;
    /// use antom_core::flow::Answer;
    /// # use antom_core::api::authorizations::*;
    /// # use antom_core::money::{Amount, Currency};
    /// # let call = called::<Revoke>(&RevokeRequest::new("281010"), r#"{"result":{"resultCode":"SUCCESS","resultStatus":"S"}}"#);
    ///
    /// // `call` is what a driver brought back.
    /// assert!(matches!(Answer::revoke(&call), Answer::Done(_)));
    /// ```
    #[must_use]
    pub fn revoke(call: &Called<RevokeResponse>) -> Self {
        answer(call, |reply| RevokeFact {
            evidence: Evidence::of(Source::RevokeReply, reply.verified()),
            result_code: code_of(reply.result()),
        })
    }
}
