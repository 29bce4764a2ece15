//! A deduplication store in Redis for nano-webhook, shared by a fleet
