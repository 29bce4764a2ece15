//! Every finding: its code, how bad it is, what it means, and what to do.
#![cfg_attr(
    not(feature = "stores"),
    allow(dead_code, reason = "findings about stores")
)]

use serde::Serialize;

use super::report::Severity;

/// A kind of finding. None of its texts depends on what was seen.
#[derive(Serialize)]
pub(super) struct Kind {
    pub(super) code: &'static str,
    pub(super) severity: Severity,
    pub(super) meaning: &'static str,
    #[serde(rename = "do")]
    pub(super) remedy: &'static str,
}

macro_rules! kinds {
    ($($name:ident $code:literal $severity:ident $meaning:literal $remedy:literal;)+) => {
        $(pub(super) const $name: &Kind = &Kind {
            code: $code,
            severity: Severity::$severity,
            meaning: $meaning,
            remedy: $remedy,
        };)+
    };
}

kinds! {
    SECRET_MISSING "secret_missing" Error "Without a secret, a receiver does not start, and no delivery can be verified."
        "Give the secret as the receivers get it: NANO_WEBHOOK_SECRET, NANO_WEBHOOK_SECRET_FILE or --secret-file PATH.";
    SECRET_DECORATED "secret_decorated" Warning "The secret begins or ends with white space, a quote or an invisible character, which is part of the key. If the provider has it without, no signature matches."
        "Write the secret again, without anything around it.";
    SECRET_SHORT "secret_short" Warning "A secret of fewer than 16 bytes can be guessed."
        "Rotate to a longer one: `nano-webhook secret generate`, then `endpoints rotate`.";
    SECRET_PLACEHOLDER "secret_placeholder" Warning "A variable in the secret was not replaced by its value, so every receiver has the text of the variable as its key."
        "Replace it where the configuration is made.";
    SECRET_READABLE "secret_readable" Warning "Every user of this machine can read the secret and sign deliveries."
        "Run `chmod 600` on it; in Kubernetes, set the volume's defaultMode to 0400.";
    SECRET_EQUAL "secret_equals_previous" Warning "The rotation has changed nothing: deliveries that are signed with the other secret are rejected."
        "Set the previous secret to the one before the rotation, or remove it.";
    SECRET_IS_KEY "secret_is_api_key" Warning "The key of the management API seems to be the signing secret. It verifies nothing, unless the webhook was created with it, and then anyone who can manage webhooks can also forge deliveries."
        "Use the secret_key that the webhook was created with, or rotate to a new one.";
    PROVIDER_UNREACHABLE "provider_unreachable" NoAnswer "The provider's list of webhooks cannot be read from here."
        "Check the base URL (--base-url, NANO_WEBHOOK_BASE_URL) and the way to it.";
    PROVIDER_REFUSES "provider_refuses" Error "The provider does not give its list of webhooks to this key."
        "Check the API key and --auth-header; `nano-webhook endpoints list` shows the same.";
    NOT_REGISTERED "not_registered" Error "The provider does not know the URL, so it sends nothing there."
        "Run `nano-webhook endpoints ensure URL` with the secret of the receivers.";
    REGISTERED_NEARLY "registered_nearly" Error "The provider delivers to a URL that is nearly this one. Receivers, proxies and redirects treat the two differently."
        "Register the URL that the receiver serves (`endpoints ensure URL`), then delete the other.";
    REGISTERED_TWICE "registered_twice" Warning "Each event is delivered several times; webhooks with different secrets are rejected in part."
        "Delete all but one: `nano-webhook endpoints delete ID`.";
    REGISTERED_INACTIVE "registered_inactive" Error "The provider sends nothing to a webhook that is not active."
        "Find out why the provider has stopped it; then delete it and run `endpoints ensure URL`.";
    EVENTS_MISSING "events_missing" Error "The provider sends nothing for events that the webhook does not subscribe to."
        "Run `nano-webhook endpoints ensure URL` with the wanted --event.";
    URL_UNRESOLVED "url_unresolved" NoAnswer "The name has no address here. If it has none for the provider either, nothing arrives."
        "Check the spelling and the DNS records.";
    URL_UNREACHABLE "url_unreachable" NoAnswer "Nothing accepts connections there from this machine."
        "Start the receiver or its proxy; check the port and the firewall.";
    ADDRESS_UNREACHABLE "address_unreachable" Warning "The name has several addresses, and not all of them accept connections. The provider may choose a dead one."
        "Remove the DNS record, often an AAAA record, or listen on the address.";
    URL_TLS "url_tls" NoAnswer "The connection is open, but TLS fails; the provider will probably refuse it too."
        "Serve a certificate for this name, in date, with its chain, from a public authority.";
    URL_SILENT "url_silent" NoAnswer "The connection is open, but no HTTP answer comes."
        "Look at the log of what listens there; check http against https, and the port.";
    URL_PLAIN "url_plain_http" Warning "Deliveries can be read and held back on their way. The signature only protects them from changes."
        "Serve https, and register that URL.";
    URL_REDIRECTS "url_redirects" Error "A redirect is not a delivery: senders do not follow it, or follow it without the body."
        "Register the URL that it leads to, or remove the redirect for this path.";
    URL_SLASH "url_slash" Error "This path does not exist, and the same path with or without a slash at its end does."
        "Register the other path, or serve this one.";
    URL_NOT_FOUND "url_not_found" Error "No receiver is at this path."
        "Compare the path with the route of the receiver and with what the proxy cuts off.";
    URL_NO_POST "url_no_post" Error "The path exists, but takes no POST: it is not the webhook's route."
        "Compare the path with the route of the receiver.";
    PROXY_ALONE "proxy_without_receiver" Error "A proxy answers in place of the receiver: it cannot reach it, or waits too long."
        "Start the receiver; compare its address with the proxy's configuration.";
    URL_LOGIN "url_asks_login" Error "Something in front of the receiver asks for a login or blocks the request. The provider has no login."
        "Let POST requests to this path pass without a login or a challenge.";
    NO_VERDICT "no_verdict" Error "Whatever answers does not verify signatures as a receiver does."
        "Look at what is behind the URL; `nano-webhook send URL --allow-remote` shows its whole answer.";
    ACCEPTS_FORGERIES "accepts_forgeries" Error "A delivery with a wrong signature is accepted, so anyone can report finished jobs."
        "Verify signatures before anything else: put the receiver's layer on this route.";
    SECRET_DIFFERS "secret_differs" Error "The receiver has another secret than this one, or the path changes every body."
        "Compare where both get their secret; then look at one request with `nano-webhook listen` in place of the receiver.";
    RECEIVER_IS_OLD "receiver_has_previous_secret" Error "The receiver knows the previous secret only, so deliveries that are signed with the current one are rejected."
        "Deploy the receiver with the current secret, or restart it.";
    RECEIVER_READS "receiver_reads_secret_differently" Error "The receiver's secret has something around it that this one does not have, or the reverse."
        "Give the receiver the secret without anything around it.";
    HEADER_DROPPED "header_dropped" Error "The path drops a header of the signature."
        "Let the proxy pass X-Nano-Timestamp and X-Nano-Signature.";
    HEADER_REPEATED "header_repeated" Error "The path adds a header of the signature that the request already has."
        "Set the header in the proxy, do not add it; better, leave it alone.";
    HEADER_CHANGED "header_changed" Error "The path changes the value of a header of the signature."
        "Let the proxy pass X-Nano-Timestamp and X-Nano-Signature as they are.";
    BODY_ENCODED "body_encoded" Error "The path compresses request bodies; the signature is over the bytes before that."
        "Turn compression of requests off.";
    BODY_LOST "body_lost" Error "The body is gone before the signature is checked: something has read it, or does not pass it on."
        "Put the verification before every extractor and middleware that reads bodies.";
    BODY_CHANGED "body_changed" Error "The path changes bodies, so no signature over such a body matches."
        "Turn off what parses and prints JSON, trims or re-encodes text in the proxy or in front of the verification.";
    BODY_CHUNKED "chunks_not_passed" Warning "A delivery whose body is sent in several chunks does not arrive. Whether the provider sends some is not documented."
        "Let the proxy pass `Transfer-Encoding: chunked` or buffer requests.";
    PATH_LIMIT "path_limit" Warning "Something in front of the receiver accepts smaller bodies than the receiver does."
        "Raise its limit above that of the receiver (nginx: client_max_body_size).";
    RECEIVER_LIMIT "receiver_limit" Warning "The receiver accepts smaller bodies than --body-limit says."
        "Give the receiver's limit as --body-limit, or raise it.";
    RECEIVER_REJECTS "receiver_rejects" Error "The receiver rejects a delivery that is signed correctly."
        "docs/guide/troubleshooting.md lists what the code means; the receiver's log says more.";
    CLOCK_OUTSIDE "clock_outside_tolerance" Error "The clocks differ by more than the tolerance, so every delivery is rejected as too old or too new."
        "Synchronise the clock that is wrong (NTP).";
    CLOCK_DIFFERS "clock_differs" Warning "The difference takes up a part of the tolerance; slow deliveries are rejected."
        "Synchronise the clock that is wrong (NTP).";
    STORE_UNUSABLE "store_settings" Error "The receiver examples do not start with these settings."
        "Set one of NANO_WEBHOOK_REDIS_URL (redis:) and NANO_WEBHOOK_DATABASE_URL (sqlite: or postgres:).";
    STORE_UNCHECKED "store_not_checked" Note "A store is set, and this program cannot connect to it."
        "Install it with `cargo install --locked --path nano-webhook-cli --features stores`, and without TLS to the store.";
    STORE_UNREACHABLE "store_unreachable" NoAnswer "Receivers answer 503 store_unavailable while the store does not answer."
        "Check address, credentials and firewall of the store.";
    STORE_REFUSES "store_refuses" Error "A delivery cannot be claimed, so receivers answer 503 store_unavailable."
        "Give the store's user the rights to read, write and delete; look at the space on the disk.";
    STORE_READ_ONLY "store_read_only" Error "The server is a replica or takes no writes, so receivers answer 503 store_unavailable."
        "Use the primary's address.";
    STORE_NEW "store_unused" Note "No receiver has used this store yet: a receiver creates what it needs when it starts."
        "If a receiver runs, compare its URL of the store with this one.";
    STORE_EVICTS "store_evicts" Warning "With its memory full, the server drops claims, and deliveries are handled twice."
        "Set maxmemory-policy to noeviction.";
    STORE_FORGETS "store_forgets" Warning "After a crash or a restart, the store has forgotten deliveries that were handled, and handles them again."
        "Redis: appendonly yes. Postgres: fsync and synchronous_commit on.";
    STORE_NETWORK_DISK "store_on_network_disk" Error "SQLite's locks and its write-ahead log do not work on a network file system; the file can be damaged."
        "Use a local disk, or Postgres.";
    STORE_CLOCK "store_clock" Warning "The store's clock decides when leases and retentions end. If it is set right later, they end early or late."
        "Synchronise the clock of the store's machine (NTP).";
    SETTING_UNREADABLE "setting_unreadable" Error "The receiver examples do not start with this value."
        "Correct the value.";
    TOLERANCE_SHORT "tolerance_short" Warning "Clocks drift and deliveries wait in queues: a tolerance under 30 s rejects sound deliveries."
        "Use the default of 300 s.";
    RETENTION_SHORT "retention_short" Note "A delivery can be accepted for longer than its completion is remembered, so the library raises the retention."
        "Set the retention to twice the tolerance and a minute, or longer.";
    LEASE_SHORT "lease_short" Warning "One slow answer of a store (up to 5 s) outlasts the lease, and a second delivery is handled at the same time."
        "Use the default of 30 s.";
    DRAIN_SHORT "drain_short" Warning "A shutdown cuts off deliveries whose bodies still arrive."
        "Let a shutdown wait for longer than the body timeout.";
    IDLE_SHORT "idle_timeout_short" Warning "Load balancers keep idle connections for 60 s and send a request into one that the receiver is just closing: now and then a 502."
        "Use the default of 75 s.";
}
