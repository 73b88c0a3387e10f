-- What is found by how it begins: names and hashtags.
--: formerly 331b224b8280793ef244d1d224a6e12b42bad3d504eec09f2141ecd73393b7ea

-- In the order of bytes, so that all names with one beginning are a range of the index. The table is spread by ranges of the name,
-- as `hashtag_video` is by ranges of the tag: what begins alike lies on one shard, or on two that are neighbours.
--: concurrently
CREATE UNIQUE INDEX CONCURRENTLY username_bytes ON username (name COLLATE "C");
-- The type changes no byte of the table, and the new index has its order already: both stay as they are.
--: transaction
ALTER TABLE username DROP CONSTRAINT username_pkey;
ALTER TABLE username ALTER COLUMN name TYPE text COLLATE "C";
ALTER TABLE username ADD CONSTRAINT username_pkey PRIMARY KEY USING INDEX username_bytes;
--: transaction
ANALYZE username;

-- Names and hashtags that are popular, once for each of their beginnings (of no letter to eight), so that the first of them are read from the head of an
-- index, however many begin alike. Written by the periodic job `search`; nothing is lost with it. Spread by the beginning.
--: transaction
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
--: transaction
ALTER TABLE hashtag_video ALTER COLUMN tag SET (n_distinct = -0.01);
--: transaction
ANALYZE hashtag_video;
