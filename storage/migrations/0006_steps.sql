-- Media jobs in durable steps, with a trace; renditions that lie below the generation of the start that made them.

-- First sources (phase 0) go before ladders (phase 1). `passing`: it ended failed for a reason that may pass, and what it
-- started from is kept; `version` is the worker's that it failed under, `failures` counts how often.
ALTER TABLE job
    ADD COLUMN phase smallint NOT NULL DEFAULT 0,
    ADD COLUMN passing boolean NOT NULL DEFAULT false,
    ADD COLUMN version text NOT NULL DEFAULT '',
    ADD COLUMN failures integer NOT NULL DEFAULT 0;
CREATE INDEX job_passing ON job (shard, kind, ended_at) WHERE state = 'failed' AND passing;

-- What a job has done already, by the start that did it: a later start goes on from there.
CREATE TABLE job_step (
    shard smallint NOT NULL,
    job_id uuid NOT NULL,
    name text NOT NULL,
    lease integer NOT NULL,
    result jsonb NOT NULL,
    cpu_seconds real NOT NULL,
    peak_bytes bigint NOT NULL,
    done_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (shard, job_id, name),
    FOREIGN KEY (shard, job_id) REFERENCES job ON DELETE CASCADE
);

-- What happened to a job, for people.
CREATE TABLE job_event (
    shard smallint NOT NULL,
    job_id uuid NOT NULL,
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    lease integer NOT NULL,
    event text NOT NULL,
    detail text NOT NULL DEFAULT '',
    PRIMARY KEY (shard, job_id, id),
    FOREIGN KEY (shard, job_id) REFERENCES job ON DELETE CASCADE
);

-- The default is for a worker of the version before that still runs: its first starts have this number.
ALTER TABLE rendition ADD COLUMN generation integer NOT NULL DEFAULT 1;
UPDATE rendition SET generation = video.generation FROM video WHERE video.id = rendition.video_id AND video.generation IS NOT NULL;

-- Pictures by their path below the video's media, `{generation}/{name}`.
ALTER TABLE video
    ADD COLUMN audio_generation integer,
    ADD COLUMN preview text,
    ADD COLUMN storyboard text;
UPDATE video SET audio_generation = generation, poster = generation || '/' || poster WHERE generation IS NOT NULL;
