DELETE FROM nano_webhook_claims WHERE id IN (
    SELECT id FROM nano_webhook_claims
    WHERE expires <= clock_timestamp()
    ORDER BY expires LIMIT $1
    FOR UPDATE SKIP LOCKED
)
