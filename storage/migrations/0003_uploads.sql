-- Resumable uploads, by account. What was acknowledged is in S3 and counted here, so that any process can go on.

CREATE TABLE upload (
    account_id uuid NOT NULL,
    id uuid NOT NULL,
    length bigint NOT NULL,
    -- Bytes that are safe: whole parts, then the tails.
    offset_bytes bigint NOT NULL DEFAULT 0,
    title text NOT NULL,
    description text NOT NULL,
    visibility text NOT NULL,
    key text NOT NULL,
    multipart_id text,
    next_part integer NOT NULL DEFAULT 1,
    parts jsonb NOT NULL DEFAULT '[]',
    tails jsonb NOT NULL DEFAULT '[]',
    sha256_state bytea NOT NULL,
    -- Fencing token of the request that writes now; a newer request takes over by raising it.
    writer integer NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    finished_at timestamptz,
    video_id uuid,
    duplicate boolean NOT NULL DEFAULT false,
    expired boolean NOT NULL DEFAULT false,
    PRIMARY KEY (account_id, id)
);
CREATE INDEX upload_expiry ON upload (expires_at);

CREATE TABLE upload_quota (
    account_id uuid NOT NULL,
    day date NOT NULL,
    used integer NOT NULL,
    PRIMARY KEY (account_id, day)
);
