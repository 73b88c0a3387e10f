-- Originals whose multipart upload nobody has completed yet: mostly those that a job is to come by.

CREATE INDEX raw_object_in_parts ON raw_object (video_id) WHERE multipart_id IS NOT NULL;
