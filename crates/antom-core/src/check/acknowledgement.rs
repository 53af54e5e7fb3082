use crate::codec::message;

message! {
    /// What a merchant answers to a notification.
    ///
    /// ```
    /// use antom_core::api::models::ResultInfo;
    /// use antom_core::check::Acknowledgement;
    /// use antom_core::codec::Message;
    ///
    /// let taken = Acknowledgement::new(ResultInfo::new().with_result_code("SUCCESS").with_result_status("S"));
    /// assert_eq!(taken.to_json(), br#"{"result":{"resultCode":"SUCCESS","resultStatus":"S"}}"#);
    /// ```
    pub struct Acknowledgement("Acknowledgement") reads always {
        required {
            /// Whether the notification was taken. Wire name `result`.
            result: crate::api::models::ResultInfo = "result", plain, max 0;
        }
        optional {
        }
    }
}
