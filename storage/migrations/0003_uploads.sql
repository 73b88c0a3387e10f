-- Uploads under way, by account. What was acknowledged is in S3 and counted here, so that any process can go on.

CREATE TABLE upload (
    account_id uuid NOT NULL,
    id uuid NOT NULL,
    -- Null while a one-shot form is coming in: where it ends is not announced, and nobody resumes it.
    length bigint CHECK (length > 0),
    -- Bytes that are safe: whole parts, then the tails.
    offset_bytes bigint NOT NULL DEFAULT 0,
    title text NOT NULL,
    description text NOT NULL,
    visibility text NOT NULL,
    -- Where the original lies, once it is finished.
    key text,
    multipart_id text,
    -- Numbers of parts are handed out here and never twice: a request that lost its place cannot overwrite a part that counts.
    next_part integer NOT NULL DEFAULT 1,
    parts jsonb NOT NULL DEFAULT '[]',
    tails jsonb NOT NULL DEFAULT '[]',
    sha256_state bytea NOT NULL,
    -- Fencing token of the request that writes now; a newer request takes over by raising it.
    writer integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    finished_at timestamptz,
    video_id uuid,
    duplicate boolean NOT NULL DEFAULT false,
    -- It ended without a video: its time was over, or its owner gave it up.
    expired boolean NOT NULL DEFAULT false,
    PRIMARY KEY (account_id, id),
    -- The last byte and the video are one transaction: no upload is whole without its video.
    CHECK ((finished_at IS NULL) = (video_id IS NULL)),
    CHECK ((offset_bytes = length) = (finished_at IS NOT NULL))
);
CREATE INDEX upload_expiry ON upload (expires_at);

CREATE TABLE upload_quota (
    account_id uuid NOT NULL,
    day date NOT NULL,
    used integer NOT NULL,
    PRIMARY KEY (account_id, day)
);
CREATE INDEX upload_quota_day ON upload_quota (day);
