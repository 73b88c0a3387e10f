-- Videos of the same bytes share what is stored of them.

-- Which videos came from these bytes, whosever they are.
CREATE TABLE file_video (
    sha256 bytea NOT NULL,
    video_id uuid NOT NULL,
    author_id uuid NOT NULL,
    PRIMARY KEY (sha256, video_id)
);
INSERT INTO file_video (sha256, video_id, author_id) SELECT sha256, video_id, author_id FROM author_file;

-- What was made of a video: an object of paths, `{generation}/{name}`, with the SHA-256 of each file, hexadecimal.
CREATE TABLE made_file (
    video_id uuid PRIMARY KEY REFERENCES video ON DELETE CASCADE,
    digests jsonb NOT NULL
);

-- Files of a video's generation that lie where another's do; all of them where `names` is null. No cascade: whoever deletes a
-- video has to say first that it uses nothing any more.
CREATE TABLE shared_generation (
    video_id uuid NOT NULL REFERENCES video,
    generation integer NOT NULL,
    media_id uuid NOT NULL,
    media_generation integer NOT NULL,
    names text[],
    PRIMARY KEY (video_id, generation, media_id, media_generation)
);

-- The same from the other side: who uses a generation. The video `media_id` itself may be gone.
CREATE TABLE media_user (
    media_id uuid NOT NULL,
    generation integer NOT NULL,
    video_id uuid NOT NULL,
    PRIMARY KEY (media_id, generation, video_id)
);

-- `orphaned`: only if the video itself is gone; otherwise the objects are its own.
ALTER TABLE object_removal ADD COLUMN orphaned boolean NOT NULL DEFAULT false;
