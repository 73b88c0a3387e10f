-- Counts of likes, comments, follows and public videos: what changes them is appended, and folded in batches (as views are).
--: formerly 4af749b1e2897f72da0b7751290239c648284c13d56f5c513339768f4fbe9d49

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

-- What processes of the version before change meanwhile is found by the periodic job `counts`. Each slice begins behind the last
-- row that there is: nobody else writes rows before all are there.
--: slices
INSERT INTO video_count (video_id, likes, comments)
SELECT v.id, (SELECT count(*) FROM video_like WHERE video_id = v.id), (SELECT count(*) FROM comment WHERE video_id = v.id)
FROM (
    SELECT id
    FROM video
    WHERE id > coalesce(
        (SELECT video_id FROM video_count ORDER BY video_id DESC LIMIT 1), '00000000-0000-0000-0000-000000000000'
    )
    ORDER BY id
    LIMIT 1000
) AS v;

--: slices
INSERT INTO account_count (account_id, followers, following, videos)
SELECT a.id, (SELECT count(*) FROM follower WHERE author_id = a.id), (SELECT count(*) FROM following WHERE account_id = a.id),
    (SELECT count(*) FROM author_video WHERE author_id = a.id AND plays AND visibility = 'public')
FROM (
    SELECT id
    FROM account
    WHERE id > coalesce(
        (SELECT account_id FROM account_count ORDER BY account_id DESC LIMIT 1), '00000000-0000-0000-0000-000000000000'
    )
    ORDER BY id
    LIMIT 1000
) AS a;

--: transaction
ANALYZE count_change, video_count, account_count;
