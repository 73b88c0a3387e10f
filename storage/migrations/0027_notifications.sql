-- What accounts are told of others. Distribution column: the account that is told, but of `deed`, which is a queue.
--: formerly 3c5569a64624a507c1716c77dadd00b9fbf73871779494467b584fe301184ad2

-- What was done and is not told yet: appended by whoever does it, in the transaction that does it, and taken in batches.
-- `shard` makes SKIP LOCKED possible where the table is distributed, as in `job`. Who mentioned an account, and in which comment,
-- is here alone until then; who liked, followed or commented is asked of those tables.
CREATE TABLE deed (
    shard smallint NOT NULL,
    id uuid NOT NULL,
    account_id uuid NOT NULL,
    kind text NOT NULL,
    subject_id uuid NOT NULL,
    by_id uuid,
    comment_id uuid,
    at timestamptz NOT NULL,
    PRIMARY KEY (shard, id)
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 10000);
CREATE INDEX deed_by ON deed (by_id) WHERE by_id IS NOT NULL;

-- One for each account that was ever told anything. Its changes are numbered in the order in which they are committed, for whoever
-- adds one holds this row until then. What changed after `read_change` is unread.
-- No foreign key: its lock on the account's row would be in the way of whoever does something there.
CREATE TABLE notification_box (
    account_id uuid PRIMARY KEY,
    last_change bigint NOT NULL,
    read_change bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 50);

-- A time in which something of a kind was done at a subject, with both ends. By whom is in the tables of likes, follows and
-- comments, so whatever is taken back there is not told here either.
CREATE TABLE notification (
    account_id uuid NOT NULL REFERENCES notification_box ON DELETE CASCADE,
    id uuid NOT NULL,
    kind text NOT NULL CHECK (kind IN ('follower', 'like', 'comment', 'mention', 'video_ready', 'video_failed')),
    subject_id uuid NOT NULL,
    created_at timestamptz NOT NULL,
    since timestamptz NOT NULL,
    until timestamptz NOT NULL,
    change bigint NOT NULL,
    PRIMARY KEY (account_id, id)
) WITH (fillfactor = 80);
CREATE INDEX notification_subject ON notification (account_id, kind, subject_id, id DESC);
CREATE INDEX notification_change ON notification (account_id, change DESC);

-- By whom an account was mentioned at a video: in a comment, or in what its author says of it.
CREATE TABLE notification_mention (
    account_id uuid NOT NULL REFERENCES notification_box ON DELETE CASCADE,
    video_id uuid NOT NULL,
    at timestamptz NOT NULL,
    by_id uuid NOT NULL,
    comment_id uuid,
    PRIMARY KEY (account_id, video_id, at, by_id)
);
CREATE INDEX notification_mention_by ON notification_mention (by_id);
CREATE INDEX notification_mention_at ON notification_mention (account_id, at);

-- Who liked a video in a time is read from the index alone.
--: concurrently
CREATE INDEX CONCURRENTLY video_like_newest ON video_like (video_id, created_at DESC, account_id DESC);
