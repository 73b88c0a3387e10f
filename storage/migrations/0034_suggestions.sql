-- What accounts watched, report by report and day by day; what is learned from it, and what is suggested.

-- One row for each report of a view, of accounts that let suggestions learn from them. `play` has the sums, for as long as the
-- video is there; this is a log, whose days go as whole tables. The periodic job `signals` makes them ahead, and drops them.
-- What no day is made for is in `watch_log_rest`, so that no report ever fails.
CREATE TABLE watch_log (
    day date NOT NULL DEFAULT (now() AT TIME ZONE 'UTC')::date,
    account_id uuid NOT NULL,
    video_id uuid NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    watched_ms integer NOT NULL,
    -- Of the video, if that was known then.
    duration_ms integer,
    completed boolean NOT NULL,
    replays smallint NOT NULL,
    source text NOT NULL
) PARTITION BY RANGE (day);
CREATE INDEX watch_log_account_video ON watch_log (account_id, video_id);
CREATE TABLE watch_log_rest PARTITION OF watch_log DEFAULT;

-- What an account has chosen; none: suggestions learn from it. Nothing from before `since` counts. By account.
CREATE TABLE watch_choice (
    account_id uuid PRIMARY KEY,
    learns boolean NOT NULL DEFAULT true,
    since timestamptz
);

-- Each training, with what it found: a row for each. The newest that is published is served; to publish is to change one row.
-- `until`: signals up to then were learned from. `lists`: accounts that have one of it.
CREATE TABLE suggestion_model (
    id uuid PRIMARY KEY,
    day date NOT NULL,
    state text NOT NULL CHECK (state IN ('training', 'published', 'refused', 'failed')),
    started_at timestamptz NOT NULL DEFAULT now(),
    until timestamptz NOT NULL,
    ended_at timestamptz,
    figures jsonb NOT NULL DEFAULT '{}',
    engine text NOT NULL,
    lists bigint NOT NULL DEFAULT 0
);

-- What a model suggests to an account, best first, and what put each there: a code, with a detail behind a colon. By account.
CREATE TABLE suggestion (
    account_id uuid NOT NULL,
    model_id uuid NOT NULL,
    video_ids uuid[] NOT NULL,
    whys text[] NOT NULL,
    PRIMARY KEY (account_id, model_id),
    CHECK (cardinality(video_ids) = cardinality(whys))
);
-- Those of older models go in slices.
CREATE INDEX suggestion_of_model ON suggestion (model_id);

-- The nearest videos of a video in a model, nearest first. By video.
CREATE TABLE suggestion_similar (
    video_id uuid NOT NULL,
    model_id uuid NOT NULL,
    video_ids uuid[] NOT NULL,
    PRIMARY KEY (video_id, model_id)
);
CREATE INDEX suggestion_similar_of_model ON suggestion_similar (model_id);

-- What is popular, rising and fresh, for everybody: one row for each time that this was found, kept for as long as somebody may
-- scroll in it.
CREATE TABLE suggestion_popular (
    version bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT now(),
    video_ids uuid[] NOT NULL,
    whys text[] NOT NULL,
    CHECK (cardinality(video_ids) = cardinality(whys))
);

-- Each page that was served to an account: of each video its slot, and how probable it was that the slot took this video.
CREATE TABLE suggestion_served (
    day date NOT NULL DEFAULT (now() AT TIME ZONE 'UTC')::date,
    account_id uuid NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    model_id uuid,
    video_ids uuid[] NOT NULL,
    slots text[] NOT NULL,
    propensities real[] NOT NULL
) PARTITION BY RANGE (day);
CREATE INDEX suggestion_served_account ON suggestion_served (account_id);
CREATE TABLE suggestion_served_rest PARTITION OF suggestion_served DEFAULT;
