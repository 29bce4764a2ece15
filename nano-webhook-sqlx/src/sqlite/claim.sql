-- ?1 id, ?2 owner, ?3 body digest, ?4 lease and ?5 retention in milliseconds.
-- One row: the lease. No row: another claim was committed meanwhile; look again.
-- excluded.leased_at is the time.
WITH clock(t) AS (SELECT CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER))
INSERT INTO nano_webhook_claims AS c
    (id, owner, body_digest, attempt, taken_over, state, leased_at, lease_until, expires)
SELECT ?1, ?2, ?3, 1, 0, 0, t, t + ?4, t + ?4 + ?5 FROM clock WHERE true
ON CONFLICT (id) DO UPDATE SET
    owner = excluded.owner,
    body_digest = excluded.body_digest,
    attempt = CASE
        WHEN c.expires <= excluded.leased_at THEN 1
        WHEN c.owner = excluded.owner AND c.lease_until > excluded.leased_at THEN c.attempt
        ELSE c.attempt + 1
    END,
    taken_over = c.expires > excluded.leased_at AND c.owner IS NOT NULL AND c.owner <> excluded.owner,
    state = 0,
    leased_at = excluded.leased_at,
    lease_until = excluded.lease_until,
    expires = excluded.expires
WHERE c.expires <= excluded.leased_at
   OR (c.state = 0 AND (c.owner IS NULL OR c.owner = excluded.owner OR c.lease_until <= excluded.leased_at))
RETURNING attempt, taken_over
