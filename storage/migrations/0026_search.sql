-- What is found by how it begins: names and hashtags.

-- In the order of bytes, so that all names with one beginning are a range of the index. The table is spread by ranges of the name,
-- as `hashtag_video` is by ranges of the tag: what begins alike lies on one shard, or on two that are neighbours.
ALTER TABLE username ALTER COLUMN name TYPE text COLLATE "C";

-- Names and hashtags that are popular, once for each of their beginnings (of no letter to eight), so that the first of them are read from the head of an
-- index, however many begin alike. Written by the periodic job `search`; nothing is lost with it. Spread by the beginning.
CREATE TABLE popular_name (
    beginning text COLLATE "C" NOT NULL,
    kind text NOT NULL CHECK (kind IN ('user', 'hashtag')),
    name text COLLATE "C" NOT NULL,
    -- Followers of the account, or public videos with the hashtag, when the job came by.
    weight bigint NOT NULL,
    -- In this order for the job, which goes along the names; whoever searches has no choice but the other index.
    PRIMARY KEY (kind, name, beginning)
);
CREATE INDEX popular_name_first ON popular_name (beginning, kind, weight DESC, name);

-- Some hashtags have most of the videos. A planner that goes by the average reads the whole table to count those of a few: let it
-- expect a hundred for each.
ALTER TABLE hashtag_video ALTER COLUMN tag SET (n_distinct = -0.01);
ANALYZE hashtag_video;
