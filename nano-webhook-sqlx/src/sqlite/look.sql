-- ?1 id, ?2 owner. One row: the record that prevents a claim.
WITH clock(t) AS (SELECT CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER))
-- A clock that was set back would promise more than the lease.
SELECT state, body_digest, min(lease_until - t, lease_until - leased_at)
FROM nano_webhook_claims, clock
WHERE id = ?1 AND expires > t
  AND (state <> 0 OR (owner <> ?2 AND lease_until > t))
