-- What keeps hot statements on the plan that is meant for them, at any size.

-- Lists of an author's videos are read from the index alone; what each viewer may see of them is in it.
CREATE INDEX author_video_listed ON author_video (author_id, at DESC, video_id DESC) INCLUDE (plays, visibility);
DROP INDEX author_video_newest;

-- What has no number yet is in an index of its own, in the order in which it gets one, and not in this one as well.
CREATE INDEX publication_numbered ON publication (seq) WHERE seq IS NOT NULL;
DROP INDEX publication_by_seq;

-- Most videos have few comments, but it is the others that are read. A planner that goes by the average sorts all comments of a
-- video for a page of them: let it expect a hundred, and it reads them in the order of the index.
ALTER TABLE comment ALTER COLUMN video_id SET (n_distinct = -0.01);
ANALYZE comment;
