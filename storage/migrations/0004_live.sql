-- The log of publications: written in the transaction that makes a video playable (the outbox), numbered by the relay.

CREATE TABLE publication (
    author_id uuid NOT NULL,
    video_id uuid NOT NULL,
    -- clock_timestamp() under the lock of the author's row: per author in the order of commits.
    published_at timestamptz NOT NULL,
    -- Null until the relay took it; then gapless, and per author in the order of `published_at`.
    seq bigint,
    PRIMARY KEY (author_id, video_id)
);
CREATE INDEX publication_unnumbered ON publication (published_at, video_id) WHERE seq IS NULL;
CREATE INDEX publication_by_author ON publication (author_id, seq);
CREATE INDEX publication_by_seq ON publication (seq);

-- One relay leads at a time. Numbering locks this row, so that a leader that was frozen cannot number after its lease.
CREATE TABLE event_log (
    shard smallint PRIMARY KEY,
    -- Another log has another epoch: a client's position of that one is recognised as foreign.
    epoch text NOT NULL,
    last_seq bigint NOT NULL DEFAULT 0,
    -- The broker took everything up to here.
    relayed_seq bigint NOT NULL DEFAULT 0,
    -- Everything up to here has been deleted by retention: an older position cannot be replayed.
    forgotten_seq bigint NOT NULL DEFAULT 0,
    leader text,
    leased_until timestamptz NOT NULL DEFAULT '-infinity',
    CHECK (relayed_seq <= last_seq AND forgotten_seq <= relayed_seq)
);
INSERT INTO event_log (shard, epoch) VALUES (0, substr(replace(gen_random_uuid()::text, '-', ''), 1, 12));

-- Leases of what must run once among many processes (periodic jobs).
CREATE TABLE lease (
    name text PRIMARY KEY,
    holder text NOT NULL,
    until timestamptz NOT NULL,
    last_run_at timestamptz
);
