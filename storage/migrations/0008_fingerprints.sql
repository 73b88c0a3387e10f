-- What videos look like, for finding copies.

-- `moments`: MessagePack of media.fingerprint's moments, eight a second. `keys`: what copies of it share with it; whoever looks
-- for them counts the shared ones.
CREATE TABLE fingerprint (
    video_id uuid PRIMARY KEY REFERENCES video ON DELETE CASCADE,
    moments bytea NOT NULL,
    keys integer[] NOT NULL
);
CREATE INDEX fingerprint_keys ON fingerprint USING gin (keys);
