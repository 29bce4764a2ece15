-- ?1 id, ?2 owner. One row: the record names the owner.
WITH clock(t) AS (SELECT CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER))
SELECT state, lease_until > t
FROM nano_webhook_claims, clock
WHERE id = ?1 AND owner = ?2 AND expires > t
