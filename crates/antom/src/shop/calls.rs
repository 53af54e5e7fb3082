//! From a step to the one call it asks for, and from the call back to an input.

use antom_core::api::authorizations::{ApplyToken, ApplyTokenRequest, GrantType, Revoke, RevokeRequest};
use antom_core::api::payments::{
    Cancel, CancelRequest, Capture, CaptureRequest, InquiryPayment, InquiryPaymentRequest, InquiryRefund,
    InquiryRefundRequest, Pay, Refund, RefundRequest,
};
use antom_core::flow::Answer;
use antom_core::flow::payment::{self, NextStep, Payment, Product};
use antom_core::flow::token::{self, Grant};
use antom_core::secret::Secret;

use super::{Inner, ShopError};
use crate::Client;

impl Inner {
    /// The client for a product: payments at a counter are of another family.
    fn client_for(&self, product: Option<Product>) -> Client {
        match product {
            Some(Product::InStore) => self.client.in_store(),
            _ => self.client.clone(),
        }
    }

    /// Makes the call that a step of this payment asks for; `None` for a step that asks for none. `body` is
    /// the request of pay, where the caller has it still; otherwise the stored one is sent.
    pub(super) async fn payment_call(
        &self,
        payment: &Payment,
        step: &NextStep,
        body: Option<&[u8]>,
    ) -> Result<Option<payment::Input>, ShopError> {
        use payment::Input;
        let product = payment.current().map(|attempt| attempt.product);
        let client = self.client_for(product);
        Ok(Some(match step {
            NextStep::Send { request_id } | NextStep::SendAgain { request_id } => {
                let stored;
                let body = match body {
                    Some(body) => body,
                    None => {
                        stored = self.store.body(&self.client_id, request_id).await?;
                        match &stored {
                            Some(stored) => stored.expose().as_slice(),
                            // A request that was never stored cannot be sent by who did not make it.
                            None => {
                                return Ok(Some(Input::PayAnswered {
                                    request_id: request_id.clone(),
                                    answer: Answer::NotSent,
                                }));
                            }
                        }
                    }
                };
                let call = client.inner.call_text::<Pay>(body).await;
                Input::PayAnswered { request_id: request_id.clone(), answer: Answer::pay(&call) }
            }
            NextStep::Inquire { request_id, .. } => {
                let request = InquiryPaymentRequest::new().with_payment_request_id(request_id.clone());
                let call = client.call::<InquiryPayment>(&request).await;
                Input::Inquired { request_id: request_id.clone(), answer: Answer::inquiry(&call) }
            }
            NextStep::Cancel { request_id, .. } => {
                let request = CancelRequest::new().with_payment_request_id(request_id.clone());
                let call = client.call::<Cancel>(&request).await;
                Input::CancelAnswered { request_id: request_id.clone(), answer: Answer::cancel(&call) }
            }
            NextStep::Capture { payment_id, capture_request_id, amount, last } => {
                let request = CaptureRequest::new(capture_request_id, payment_id, amount.clone());
                let call = client.call::<Capture>(&request.with_is_last_capture(*last)).await;
                Input::CaptureAnswered {
                    capture_request_id: capture_request_id.clone(),
                    answer: Answer::capture(&call),
                }
            }
            NextStep::Refund { payment_id, refund_request_id, amount, capture_id } => {
                let mut request = RefundRequest::new(refund_request_id, payment_id, amount.clone());
                if let Some(capture_id) = capture_id {
                    request = request.with_capture_id(capture_id.clone());
                }
                let call = client.call::<Refund>(&request).await;
                Input::RefundAnswered {
                    refund_request_id: refund_request_id.clone(),
                    answer: Answer::refund(&call),
                }
            }
            NextStep::InquireRefund { refund_request_id, .. } => {
                let request = InquiryRefundRequest::new().with_refund_request_id(refund_request_id.clone());
                let call = client.call::<InquiryRefund>(&request).await;
                Input::RefundInquired {
                    refund_request_id: refund_request_id.clone(),
                    answer: Answer::refund_inquiry(&call),
                }
            }
            _ => return Ok(None),
        }))
    }

    /// Makes the call that a step of this authorization asks for, consult apart; `None` for a step that asks
    /// for none.
    pub(super) async fn grant_call(&self, grant: &Grant, step: &token::NextStep) -> Option<token::Input> {
        use token::{Input, NextStep};
        Some(match step {
            NextStep::Apply { auth_code } => {
                let request = ApplyTokenRequest::new(GrantType::AUTHORIZATION_CODE, grant.method());
                let call = self.client.call::<ApplyToken>(&request.with_auth_code(auth_code.clone())).await;
                Input::ApplyAnswered(Answer::token(&call))
            }
            NextStep::Refresh { refresh_token } => {
                let request = ApplyTokenRequest::new(GrantType::REFRESH_TOKEN, grant.method());
                let request = request.with_refresh_token(refresh_token.clone());
                Input::RefreshAnswered(Answer::token(&self.client.call::<ApplyToken>(&request).await))
            }
            NextStep::Revoke { access_token } => {
                let request = RevokeRequest::new(Secret::clone(access_token));
                let answer = Answer::revoke(&self.client.call::<Revoke>(&request).await);
                Input::RevokeAnswered { access_token: access_token.clone(), answer }
            }
            _ => return None,
        })
    }
}

/// Whether a step asks for a call.
pub(super) fn is_call(step: &NextStep) -> bool {
    matches!(
        step,
        NextStep::Send { .. }
            | NextStep::SendAgain { .. }
            | NextStep::Inquire { .. }
            | NextStep::Cancel { .. }
            | NextStep::Capture { .. }
            | NextStep::Refund { .. }
            | NextStep::InquireRefund { .. }
    )
}

/// Whether a step of an authorization asks for a call that [`Inner::grant_call`] makes.
pub(super) fn is_grant_call(step: &token::NextStep) -> bool {
    use token::NextStep;
    matches!(step, NextStep::Apply { .. } | NextStep::Refresh { .. } | NextStep::Revoke { .. })
}
