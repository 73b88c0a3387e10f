-- Who believes its memory, and until when: whoever changes what others have in memory waits until they have heard of it.
-- On Citus a reference table: there are as many rows as processes.
CREATE TABLE listener (
    id uuid PRIMARY KEY,
    believes_until timestamptz NOT NULL
);

-- Who was here lately, for whom feeds are made ready before they come.
CREATE INDEX session_last_used ON session (last_used_at DESC);
