-- What the reconciler walks along, a slice at a time.

-- Where a walk through something large stands; '' at its beginning.
CREATE TABLE walk (
    name text PRIMARY KEY,
    position text NOT NULL
);

CREATE INDEX video_unfinished ON video (id) WHERE status IN ('uploaded', 'processing', 'playable');
CREATE INDEX job_open ON job (shard, id) WHERE state IN ('queued', 'leased');
CREATE INDEX job_ended ON job (shard, ended_at, id) WHERE ended_at IS NOT NULL;
CREATE INDEX upload_id ON upload (id);
-- An original's key is uploads/{upload}/{name}.
CREATE INDEX raw_object_upload ON raw_object (split_part(key, '/', 2));
