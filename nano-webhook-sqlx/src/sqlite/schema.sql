-- Times are milliseconds since 1970. The table has a rowid: with bodies in it, a
-- table without one would be slow.
CREATE TABLE IF NOT EXISTS nano_webhook_claims (
    id          BLOB    PRIMARY KEY NOT NULL CHECK (length(id) = 32),
    -- The owner of the lease or of the completion. NULL: released.
    owner       BLOB    CHECK (length(owner) = 16),
    -- The digest of the body that the owner's claim carried.
    body_digest BLOB    NOT NULL CHECK (length(body_digest) = 16),
    attempt     INTEGER NOT NULL,
    -- The owner's claim replaced a lease that had run out.
    taken_over  INTEGER NOT NULL,
    -- 0: leased or released, 1: completed, 2: completed in the handler's
    -- transaction. A later version may add states; a delivery in any state but 0
    -- is answered 200.
    state       INTEGER NOT NULL CHECK (state >= 0),
    -- The last claim or renewal.
    leased_at   INTEGER NOT NULL,
    lease_until INTEGER NOT NULL,
    -- From here on as if the row did not exist.
    expires     INTEGER NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS nano_webhook_claims_expires ON nano_webhook_claims (expires);
