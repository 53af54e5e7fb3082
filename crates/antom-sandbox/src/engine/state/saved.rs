//! The state as rows, and back.

use super::super::saved::{Row, rows, unknown_kind};
use super::State;

impl State {
    pub(in super::super) fn watch(&mut self) {
        self.payments.watch();
        self.authorizations.watch();
        self.tokens.watch();
        self.cards.watch();
        self.disputes.watch();
        self.vaultings.watch();
        self.subscriptions.watch();
    }

    pub(in super::super) fn rows(&mut self, out: &mut Vec<Row>) {
        rows("payment", &mut self.payments, out);
        rows("authorization", &mut self.authorizations, out);
        rows("token", &mut self.tokens, out);
        rows("card", &mut self.cards, out);
        rows("dispute", &mut self.disputes, out);
        rows("vaulting", &mut self.vaultings, out);
        rows("subscription", &mut self.subscriptions, out);
    }

    pub(in super::super) fn restore(&mut self, kind: &str, body: &str) -> serde_json::Result<()> {
        let index = &mut self.index;
        match kind {
            "payment" => index.put(&mut self.payments, serde_json::from_str(body)?),
            "authorization" => index.put(&mut self.authorizations, serde_json::from_str(body)?),
            "token" => index.put(&mut self.tokens, serde_json::from_str(body)?),
            "card" => index.put(&mut self.cards, serde_json::from_str(body)?),
            "dispute" => index.put(&mut self.disputes, serde_json::from_str(body)?),
            "vaulting" => index.put(&mut self.vaultings, serde_json::from_str(body)?),
            "subscription" => index.put(&mut self.subscriptions, serde_json::from_str(body)?),
            _ => return Err(unknown_kind()),
        }
        Ok(())
    }
}
