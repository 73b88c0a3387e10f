-- Comments of a deleted video go in slices, by the periodic job `comments`, and not with the video's row: so inserting a comment
-- looks up no video a second time. Nobody comments on one that goes: whoever comments holds its row until the commit, and
-- whoever deletes it waits for that.

-- Written in the transaction that deletes the video; by video.
CREATE TABLE gone_video (
    video_id uuid PRIMARY KEY
);
SET LOCAL lock_timeout = '500ms';
ALTER TABLE comment DROP CONSTRAINT comment_video_id_fkey;
