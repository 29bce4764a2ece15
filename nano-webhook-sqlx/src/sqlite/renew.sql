-- ?1 id, ?2 owner, ?3 lease and ?4 retention in milliseconds. One row: changed.
WITH clock(t) AS (SELECT CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER))
UPDATE nano_webhook_claims SET leased_at = t, lease_until = t + ?3, expires = t + ?3 + ?4
FROM clock
WHERE id = ?1 AND owner = ?2 AND state = 0 AND expires > t
RETURNING true
