-- The subquery is evaluated once. A bare clock_timestamp() is evaluated for each row, so the
-- index could not bound the search, and a sweep would read all of it.
DELETE FROM nano_webhook_claims WHERE id IN (
    SELECT id FROM nano_webhook_claims
    WHERE expires <= (SELECT clock_timestamp())
    ORDER BY expires LIMIT $1
    FOR UPDATE SKIP LOCKED
)
