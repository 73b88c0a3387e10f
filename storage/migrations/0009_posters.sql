-- Posters that authors choose instead of the picked one.

-- Shown before `poster` and its thumbhash; a path below the video's media.
ALTER TABLE video
    ADD COLUMN own_poster text,
    ADD COLUMN own_thumbhash text;

-- What the author asked for last: a moment of the clip, or a picture, which lies in the raw bucket until it is looked at.
-- Objects that are made of it are named after `token`.
CREATE TABLE poster_wish (
    video_id uuid PRIMARY KEY REFERENCES video ON DELETE CASCADE,
    token text NOT NULL,
    at_ms integer,
    photo_sha256 bytea,
    state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'done', 'refused')),
    error_code text,
    error_detail text,
    CHECK ((at_ms IS NULL) <> (photo_sha256 IS NULL)),
    CHECK ((state = 'refused') = (error_code IS NOT NULL))
);

-- An account may ask for so many an hour.
CREATE INDEX job_poster ON job (shard, account_id, created_at) WHERE kind = 'poster';
