-- $1 id, $2 owner, $3 lease and $4 retention in milliseconds. No row: lost.
-- A row that the handler's open transaction has locked is skipped, not waited for.
WITH mine AS MATERIALIZED (
    SELECT id FROM nano_webhook_claims
    WHERE id = $1 AND owner = $2 AND state = 0 AND expires > clock_timestamp()
    FOR UPDATE SKIP LOCKED
),
changed AS (
    UPDATE nano_webhook_claims AS c SET
        leased_at = clock_timestamp(),
        lease_until = clock_timestamp() + $3::bigint * interval '1 ms',
        expires = clock_timestamp() + ($3::bigint + $4::bigint) * interval '1 ms'
    FROM mine
    WHERE c.id = mine.id
    RETURNING c.id
)
SELECT EXISTS (SELECT FROM changed) AS changed, state, lease_until > clock_timestamp() AS running
FROM nano_webhook_claims
WHERE id = $1 AND owner = $2 AND expires > clock_timestamp()
