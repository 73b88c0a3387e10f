-- What accounts report, pass on and do not want to see; where a wish to follow came from; and the pages of hashtags.

-- A report stands until an operator closes it. By video.
CREATE TABLE report (
    video_id uuid NOT NULL REFERENCES video ON DELETE CASCADE,
    account_id uuid NOT NULL,
    reason text NOT NULL CHECK (reason IN ('spam', 'violence', 'sexual', 'hate', 'harassment', 'copyright', 'other')),
    detail text,
    created_at timestamptz NOT NULL DEFAULT now(),
    closed_at timestamptz,
    PRIMARY KEY (video_id, account_id)
);
CREATE INDEX report_newest ON report (created_at DESC);
CREATE INDEX report_open ON report (created_at DESC) WHERE closed_at IS NULL;
CREATE INDEX report_account ON report (account_id);

-- By account, for it is asked for as a whole when something is chosen for one. The video is on another shard: rows of those that
-- are gone go by the periodic job `moderation`.
CREATE TABLE not_interested (
    account_id uuid NOT NULL REFERENCES account ON DELETE CASCADE,
    video_id uuid NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (account_id, video_id)
);

-- A row for each account, so that those who share the same video at once wait for nobody. By video.
CREATE TABLE video_share (
    video_id uuid NOT NULL REFERENCES video ON DELETE CASCADE,
    account_id uuid NOT NULL,
    shares bigint NOT NULL DEFAULT 1,
    first_shared_at timestamptz NOT NULL DEFAULT now(),
    last_shared_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (video_id, account_id)
);
CREATE INDEX video_share_account ON video_share (account_id);

-- The video that made the account follow, where it said so when it began to.
ALTER TABLE following ADD COLUMN from_video uuid;

-- Public videos that play, by hashtag. Only equal tags are looked for, so their order is that of bytes.
CREATE TABLE hashtag_video (
    tag text COLLATE "C" NOT NULL,
    video_id uuid NOT NULL,
    author_id uuid NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (tag, video_id)
);
CREATE INDEX hashtag_video_newest ON hashtag_video (tag, at DESC, video_id DESC);
INSERT INTO hashtag_video (tag, video_id, author_id, at)
SELECT DISTINCT tag, v.id, v.author_id, v.published_at
FROM video AS v
CROSS JOIN unnest(v.hashtags) AS tag
WHERE v.published_at IS NOT NULL AND v.visibility = 'public' AND octet_length(tag) <= 2000;
