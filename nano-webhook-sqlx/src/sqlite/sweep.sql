DELETE FROM nano_webhook_claims WHERE id IN (
    SELECT id FROM nano_webhook_claims
    WHERE expires <= CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)
    ORDER BY expires LIMIT ?1
)
