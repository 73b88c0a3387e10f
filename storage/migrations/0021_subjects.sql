-- No index leads through all of a shard's jobs to some few: a planner without statistics takes a new, long queue for short,
-- and where it looks up thirty jobs by their ids it would read the whole shard by this one.

DROP INDEX job_subject;
CREATE INDEX job_subject ON job (subject_id);
