-- $1 id, $2 owner, $3 body digest, $4 lease and $5 retention in milliseconds.
-- One row: the lease, or the record that prevents it. No row: another claim was
-- committed meanwhile; run the statement again. A duplicate only reads.
WITH clock AS MATERIALIZED (SELECT clock_timestamp() AS t),
seen AS MATERIALIZED (
    SELECT c.state, c.body_digest,
           -- A clock that was set back would promise more than the lease.
           least(c.lease_until - t, c.lease_until - c.leased_at) AS remaining
    FROM nano_webhook_claims AS c, clock
    WHERE c.id = $1 AND c.expires > t
      AND (c.state <> 0 OR (c.owner <> $2 AND c.lease_until > t))
),
taken AS (
    INSERT INTO nano_webhook_claims AS c
        (id, owner, body_digest, attempt, taken_over, state, leased_at, lease_until, expires)
    SELECT $1, $2, $3, 1, false, 0, t,
           t + $4::bigint * interval '1 ms',
           t + ($4::bigint + $5::bigint) * interval '1 ms'
    FROM clock
    WHERE NOT EXISTS (SELECT FROM seen)
    ON CONFLICT (id) DO UPDATE SET
        owner = excluded.owner,
        body_digest = excluded.body_digest,
        attempt = CASE
            WHEN c.expires <= clock_timestamp() THEN 1
            WHEN c.owner = excluded.owner AND c.lease_until > clock_timestamp() THEN c.attempt
            ELSE c.attempt + 1
        END,
        taken_over = c.expires > clock_timestamp() AND c.owner IS NOT NULL AND c.owner <> excluded.owner,
        state = 0,
        leased_at = clock_timestamp(),
        lease_until = clock_timestamp() + $4::bigint * interval '1 ms',
        expires = clock_timestamp() + ($4::bigint + $5::bigint) * interval '1 ms'
    WHERE c.expires <= clock_timestamp()
       OR (c.state = 0 AND (c.owner IS NULL OR c.owner = excluded.owner OR c.lease_until <= clock_timestamp()))
    RETURNING c.attempt, c.taken_over
)
SELECT attempt, taken_over, 0::smallint AS state, NULL::bytea AS body_digest, 0::bigint AS remaining
FROM taken
UNION ALL
SELECT NULL, false, state, body_digest, ceil(extract(epoch FROM remaining) * 1000)::bigint
FROM seen
