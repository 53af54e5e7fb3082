use crate::codec::message;

message! {
    /// What a merchant answers to a notification.
    pub struct Acknowledgement("Acknowledgement") reads always {
        required {
            /// Whether the notification was taken. Wire name `result`.
            result: crate::api::models::ResultInfo = "result", plain, max 0;
        }
        optional {
        }
    }
}
