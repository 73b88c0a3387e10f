-- What the store has lost of a video: it is made again, and until then nobody shares it.

-- The list of what was made stays, for it says what to look for where no job does.
ALTER TABLE made_file ADD COLUMN lost boolean NOT NULL DEFAULT false;
CREATE INDEX made_file_lost ON made_file (video_id) WHERE lost;
