/// One way in which a receiver can be wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Collects the body, and looks at the head then.
    ReadsBodyFirst,
    /// Does not say that it closes the connection.
    KeepsConnection,
    /// Closes it after every refusal.
    ClosesAlways,
    /// Waits for a body for as long as it takes.
    NoDeadline,
    /// Starts the deadline anew with each chunk.
    DeadlinePerChunk,
    /// Takes the first of two headers.
    FirstHeaderWins,
    /// Lowers the case of a signature and trims it.
    LenientSignature,
    /// Does not look at `Content-Encoding`.
    IgnoresEncoding,
    /// Does not look at `Content-Length`.
    IgnoresLength,
    /// Does not limit the body.
    NoLimit,
    /// Drops what is over the limit, and judges the rest.
    CutsAtLimit,
    /// Takes the half of a body for the whole.
    HalfIsWhole,
    /// Panics when a body cannot be read.
    PanicsOnBody,
    /// Answers every refusal 400.
    OneStatus,
    /// Answers in plain text.
    PlainText,
    /// Sends 401 without a challenge.
    NoChallenge,
    /// Tells a forger the signature that was expected.
    TellsMac,
    /// Tells everybody the secret.
    TellsSecret,
    /// Keeps the unread body of a refused stream, and so its share of the window.
    KeepsUnread,
    /// Holds the handler to the body's deadline.
    HurriesHandler,
    /// Accepts everything where nothing is configured.
    OpenByDefault,
    /// Handles the bytes that came, not those that were signed.
    UnsignedBody,
    /// Calls the handler each time.
    NoClaims,
    /// Answers a duplicate 409.
    Conflict,
    /// Takes every answer of the handler for a success.
    AlwaysCompletes,
    /// Takes none for one.
    NeverCompletes,
    /// Drops the handler with its client.
    DropsHandler,
    /// Handles although there is no claim to be had.
    AlwaysOpen,
    /// Claims before the verdict.
    ClaimsUnverified,
    /// Does not say when to come back.
    NoRetryAfter,
    /// Says so in fractions, rounded down.
    RoundsDown,
}

pub(crate) type Rows = &'static [(Fault, &'static [&'static str])];

/// Rows of the HTTP contract, and the fault that each finds.
pub(crate) const ALL: Rows = &[
    (
        Fault::ReadsBodyFirst,
        &[
            "stale, no byte of its body, announced",
            "stale, no byte of its body, in chunks",
            "stale, no byte of its body, awaiting 100",
            "stale, and a body without end",
            "a signature without v1=, no byte of its body, announced",
            "too large by one byte, no byte of its body",
            "HTTP/2: no timestamp, no byte of its body",
            "HTTP/2: too large by its length, unread",
        ],
    ),
    (
        Fault::KeepsConnection,
        &[
            "no timestamp, with a length",
            "stale, no byte of its body, announced",
            "one byte over the limit, in chunks",
            "a body that trickles, with a length",
            "nothing verifies, with a length",
        ],
    ),
    (
        Fault::ClosesAlways,
        &[
            "another body, with a length",
            "the connection is kept after a forgery",
            "the connection is kept after what is not an event",
            "in one write: a forgery, and a delivery",
        ],
    ),
    (
        Fault::NoDeadline,
        &[
            "a body that never comes, with a length",
            "a body that trickles, in chunks",
            "a body that trickles, over HTTP/2",
        ],
    ),
    (
        Fault::DeadlinePerChunk,
        &[
            "a body that trickles, with a length",
            "a body that trickles, in chunks",
            "a body that trickles, over HTTP/2",
        ],
    ),
    (
        Fault::FirstHeaderWins,
        &[
            "two timestamps, with a length",
            "two signatures, over HTTP/2",
            "two signatures, no byte of its body, announced",
        ],
    ),
    (
        Fault::LenientSignature,
        &[
            "a signature in upper case, with a length",
            "HTTP/2: a signature in upper case, no byte of its body",
        ],
    ),
    (
        Fault::IgnoresEncoding,
        &[
            "compressed, in chunks",
            "compressed, no byte of its body, awaiting 100",
        ],
    ),
    (
        Fault::IgnoresLength,
        &[
            "too large by one byte, no byte of its body",
            "too large by one byte, awaiting 100, no byte of its body",
            "too large beyond every limit, no byte of its body",
            "HTTP/2: too large by its length, unread",
        ],
    ),
    (
        Fault::NoLimit,
        &[
            "one byte over the limit, with a length",
            "one byte over the limit, in chunks",
            "one byte too many, byte by byte",
            "a body without end",
            "413 can be read by a client that sends everything first",
            "HTTP/2: a body without end",
        ],
    ),
    (
        Fault::CutsAtLimit,
        &[
            "one byte over the limit, in chunks",
            "one byte over the limit, over HTTP/2",
        ],
    ),
    (
        Fault::HalfIsWhole,
        &[
            "the client falls silent: with a length, half of it",
            "the client falls silent: in chunks, within a chunk",
            "the client falls silent: in chunks, without the last",
            "a chunk size in words",
            "a length longer than the body",
        ],
    ),
    (
        Fault::PanicsOnBody,
        &[
            "the client falls silent: with a length, half of it",
            "a chunk without a size",
            "one byte over the limit, in chunks",
        ],
    ),
    (
        Fault::OneStatus,
        &[
            "stale, with a length",
            "one byte over the limit, with a length",
            "not JSON, in chunks",
            "nothing verifies, over HTTP/2",
        ],
    ),
    (
        Fault::PlainText,
        &["stale, with a length", "another body, over HTTP/2"],
    ),
    (
        Fault::NoChallenge,
        &[
            "stale, with a length",
            "no signature, in chunks",
            "another body, over HTTP/2",
        ],
    ),
    (
        Fault::TellsMac,
        &["another body, with a length", "another body, over HTTP/2"],
    ),
    (
        Fault::TellsSecret,
        &["another body, with a length", "stale, in chunks"],
    ),
    (
        Fault::KeepsUnread,
        &["HTTP/2: refused bodies give the window back"],
    ),
    (
        Fault::OpenByDefault,
        &[
            "nothing verifies, with a length",
            "nothing verifies, over HTTP/2",
        ],
    ),
];

/// Rows of the contract of claims.
pub(crate) const CLAIMS: Rows = &[
    (
        Fault::NoClaims,
        &[
            "200 completes: the next is a duplicate",
            "a duplicate over HTTP/2",
            "one task, two bodies: the same",
            "being handled: 503 until it is, then 200",
            "of many at once, one is handled",
            "no claim to be had: 503, and nothing is handled",
        ],
    ),
    (
        Fault::Conflict,
        &[
            "200 completes: the next is a duplicate",
            "a duplicate keeps the connection",
        ],
    ),
    (
        Fault::AlwaysCompletes,
        &[
            "500 releases: the next is handled",
            "302 releases: the next is handled",
            "404 releases: the next is handled",
        ],
    ),
    (
        Fault::NeverCompletes,
        &[
            "200 completes: the next is a duplicate",
            "204 completes: the next is a duplicate",
        ],
    ),
    (
        Fault::DropsHandler,
        &[
            "the handler outlives its client",
            "the handler outlives its client, who closes",
            "the handler outlives its stream",
            "what is in flight is counted, and drained",
        ],
    ),
    (
        Fault::HurriesHandler,
        &["the body's deadline is not the handler's"],
    ),
    (
        Fault::AlwaysOpen,
        &[
            "no claim to be had: 503, and nothing is handled",
            "no claim to be had: over HTTP/2",
        ],
    ),
    (Fault::ClaimsUnverified, &["refused unclaimed: a forgery"]),
    (
        Fault::NoRetryAfter,
        &[
            "being handled: over HTTP/2",
            "being handled: come back when the lease has run out, rounded up",
            "no claim to be had: 503, and nothing is handled",
        ],
    ),
    (
        Fault::RoundsDown,
        &["being handled: come back when the lease has run out, rounded up"],
    ),
    (
        Fault::ReadsBodyFirst,
        &["refused unclaimed, no byte of its body: stale"],
    ),
    (
        Fault::ClosesAlways,
        &[
            "being handled: the connection is kept",
            "no claim to be had: the connection is kept",
        ],
    ),
];

/// Vectors, each of which must fail in every way to send it.
pub(crate) const VECTORS: Rows = &[
    (Fault::LenientSignature, &["signature-upper-case-hex"]),
    (Fault::FirstHeaderWins, &["duplicate-timestamp-equal"]),
    (Fault::UnsignedBody, &["reserialized-indented"]),
];
