-- Deleted videos of which something is left: a popular one has a million likes, which go in slices behind it. By video.
CREATE TABLE video_remains (
    video_id uuid PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX video_remains_at ON video_remains (at);

-- Whoever comments, likes, shares or reports holds the video's row meanwhile, so nothing is lost without these references. What a
-- process of the version before leaves, which relies on them, is found by the periodic job `strays`.
--: transaction
ALTER TABLE comment DROP CONSTRAINT comment_video_id_fkey;
--: transaction
ALTER TABLE video_like DROP CONSTRAINT video_like_video_id_fkey;
--: transaction
ALTER TABLE video_share DROP CONSTRAINT video_share_video_id_fkey;
--: transaction
ALTER TABLE report DROP CONSTRAINT report_video_id_fkey;
