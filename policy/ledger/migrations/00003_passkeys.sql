-- +goose Up

-- The keys by which persons show that it is them (WebAuthn credentials).
CREATE TABLE passkeys (
    id         TEXT   PRIMARY KEY, -- the credential's id, in base64url
    person     TEXT   NOT NULL,
    name       TEXT   NOT NULL, -- what its person calls it
    handle     TEXT   NOT NULL, -- what authenticators know the person by
    credential TEXT   NOT NULL, -- sealed by the page
    uses       BIGINT NOT NULL, -- the authenticator's own count, 0 where it keeps none
    created_at BIGINT NOT NULL,
    used_at    BIGINT NOT NULL
);
CREATE INDEX passkeys_person ON passkeys (person, created_at, id);
