use super::macros::group;

group! {
    /// Payments, captures, refunds and what is known about them.
    payments: Payments {
        /// Opens a payment session for Antom's client SDK or hosted page.
        create_payment_session: CreatePaymentSession(CreatePaymentSessionRequest) -> CreatePaymentSessionResponse;
        /// Reads a payment session again.
        retrieve_payment_session: RetrievePaymentSession(RetrievePaymentSessionRequest) -> RetrievePaymentSessionResponse;
        /// Cancels a payment that is not settled yet.
        cancel: Cancel(CancelRequest) -> CancelResponse;
        /// Takes an authorised amount, or a part of it.
        capture: Capture(CaptureRequest) -> CaptureResponse;
        /// Asks which payment methods can be offered.
        consult: Consult(ConsultRequest) -> ConsultResponse;
        /// Gets a certificate for a device that signs by itself.
        create_device_certificate: CreateDeviceCertificate(CreateDeviceCertificateRequest) -> CreateDeviceCertificateResponse;
        /// Exchanges card data for a one-time token.
        fetch_nonce: FetchNonce(FetchNonceRequest) -> FetchNonceResponse;
        /// Asks what kind of card a number belongs to.
        get_card_info: GetCardInfo(GetCardInfoRequest) -> GetCardInfoResponse;
        /// Asks for exchange rates.
        inquire_exchange_rate: InquireExchangeRate(InquireExchangeRateRequest) -> InquireExchangeRateResponse;
        /// Asks which instalment plans the banks offer.
        inquire_installment: InquireInstallment(InquireInstallmentRequest) -> InquireInstallmentResponse;
        /// Asks how far a payment is.
        inquiry_payment: InquiryPayment(InquiryPaymentRequest) -> InquiryPaymentResponse;
        /// Asks how far a refund is.
        inquiry_refund: InquiryRefund(InquiryRefundRequest) -> InquiryRefundResponse;
        /// Asks the buyer for a payment, or charges a stored agreement or card.
        pay: Pay(PayRequest) -> PayResponse;
        /// Gives money back to the buyer.
        refund: Refund(RefundRequest) -> RefundResponse;
        /// Has Antom collect what is owed for a payment again.
        sync_arrear: SyncArrear(SyncArrearRequest) -> SyncArrearResponse;
        /// Changes the amount of an authorisation.
        update_amount: UpdateAmount(UpdateAmountRequest) -> UpdateAmountResponse;
        /// Hands in an invoice or shipping document.
        upload_invoice_shipping_file: UploadInvoiceShippingFile(UploadInvoiceShippingFileRequest) -> UploadInvoiceShippingFileResponse;
        /// Completes a payment with what the buyer typed in to confirm.
        verify_and_complete_payment: VerifyAndCompletePayment(VerifyAndCompletePaymentRequest) -> VerifyAndCompletePaymentResponse;
        /// Opens a mandate to charge an access token.
        create_mandate: CreateMandate(CreateMandateRequest) -> CreateMandateResponse;
    }
}
