-- Videos, by video; what lists them for their author, by author; and the queue that makes them play.

CREATE TABLE video (
    id uuid PRIMARY KEY,
    author_id uuid NOT NULL,
    title text NOT NULL,
    description text NOT NULL,
    hashtags text[] NOT NULL,
    visibility text NOT NULL CHECK (visibility IN ('public', 'followers', 'private')),
    status text NOT NULL DEFAULT 'uploaded' CHECK (status IN ('uploaded', 'processing', 'playable', 'ready', 'failed')),
    progress real NOT NULL DEFAULT 0 CHECK (progress BETWEEN 0 AND 1),
    error_code text,
    error_detail text,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    published_at timestamptz,
    duration_ms integer,
    width integer,
    height integer,
    thumbhash text,
    poster text,
    -- The audio group of the HLS stream; null where there is no sound or no stream yet.
    audio jsonb,
    -- Objects lie below videos/{id}/{generation}/; null until something plays.
    generation integer,
    raw_bytes bigint NOT NULL,
    raw_sha256 bytea NOT NULL,
    CHECK ((status = 'failed') = (error_code IS NOT NULL)),
    CHECK (published_at IS NULL OR status IN ('playable', 'ready'))
);

-- One playable thing: a progressive MP4 or a variant of the HLS stream. A row stands only for what was read back.
CREATE TABLE rendition (
    video_id uuid NOT NULL REFERENCES video ON DELETE CASCADE,
    name text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('mp4', 'hls')),
    width integer NOT NULL,
    height integer NOT NULL,
    bitrate integer NOT NULL,
    bytes bigint NOT NULL,
    facts jsonb NOT NULL,
    PRIMARY KEY (video_id, name)
);

-- An author's videos in the order of lists; `at` is published_at, or created_at before it.
CREATE TABLE author_video (
    author_id uuid NOT NULL,
    video_id uuid NOT NULL,
    at timestamptz NOT NULL,
    visibility text NOT NULL,
    plays boolean NOT NULL DEFAULT false,
    PRIMARY KEY (author_id, video_id)
);
CREATE INDEX author_video_newest ON author_video (author_id, at DESC, video_id DESC);
-- The newest public ones of everybody; a bounded page is read from its head.
CREATE INDEX author_video_public ON author_video (at DESC, video_id DESC) WHERE plays AND visibility = 'public';

-- Which of an author's videos came from these bytes: the same file again answers with the same video.
CREATE TABLE author_file (
    author_id uuid NOT NULL,
    sha256 bytea NOT NULL,
    video_id uuid NOT NULL,
    PRIMARY KEY (author_id, sha256)
);

CREATE TABLE comment (
    video_id uuid NOT NULL REFERENCES video ON DELETE CASCADE,
    id uuid NOT NULL,
    author_id uuid NOT NULL,
    text text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (video_id, id)
);

CREATE INDEX comment_id ON comment (id);

CREATE TABLE video_like (
    video_id uuid NOT NULL REFERENCES video ON DELETE CASCADE,
    account_id uuid NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (video_id, account_id)
);

-- The original as S3 holds it: an open multipart upload with its parts, or a whole object (parts is then empty).
CREATE TABLE raw_object (
    video_id uuid PRIMARY KEY,
    key text NOT NULL,
    multipart_id text,
    parts jsonb NOT NULL
);

-- Jobs. `shard` makes SKIP LOCKED possible where the table is distributed; `lease` is the fencing token:
-- it counts every start, crashes too, and whatever a job writes is conditional on it.
CREATE TABLE job (
    shard smallint NOT NULL,
    id uuid NOT NULL,
    kind text NOT NULL,
    subject_id uuid NOT NULL,
    account_id uuid NOT NULL,
    state text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'leased', 'done', 'failed', 'cancelled')),
    lease integer NOT NULL DEFAULT 0,
    -- Starts that ended badly by the job's own doing: a crash, a lost lease, an error that may pass. Outages do not count.
    faults integer NOT NULL DEFAULT 0,
    leased_by text,
    leased_until timestamptz,
    run_at timestamptz NOT NULL DEFAULT now(),
    created_at timestamptz NOT NULL DEFAULT now(),
    ended_at timestamptz,
    last_error text,
    PRIMARY KEY (shard, id)
);
CREATE INDEX job_due ON job (shard, run_at) WHERE state = 'queued';
CREATE INDEX job_leased ON job (shard, leased_until) WHERE state = 'leased';
CREATE INDEX job_subject ON job (shard, subject_id);

-- Objects that no row names any more and that must go: written in the transaction that forgets them.
CREATE TABLE object_removal (
    video_id uuid NOT NULL,
    bucket text NOT NULL CHECK (bucket IN ('media', 'raw')),
    prefix text NOT NULL,
    due_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (video_id, bucket, prefix)
);
CREATE INDEX object_removal_due ON object_removal (due_at);
