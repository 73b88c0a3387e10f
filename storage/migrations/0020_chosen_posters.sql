-- Whoever looks whether posters that authors chose are still stored goes from one to the next.

CREATE INDEX video_own_poster ON video (id) WHERE own_poster IS NOT NULL;
