//! A till without a runtime: `blocking_cli [ORDER]` asks for a payment, draws the code, and when the buyer
//! has paid asks how far the payment is.
#![allow(clippy::print_stdout)] // It is a program for a terminal.

use antom::blocking::Client;
use antom::core::api::models::PaymentStatus;
use antom::core::api::payments::InquiryPaymentRequest;
use antom::core::profile::ProductFamily;
use antom::core::signature::sandbox_keys;
use antom::prelude::*;
use antom::qr::QrImage;
use antom_examples::{Failure, OwnSandbox, code_of, price, two_coffees};

fn main() -> Result<(), Failure> {
    let order = std::env::args().nth(1).unwrap_or_else(|| "ORDER-1".to_owned());
    let sandbox = OwnSandbox::start()?;
    let client = Client::builder()
        .gateway_url(sandbox.gateway_url())
        .client_id(sandbox.client_id())
        .private_key(sandbox_keys::MERCHANT_PRIVATE_KEY)
        .gateway_key(1, sandbox_keys::GATEWAY_PUBLIC_KEY)
        .product_family(ProductFamily::InStore)
        .build()?;

    let id = format!("{order}-1");
    let code = match client.payments().pay(&two_coffees(&id, &order))? {
        Outcome::Accepted(reply) => code_of(reply.value())?,
        Outcome::Declined(declined) => return Err(format!("declined: {:?}", declined.advice).into()),
        // Nobody knows whether it arrived: inquire before anything else. A till would do so now.
        other => return Err(format!("{other:?}").into()),
    };
    println!("{}", QrImage::new(&code)?.terminal());
    sandbox.buyer_approves(&code)?;

    let inquiry = InquiryPaymentRequest::new().with_payment_request_id(id);
    let Outcome::Completed(reply) = client.payments().inquiry_payment(&inquiry)? else {
        return Err("the inquiry was not answered".into());
    };
    // `Completed` says that the inquiry was answered. What it says about the money comes now.
    let payment = reply.value();
    if payment.payment_status != Some(PaymentStatus::Success) || payment.payment_amount != Some(price()) {
        return Err(format!("{order} is not paid: {:?}", payment.payment_status).into());
    }
    println!("{order} is paid");
    Ok(())
}
