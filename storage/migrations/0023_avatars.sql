-- Pictures that accounts show of themselves. `avatar` is the beginning of the names of its objects, up to their sizes.

ALTER TABLE account ADD COLUMN avatar text;

-- The picture that an account sent last; it lies in the raw bucket until it is looked at. What is made of it is named after
-- `token`.
CREATE TABLE avatar_wish (
    account_id uuid PRIMARY KEY REFERENCES account ON DELETE CASCADE,
    token text NOT NULL,
    photo_sha256 bytea NOT NULL,
    state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'done', 'refused')),
    error_code text,
    error_detail text,
    CHECK ((state = 'refused') = (error_code IS NOT NULL))
);

-- An account may send so many an hour.
CREATE INDEX job_avatar ON job (shard, account_id, created_at) WHERE kind = 'avatar';
