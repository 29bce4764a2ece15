UPDATE nano_webhook_claims
SET state = 2,
    expires = CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER) + (expires - lease_until)
WHERE id = ?1 AND owner = ?2 AND state = 0
