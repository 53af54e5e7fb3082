-- States: one row each, rewritten under its revision. `place` is the order of the first writing.
CREATE TABLE antom_orders (
    place {place}, id {text} NOT NULL UNIQUE, revision BIGINT NOT NULL, version BIGINT NOT NULL,
    state {blob} NOT NULL, due BIGINT, since BIGINT, buyer {text}, ends BIGINT, written BIGINT NOT NULL,
    shape BIGINT, shape_before BIGINT
);
CREATE INDEX antom_orders_due ON antom_orders (due) WHERE due IS NOT NULL;
CREATE INDEX antom_orders_open ON antom_orders (written) WHERE due IS NOT NULL;

CREATE TABLE antom_grants (
    place {place}, id {text} NOT NULL UNIQUE, revision BIGINT NOT NULL, version BIGINT NOT NULL,
    state {blob} NOT NULL, due BIGINT, since BIGINT, buyer {text}, ends BIGINT, written BIGINT NOT NULL,
    shape BIGINT, shape_before BIGINT
);
CREATE INDEX antom_grants_due ON antom_grants (due) WHERE due IS NOT NULL;
CREATE INDEX antom_grants_open ON antom_grants (written) WHERE due IS NOT NULL;
CREATE INDEX antom_grants_buyer ON antom_grants (buyer, place);
CREATE INDEX antom_grants_ends ON antom_grants (ends, id) WHERE ends IS NOT NULL;

CREATE TABLE antom_cards (
    place {place}, id {text} NOT NULL UNIQUE, revision BIGINT NOT NULL, version BIGINT NOT NULL,
    state {blob} NOT NULL, due BIGINT, since BIGINT, buyer {text}, ends BIGINT, written BIGINT NOT NULL,
    shape BIGINT, shape_before BIGINT
);
CREATE INDEX antom_cards_buyer ON antom_cards (buyer, place) WHERE buyer IS NOT NULL;

CREATE TABLE antom_recoveries (
    place {place}, id {text} NOT NULL UNIQUE, revision BIGINT NOT NULL, version BIGINT NOT NULL,
    state {blob} NOT NULL, due BIGINT, since BIGINT, buyer {text}, ends BIGINT, written BIGINT NOT NULL,
    shape BIGINT, shape_before BIGINT
);

CREATE TABLE antom_runs (
    place {place}, id {text} NOT NULL UNIQUE, revision BIGINT NOT NULL, version BIGINT NOT NULL,
    state {blob} NOT NULL, due BIGINT, since BIGINT, buyer {text}, ends BIGINT, written BIGINT NOT NULL,
    shape BIGINT, shape_before BIGINT
);
CREATE INDEX antom_runs_started ON antom_runs (ends, id);

-- What states are found by. A digest that is single has one owner at most.
CREATE TABLE antom_keys (
    digest {blob} NOT NULL, kind BIGINT NOT NULL, id {text} NOT NULL, single BIGINT NOT NULL,
    PRIMARY KEY (digest, kind, id)
);
CREATE UNIQUE INDEX antom_keys_single ON antom_keys (digest) WHERE single = 1;
CREATE INDEX antom_keys_owner ON antom_keys (kind, id);

-- Attempts, with the frozen request of one that is open. One attempt of an order may be live.
CREATE TABLE antom_attempts (
    client_id {text} NOT NULL, request_id {text} NOT NULL, order_id {text} NOT NULL, live BIGINT NOT NULL,
    state {text} NOT NULL, currency {text} NOT NULL, value {text} NOT NULL, expires BIGINT NOT NULL, body {blob},
    PRIMARY KEY (client_id, request_id)
);
CREATE UNIQUE INDEX antom_attempts_live ON antom_attempts (order_id) WHERE live = 1;

-- Payments, captures and refunds in the order in which reports list them.
CREATE TABLE antom_records (
    kind BIGINT NOT NULL, request_id {text} NOT NULL, client_id {text} NOT NULL, order_id {text} NOT NULL,
    transaction_id {text}, currency {text} NOT NULL, value {text} NOT NULL, state BIGINT NOT NULL, at BIGINT,
    PRIMARY KEY (kind, request_id, client_id, order_id)
);

-- Appended to, never changed.
CREATE TABLE antom_ledger (
    place {serial}, order_id {text} NOT NULL, kind {text} NOT NULL, attempt {text} NOT NULL, movement {text},
    currency {text} NOT NULL, value {text} NOT NULL, at BIGINT NOT NULL, entry {text} NOT NULL
);
CREATE INDEX antom_ledger_order ON antom_ledger (order_id, place);

CREATE TABLE antom_events (
    place {serial}, kind BIGINT NOT NULL, id {text} NOT NULL, event {blob} NOT NULL, at BIGINT NOT NULL,
    claims BIGINT NOT NULL DEFAULT 0, lease BIGINT, delivered BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX antom_events_waiting ON antom_events (place) WHERE delivered = 0;
CREATE INDEX antom_events_subject ON antom_events (kind, id, place) WHERE delivered = 0;

-- Verified notifications: 0 kept, 1 matched, 2 parked.
CREATE TABLE antom_inbox (
    key {blob} NOT NULL PRIMARY KEY, received BIGINT NOT NULL, path {text} NOT NULL, evidence {text} NOT NULL,
    body {blob}, fact {blob}, placement BIGINT NOT NULL, names {blob}, kind BIGINT, id {text}
);
CREATE INDEX antom_inbox_parked ON antom_inbox (received, key) WHERE placement = 2;
CREATE TABLE antom_parked (digest {blob} NOT NULL, key {blob} NOT NULL, PRIMARY KEY (digest, key));
CREATE INDEX antom_parked_key ON antom_parked (key);

CREATE TABLE antom_findings (place {serial}, run_id {text} NOT NULL, finding {text} NOT NULL);
CREATE INDEX antom_findings_run ON antom_findings (run_id, place);

CREATE TABLE antom_gates (gate {text} NOT NULL PRIMARY KEY, mark BIGINT NOT NULL);
