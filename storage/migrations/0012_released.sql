-- What a video has shown of another's stays where it was looked up while somebody may hold its URL.

-- Null while the video shows it.
ALTER TABLE shared_generation ADD COLUMN until timestamptz;
CREATE INDEX shared_generation_over ON shared_generation (until) WHERE until IS NOT NULL;
