-- Where what was made of a video lies: at hand, or in the archive. By video. No row: it is at hand, and always was.

-- warm: all is at hand, and stays so until `warm_until` at least.
-- archiving: it is being copied to the archive; it plays as always, and is left alone if somebody watches it.
-- archived: only the pictures and the MP4 at `warm_path` are shown. What else is at hand may go from `clear_at` on, for until then
--   somebody may hold its URL; `clearing_at`: its removal has begun; `cleared`: it is gone.
-- restoring: the same, and a job brings it back.
-- `bytes` are in the archive; of what several videos share one of them counts it.
CREATE TABLE video_tier (
    video_id uuid PRIMARY KEY,
    tier text NOT NULL CHECK (tier IN ('warm', 'archiving', 'archived', 'restoring')),
    since timestamptz NOT NULL DEFAULT now(),
    warm_until timestamptz,
    warm_path text,
    bytes bigint NOT NULL DEFAULT 0,
    clear_at timestamptz,
    clearing_at timestamptz,
    cleared boolean NOT NULL DEFAULT false
);
CREATE INDEX video_tier_clear ON video_tier (clear_at) WHERE tier = 'archived' AND NOT cleared;
CREATE INDEX video_tier_restoring ON video_tier (since) WHERE tier = 'restoring';

-- Originals in the archive, and nowhere else. By video; `key` is that of `raw_object`.
CREATE TABLE cold_original (
    video_id uuid PRIMARY KEY,
    key text NOT NULL,
    bytes bigint NOT NULL,
    since timestamptz NOT NULL DEFAULT now()
);
