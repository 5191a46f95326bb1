-- +goose Up

-- Only TEXT and BIGINT, so that every database keeps the same. Times are
-- nanoseconds since 1970, 0 for none; truths are 0 and 1. Every row that has an
-- order takes its number from the head.

-- One row: where the trail has got to. Every writing transaction updates it
-- first, which puts them in order.
CREATE TABLE head (
    id         BIGINT PRIMARY KEY,
    writes     BIGINT NOT NULL, -- counts committed writes
    numbers    BIGINT NOT NULL, -- the last number given out
    seq        BIGINT NOT NULL,
    hash       TEXT   NOT NULL,
    signed_seq BIGINT NOT NULL, -- the last checkpoint's
    signed_at  BIGINT NOT NULL,
    anchor_seq  BIGINT NOT NULL, -- the last row that retention took away
    anchor_hash TEXT   NOT NULL
);
INSERT INTO head VALUES (1, 0, 0, 0, '0000000000000000000000000000000000000000000000000000000000000000',
    0, 0, 0, '0000000000000000000000000000000000000000000000000000000000000000');

CREATE TABLE requests (
    id            TEXT   PRIMARY KEY,
    number        BIGINT NOT NULL,
    changed       BIGINT NOT NULL, -- the head's writes when it was written last
    version       BIGINT NOT NULL,
    state         TEXT   NOT NULL,
    person        TEXT   NOT NULL,
    identity_kind TEXT   NOT NULL,
    identity_id   TEXT   NOT NULL,
    front         TEXT   NOT NULL,
    channel       TEXT   NOT NULL,
    client        TEXT   NOT NULL,
    action        TEXT   NOT NULL,
    account       TEXT   NOT NULL,
    server_id     TEXT   NOT NULL,
    operation     TEXT   NOT NULL,
    reason        TEXT   NOT NULL,
    intent        TEXT   NOT NULL,
    shown         TEXT   NOT NULL,
    digest        TEXT   NOT NULL,
    policy_hash   TEXT   NOT NULL,
    needs         TEXT   NOT NULL,
    rules         TEXT   NOT NULL,
    created_at    BIGINT NOT NULL,
    expires_at    BIGINT NOT NULL,
    approved_at   BIGINT NOT NULL,
    ended_at      BIGINT NOT NULL,
    fence         TEXT   NOT NULL,
    lease_until   BIGINT NOT NULL,
    sending_at    BIGINT NOT NULL,
    message       TEXT   NOT NULL,
    server_status TEXT   NOT NULL,
    settled_at    BIGINT NOT NULL
);
CREATE UNIQUE INDEX requests_number ON requests (number);
CREATE INDEX requests_state ON requests (state, person, number);
CREATE INDEX requests_person ON requests (person, number);
CREATE INDEX requests_intent ON requests (intent, number);
CREATE INDEX requests_server ON requests (server_id, number);

CREATE TABLE votes (
    request_id    TEXT   NOT NULL,
    person        TEXT   NOT NULL,
    number        BIGINT NOT NULL,
    identity_kind TEXT   NOT NULL,
    identity_id   TEXT   NOT NULL,
    front         TEXT   NOT NULL,
    factor        BIGINT NOT NULL,
    own_only      BIGINT NOT NULL,
    approve       BIGINT NOT NULL,
    name_typed    BIGINT NOT NULL,
    reason        TEXT   NOT NULL,
    digest        TEXT   NOT NULL,
    at            BIGINT NOT NULL,
    PRIMARY KEY (request_id, person)
);

CREATE TABLE spent (
    token       TEXT   PRIMARY KEY, -- its SHA-256, in hex
    valid_until BIGINT NOT NULL
);
CREATE INDEX spent_until ON spent (valid_until);

CREATE TABLE sessions (
    id_hash       TEXT   PRIMARY KEY,
    identity_kind TEXT   NOT NULL,
    identity_id   TEXT   NOT NULL,
    person        TEXT   NOT NULL,
    own_only      BIGINT NOT NULL,
    factor        BIGINT NOT NULL,
    csrf          TEXT   NOT NULL,
    created_at    BIGINT NOT NULL,
    expires_at    BIGINT NOT NULL
);
CREATE INDEX sessions_person ON sessions (person);
CREATE INDEX sessions_expires ON sessions (expires_at);

CREATE TABLE budget_uses (
    number     BIGINT PRIMARY KEY,
    budget     TEXT   NOT NULL,
    request_id TEXT   NOT NULL,
    uses       BIGINT NOT NULL,
    cents      BIGINT NOT NULL,
    at         BIGINT NOT NULL
);
CREATE INDEX budget_uses_at ON budget_uses (budget, at, uses, cents);
CREATE INDEX budget_uses_request ON budget_uses (request_id);

CREATE TABLE holds (
    id         TEXT   PRIMARY KEY,
    number     BIGINT NOT NULL,
    kind       TEXT   NOT NULL,
    scope      TEXT   NOT NULL,
    value      TEXT   NOT NULL,
    account    TEXT   NOT NULL,
    owner      TEXT   NOT NULL,
    because    TEXT   NOT NULL,
    from_at    BIGINT NOT NULL,
    until_at   BIGINT NOT NULL
);

CREATE TABLE audit (
    seq           BIGINT PRIMARY KEY,
    at            BIGINT NOT NULL,
    kind          TEXT   NOT NULL,
    request_id    TEXT   NOT NULL,
    server_id     TEXT   NOT NULL,
    account       TEXT   NOT NULL,
    person        TEXT   NOT NULL,
    identity_kind TEXT   NOT NULL,
    identity_id   TEXT   NOT NULL,
    front         TEXT   NOT NULL,
    detail        TEXT   NOT NULL,
    data          TEXT   NOT NULL,
    proof         TEXT   NOT NULL,
    hash          TEXT   NOT NULL
);
CREATE INDEX audit_request ON audit (request_id, seq);
CREATE INDEX audit_server ON audit (server_id, seq);
