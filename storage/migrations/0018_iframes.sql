-- Key pictures for scrubbing are renditions of their own: they were those of every variant.

ALTER TABLE rendition
    DROP CONSTRAINT rendition_kind_check,
    ADD CONSTRAINT rendition_kind_check CHECK (kind IN ('mp4', 'hls', 'iframes'));

INSERT INTO rendition (video_id, name, kind, generation, width, height, bitrate, bytes, facts)
SELECT video_id, 'iframes-' || name, 'iframes', generation, width, height, (facts ->> 'iframe_bandwidth')::integer, 0,
    jsonb_build_object(
        'name', 'iframes-' || name, 'width', width, 'height', height, 'codecs', facts -> 'codecs',
        'bandwidth', facts -> 'iframe_bandwidth', 'average_bandwidth', facts -> 'iframe_average_bandwidth',
        'playlist', facts -> 'iframes', 'track', facts -> 'track', 'bytes', 0
    )
FROM rendition
WHERE kind = 'hls' AND facts ? 'iframes';
