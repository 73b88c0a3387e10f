-- Accounts that are deleted. The account's own row goes at once, and with it everything is hidden; the rest goes in batches.
--: formerly 26fd1575a728b683fc94b89769ca5a193fe1efcb5589a036fc44d19c21003e1c

-- By account. A row stands until nothing is left of the account.
CREATE TABLE departure (
    account_id uuid PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT now()
);

-- Whose objects have to be gone before that: the account itself, for its pictures, its videos and its uploads.
CREATE TABLE departure_object (
    account_id uuid NOT NULL,
    subject_id uuid NOT NULL,
    PRIMARY KEY (account_id, subject_id)
);

-- Files of a deleted video that lay below another's name: the edge has them below its own until they are removed there too.
CREATE TABLE cached_path (
    video_id uuid PRIMARY KEY,
    paths text[] NOT NULL
);

-- What an account did to the videos of others, for its export and its deletion.
--: concurrently
CREATE INDEX CONCURRENTLY comment_author ON comment (author_id, id);
--: concurrently
CREATE INDEX CONCURRENTLY video_like_account ON video_like (account_id, video_id);
--: concurrently
CREATE INDEX CONCURRENTLY play_account_video ON play (account_id, video_id);
--: concurrently
DROP INDEX CONCURRENTLY play_account;
--: concurrently
CREATE INDEX CONCURRENTLY report_account_video ON report (account_id, video_id);
--: concurrently
DROP INDEX CONCURRENTLY report_account;
--: concurrently
CREATE INDEX CONCURRENTLY video_share_account_video ON video_share (account_id, video_id);
--: concurrently
DROP INDEX CONCURRENTLY video_share_account;
-- Jobs that wait or run are found by their subjects. No statement that takes one can use this index.
--: concurrently
CREATE INDEX CONCURRENTLY job_ended_account ON job (account_id) WHERE ended_at IS NOT NULL;
--: concurrently
CREATE INDEX CONCURRENTLY invalidation_subject ON invalidation (subject_id);
