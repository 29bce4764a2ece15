UPDATE nano_webhook_claims
SET state = 2, expires = clock_timestamp() + (expires - lease_until)
WHERE id = $1 AND owner = $2 AND state = 0
