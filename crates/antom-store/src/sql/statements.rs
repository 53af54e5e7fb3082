//! Every statement, as both databases take it.
//!
//! Values are named in the order in which SQLite numbers them: that in which they come first. It would compile
//! a statement with a bare value behind LIMIT anew for every value; a CAST keeps it from that.

/// The statements on one table of states.
#[derive(Debug)]
pub(crate) struct Statements {
    /// New row; none written when it is there.
    pub(crate) insert: &'static str,
    /// Compare and set. It returns nothing: SQLite would make a table for that.
    pub(crate) update: &'static str,
    /// The shape before the last update, beside each key the row is found by: id, kind.
    pub(crate) before: &'static str,
    pub(crate) revision: &'static str,
    pub(crate) read: &'static str,
    /// The rows of a buyer, in the order of their first writing.
    pub(crate) of_buyer: &'static str,
    /// Claims what is due: until, now, version, limit.
    pub(crate) claim: &'static str,
    /// The same where several claim at once: locked rows are passed over.
    #[cfg(feature = "postgres")]
    pub(crate) claim_skipping: &'static str,
    pub(crate) stats: &'static str,
}

macro_rules! states {
    ($table:literal) => {
        const {
            &$crate::sql::statements::Statements {
                insert: concat!(
                    "INSERT INTO ", $table,
                    " (id, revision, version, state, due, buyer, ends, written, shape) \
                     VALUES ($1, 1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (id) DO NOTHING"
                ),
                update: concat!(
                    "UPDATE ", $table,
                    " SET revision = revision + 1, version = $1, state = $2, due = $3, buyer = $4, ends = $5, \
                     written = $6, since = NULL, shape_before = shape, shape = $7 \
                     WHERE id = $8 AND revision = $9"
                ),
                before: concat!(
                    "SELECT state.shape_before, key.digest FROM ", $table, " AS state \
                     LEFT JOIN antom_keys AS key ON key.id = $1 AND key.kind = $2 WHERE state.id = $1"
                ),
                revision: concat!("SELECT revision FROM ", $table, " WHERE id = $1"),
                read: concat!("SELECT id, revision, state FROM ", $table, " WHERE id = $1"),
                of_buyer: concat!(
                    "SELECT id, revision, state FROM ", $table, " WHERE buyer = $1 ORDER BY place"
                ),
                claim: concat!(
                    "UPDATE ", $table, " SET since = due, due = $1 WHERE place IN (SELECT place FROM ", $table,
                    " WHERE due <= $2 AND version <= $3 ORDER BY due LIMIT CAST($4 AS BIGINT)) \
                     RETURNING since, id, revision, state"
                ),
                #[cfg(feature = "postgres")]
                claim_skipping: concat!(
                    "UPDATE ", $table, " SET since = due, due = $1 WHERE place IN (SELECT place FROM ", $table,
                    " WHERE due <= $2 AND version <= $3 ORDER BY due LIMIT CAST($4 AS BIGINT) \
                     FOR UPDATE SKIP LOCKED) \
                     RETURNING since, id, revision, state"
                ),
                stats: concat!(
                    "SELECT (SELECT count(*) FROM ", $table, " WHERE due IS NOT NULL), (SELECT min(written) FROM ",
                    $table, " WHERE due IS NOT NULL), (SELECT count(*) FROM ", $table,
                    " WHERE due <= $1), (SELECT min(due) FROM ", $table, " WHERE due <= $2)"
                ),
            }
        }
    };
}
pub(super) use states;

pub(crate) const EXPIRING: &str = "SELECT id, revision, state FROM antom_grants \
    WHERE ends < $1 AND (ends, id) > ($2, $3) ORDER BY ends, id LIMIT CAST($4 AS BIGINT)";
pub(crate) const COUNT_EXPIRING: &str = "SELECT count(*) FROM antom_grants WHERE ends < $1";
pub(crate) const RUNS: &str = "SELECT id, revision, state FROM antom_runs \
    WHERE (ends, id) < ($1, $2) ORDER BY ends DESC, id DESC LIMIT CAST($3 AS BIGINT)";

/// A key that somebody has is left as it is.
pub(crate) const PUT_KEY: &str =
    "INSERT INTO antom_keys (digest, kind, id, single) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING";
pub(crate) const DROP_KEY: &str = "DELETE FROM antom_keys WHERE digest = $1 AND kind = $2 AND id = $3";
pub(crate) const OTHER_OWNER: &str =
    "SELECT kind, id FROM antom_keys WHERE digest = $1 AND single = 1 AND NOT (kind = $2 AND id = $3)";
pub(crate) const OWNERS: &str = "SELECT kind, id FROM antom_keys WHERE digest = $1 ORDER BY kind, id";

pub(crate) const PUT_ATTEMPT: &str = "INSERT INTO antom_attempts \
    (client_id, request_id, order_id, live, state, currency, value, expires, body) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) \
    ON CONFLICT (client_id, request_id) DO UPDATE SET live = excluded.live, state = excluded.state, \
    value = excluded.value, body = CASE WHEN $10 = 1 THEN coalesce(antom_attempts.body, excluded.body) END";
pub(crate) const BODY: &str = "SELECT body FROM antom_attempts WHERE client_id = $1 AND request_id = $2";

pub(crate) const PUT_RECORD: &str = "INSERT INTO antom_records \
    (kind, request_id, client_id, order_id, transaction_id, currency, value, state, at) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) \
    ON CONFLICT (kind, request_id, client_id, order_id) DO UPDATE SET \
    transaction_id = excluded.transaction_id, value = excluded.value, state = excluded.state, at = excluded.at";
pub(crate) const RECORDS: &str = "SELECT request_id, client_id, order_id, transaction_id, currency, value, \
    state, at FROM antom_records WHERE kind = $1 AND (request_id, client_id, order_id) > ($2, $3, $4) \
    ORDER BY request_id, client_id, order_id LIMIT CAST($5 AS BIGINT)";

pub(crate) const PUT_LEDGER: &str = "INSERT INTO antom_ledger \
    (order_id, kind, attempt, movement, currency, value, at, entry) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
pub(crate) const LEDGER: &str = "SELECT place, entry FROM antom_ledger \
    WHERE order_id = $1 AND place > $2 ORDER BY place LIMIT CAST($3 AS BIGINT)";

pub(crate) const PUT_EVENT: &str = "INSERT INTO antom_events (kind, id, event, at) VALUES ($1, $2, $3, $4)";
pub(crate) const EVENTS: &str = "SELECT place, kind, id, event, at, claims FROM antom_events \
    WHERE place > $1 ORDER BY place LIMIT CAST($2 AS BIGINT)";
pub(crate) const CLAIM_EVENTS: &str = "UPDATE antom_events SET lease = $1, claims = claims + 1 \
    WHERE place IN (SELECT place FROM antom_events AS free WHERE delivered = 0 AND coalesce(lease, 0) <= $2 \
    AND NOT EXISTS (SELECT 1 FROM antom_events AS held WHERE held.delivered = 0 AND held.kind = free.kind \
    AND held.id = free.id AND held.place < free.place AND held.lease > $2) \
    ORDER BY place LIMIT CAST($3 AS BIGINT)) \
    RETURNING place, kind, id, event, at, claims - 1";
pub(crate) const DELIVERED: &str = "UPDATE antom_events SET delivered = 1 WHERE place = $1 AND delivered = 0";
pub(crate) const POSTPONE: &str = "UPDATE antom_events SET lease = $1 WHERE place = $2 AND delivered = 0";
pub(crate) const OUTBOX_STATS: &str =
    "SELECT count(*), min(at), coalesce(max(claims), 0) FROM antom_events WHERE delivered = 0";

pub(crate) const PUT_NOTICE: &str = "INSERT INTO antom_inbox \
    (key, received, path, evidence, body, fact, placement, names, kind, id) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (key) DO NOTHING";
pub(crate) const MATCH_NOTICE: &str = "UPDATE antom_inbox SET placement = 1, names = NULL, kind = $1, id = $2 \
    WHERE key = $3 AND placement = 2";
pub(crate) const PARK: &str = "INSERT INTO antom_parked (digest, key) VALUES ($1, $2) ON CONFLICT DO NOTHING";
pub(crate) const UNPARK: &str = "DELETE FROM antom_parked WHERE key = $1";
/// Whether anything is parked at all.
pub(crate) const ANY_PARKED: &str = "SELECT 1 FROM antom_parked LIMIT 1";
pub(crate) const WAITING: &str = "SELECT i.key, i.received, i.path, i.evidence, i.fact, i.placement, i.names, \
    i.kind, i.id FROM antom_parked AS p JOIN antom_inbox AS i ON i.key = p.key WHERE p.digest = $1";
pub(crate) const NOTICE: &str = "SELECT key, received, path, evidence, fact, placement, names, kind, id, body \
    FROM antom_inbox WHERE key = $1";
pub(crate) const PARKED: &str = "SELECT key, received, path, evidence, fact, placement, names, kind, id, body \
    FROM antom_inbox WHERE placement = 2 AND (received, key) > ($1, $2) \
    ORDER BY received, key LIMIT CAST($3 AS BIGINT)";
pub(crate) const INBOX_STATS: &str = "SELECT count(*), min(received) FROM antom_inbox WHERE placement = 2";

pub(crate) const PUT_FINDING: &str = "INSERT INTO antom_findings (run_id, finding) VALUES ($1, $2)";
pub(crate) const FINDINGS: &str = "SELECT place, finding FROM antom_findings \
    WHERE run_id = $1 AND place > $2 ORDER BY place LIMIT CAST($3 AS BIGINT)";

/// Each call moves the mark by its cost, from now at the earliest: gate, now, cost.
pub(crate) const ADMIT: &str = "INSERT INTO antom_gates (gate, mark) VALUES ($1, CAST($2 AS BIGINT) + CAST($3 AS BIGINT)) \
    ON CONFLICT (gate) DO UPDATE SET mark = CAST($3 AS BIGINT) + CASE \
    WHEN antom_gates.mark > CAST($2 AS BIGINT) THEN antom_gates.mark ELSE CAST($2 AS BIGINT) END \
    RETURNING mark";

/// All of them.
#[cfg(test)]
pub(crate) fn all() -> Vec<&'static str> {
    use super::Table;

    let mut all = vec![EXPIRING, COUNT_EXPIRING, RUNS, PUT_KEY, DROP_KEY, OTHER_OWNER, OWNERS];
    all.extend([PUT_ATTEMPT, BODY, PUT_RECORD, RECORDS, PUT_LEDGER, LEDGER, PUT_FINDING, FINDINGS, ADMIT]);
    all.extend([PUT_EVENT, EVENTS, CLAIM_EVENTS, DELIVERED, POSTPONE, OUTBOX_STATS]);
    all.extend([PUT_NOTICE, MATCH_NOTICE, PARK, UNPARK, ANY_PARKED, WAITING, NOTICE, PARKED, INBOX_STATS]);
    for table in [Table::Orders, Table::Grants, Table::Cards, Table::Recoveries, Table::Runs] {
        let Statements { insert, update, before, revision, read, of_buyer, claim, stats, .. } =
            table.statements();
        all.extend([insert, update, before, revision, read, of_buyer, claim, stats]);
    }
    all
}

#[cfg(test)]
mod tests {
    #[test]
    fn values_come_first_in_their_order() {
        for sql in super::all() {
            let numbers = sql.split('$').skip(1).map(|rest| {
                let digits = rest.len() - rest.trim_start_matches(|byte: char| byte.is_ascii_digit()).len();
                rest[..digits].parse::<usize>().unwrap()
            });
            numbers.fold(0, |most: usize, number| {
                assert!(number <= most + 1, "${number} comes too early in {sql}");
                most.max(number)
            });
        }
    }
}
