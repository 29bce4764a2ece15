-- $1 id, $2 owner, $4 retention in milliseconds. No row: lost.
WITH changed AS (
    UPDATE nano_webhook_claims SET
        owner = NULL,
        lease_until = clock_timestamp(),
        expires = clock_timestamp() + $4::bigint * interval '1 ms'
    WHERE id = $1 AND owner = $2 AND state = 0 AND expires > clock_timestamp()
    RETURNING id
)
SELECT EXISTS (SELECT FROM changed) AS changed, state, lease_until > clock_timestamp() AS running
FROM nano_webhook_claims
WHERE id = $1 AND owner = $2 AND expires > clock_timestamp()
