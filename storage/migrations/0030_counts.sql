-- Counts of likes, comments, follows and public videos: what changes them is appended, and folded in batches (as views are).

-- Written in the transaction that changes what is counted, a row for each batch of it and each video or account; folded within
-- about a second. `shard` is of the subject, so that SKIP LOCKED works where the table is distributed: 0 to 3 of videos, 4 to 7
-- of accounts. A count is what was folded and what is here.
CREATE TABLE count_change (
    shard smallint NOT NULL,
    subject_id uuid NOT NULL,
    id uuid NOT NULL,
    kind text NOT NULL CHECK (kind IN ('like', 'comment', 'follower', 'following', 'video')),
    change bigint NOT NULL,
    PRIMARY KEY (shard, subject_id, id)
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 10000, autovacuum_vacuum_insert_threshold = 10000);
-- Ballast, which nobody folds. Whoever counts asks for a few rows by the key. Of a table that looks empty PostgreSQL plans to read
-- all of it instead, and keeps to that plan when a second later there is much.
INSERT INTO count_change (shard, subject_id, id, kind, change)
SELECT -1, gen_random_uuid(), gen_random_uuid(), 'like', 0 FROM generate_series(1, 2000);

-- By video, and by account. No foreign keys: folding would hold the rows of hot videos, and whoever edits or deletes one waits.
-- What is left of deleted ones goes by the periodic job `counts`.
CREATE TABLE video_count (
    video_id uuid PRIMARY KEY,
    likes bigint NOT NULL,
    comments bigint NOT NULL
) WITH (fillfactor = 50);

CREATE TABLE account_count (
    account_id uuid PRIMARY KEY,
    followers bigint NOT NULL,
    following bigint NOT NULL,
    videos bigint NOT NULL
) WITH (fillfactor = 50);

-- What processes of the version before change meanwhile is found by the periodic job `counts`.
INSERT INTO video_count (video_id, likes, comments)
SELECT video_id, sum(likes), sum(comments)
FROM (
    SELECT video_id, count(*) AS likes, 0 AS comments FROM video_like GROUP BY video_id
    UNION ALL
    SELECT video_id, 0, count(*) FROM comment GROUP BY video_id
) AS counted
GROUP BY video_id;

INSERT INTO account_count (account_id, followers, following, videos)
SELECT account_id, sum(followers), sum(following), sum(videos)
FROM (
    SELECT author_id AS account_id, count(*) AS followers, 0 AS following, 0 AS videos FROM follower GROUP BY author_id
    UNION ALL
    SELECT account_id, 0, count(*), 0 FROM following GROUP BY account_id
    UNION ALL
    SELECT author_id, 0, 0, count(*) FROM author_video WHERE plays AND visibility = 'public' GROUP BY author_id
) AS counted
GROUP BY account_id;

ANALYZE count_change, video_count, account_count;
