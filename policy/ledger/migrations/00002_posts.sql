-- +goose Up

-- The messages that a front end keeps in step with requests.
CREATE TABLE posts (
    request_id  TEXT   NOT NULL,
    name        TEXT   NOT NULL, -- which of the request's messages
    version     BIGINT NOT NULL, -- counts the writes
    channel     TEXT   NOT NULL,
    message     TEXT   NOT NULL, -- its id at the front end, '' until it stands there
    face        TEXT   NOT NULL, -- digest of what it shows
    taken_until BIGINT NOT NULL, -- who writes it now has until then
    problem     TEXT   NOT NULL, -- why it could not be written
    done        BIGINT NOT NULL, -- 1: nothing follows
    at          BIGINT NOT NULL,
    PRIMARY KEY (request_id, name)
);
CREATE INDEX posts_done ON posts (done, at);

-- What came in and is not dealt with yet: it outlives the process that took it.
CREATE TABLE deliveries (
    id          TEXT   PRIMARY KEY,
    payload     TEXT   NOT NULL,
    received_at BIGINT NOT NULL,
    taken_until BIGINT NOT NULL
);

-- What was written since another process' last look.
CREATE INDEX requests_changed ON requests (changed);
