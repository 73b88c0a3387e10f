-- Accounts that are deleted. The account's own row goes at once, and with it everything is hidden; the rest goes in batches.

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

-- What an account did to the videos of others, for its export and its deletion.
CREATE INDEX comment_author ON comment (author_id, id);
CREATE INDEX video_like_account ON video_like (account_id, video_id);
CREATE INDEX play_account_video ON play (account_id, video_id);
DROP INDEX play_account;
CREATE INDEX report_account_video ON report (account_id, video_id);
DROP INDEX report_account;
CREATE INDEX video_share_account_video ON video_share (account_id, video_id);
DROP INDEX video_share_account;
-- Jobs that wait or run are found by their subjects. No statement that takes one can use this index.
CREATE INDEX job_ended_account ON job (account_id) WHERE ended_at IS NOT NULL;
CREATE INDEX invalidation_subject ON invalidation (subject_id);

-- Files of a deleted video that lay below another's name: the edge has them below its own until they are removed there too.
CREATE TABLE cached_path (
    video_id uuid PRIMARY KEY,
    paths text[] NOT NULL
);
