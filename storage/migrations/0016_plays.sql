-- Plays: what accounts really watched, and how often that counts as a view of a video. By video, as likes and comments.

-- What one account watched of one video, over all its reports. A row says that the account has seen it.
-- It has no foreign key: somebody would always hold its lock on the row of a hot video, and whoever edits or deletes that would
-- wait for nothing. What is left of deleted videos goes by the periodic job `plays`.
CREATE TABLE play (
    video_id uuid NOT NULL,
    account_id uuid NOT NULL,
    reports bigint NOT NULL,
    watched_ms bigint NOT NULL,
    completions bigint NOT NULL,
    replays bigint NOT NULL,
    -- Of the newest report.
    source text NOT NULL CHECK (source IN ('following', 'suggested', 'profile', 'link')),
    first_seen_at timestamptz NOT NULL DEFAULT now(),
    last_seen_at timestamptz NOT NULL DEFAULT now(),
    -- When it counted as a view last, and which row of `play_counted` that was.
    counted_at timestamptz,
    counted_as uuid,
    PRIMARY KEY (video_id, account_id),
    CHECK ((counted_at IS NULL) = (counted_as IS NULL))
) WITH (fillfactor = 90);
CREATE INDEX play_account ON play (account_id);

-- Views that counted and are not in the counts yet: appended by whoever watches, folded in batches.
-- `shard` makes SKIP LOCKED possible where the table is distributed, as in `job`.
CREATE TABLE play_counted (
    shard smallint NOT NULL,
    id uuid NOT NULL,
    video_id uuid NOT NULL,
    day date NOT NULL,
    PRIMARY KEY (shard, id)
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 10000);

-- All views of a video.
CREATE TABLE play_total (
    video_id uuid PRIMARY KEY REFERENCES video ON DELETE CASCADE,
    views bigint NOT NULL
) WITH (fillfactor = 50);

-- Views of a video in one day (UTC); days go when nobody asks for them any more.
CREATE TABLE play_day (
    video_id uuid NOT NULL REFERENCES video ON DELETE CASCADE,
    day date NOT NULL,
    views bigint NOT NULL,
    PRIMARY KEY (video_id, day)
) WITH (fillfactor = 50);
CREATE INDEX play_day_day ON play_day (day);

-- How much an account has reported since its hour began.
CREATE TABLE play_quota (
    account_id uuid PRIMARY KEY,
    since timestamptz NOT NULL,
    reports integer NOT NULL
);
