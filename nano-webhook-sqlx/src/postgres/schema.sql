CREATE TABLE IF NOT EXISTS nano_webhook_claims (
    id          bytea       PRIMARY KEY CHECK (octet_length(id) = 32),
    -- The owner of the lease or of the completion. NULL: released.
    owner       bytea       CHECK (octet_length(owner) = 16),
    -- The digest of the body that the owner's claim carried.
    body_digest bytea       NOT NULL CHECK (octet_length(body_digest) = 16),
    attempt     bigint      NOT NULL,
    -- The owner's claim replaced a lease that had run out.
    taken_over  boolean     NOT NULL,
    -- 0: leased or released, 1: completed, 2: completed in the handler's
    -- transaction. A later version may add states; a delivery in any state but 0
    -- is answered 200.
    state       smallint    NOT NULL CHECK (state >= 0),
    -- The last claim or renewal.
    leased_at   timestamptz NOT NULL,
    lease_until timestamptz NOT NULL,
    -- From here on as if the row did not exist.
    expires     timestamptz NOT NULL
);
CREATE INDEX IF NOT EXISTS nano_webhook_claims_expires ON nano_webhook_claims (expires);
