/** Which of a video's sources to use: an MP4 for the start, HLS afterwards where it shows more. */
import type { Source, Video } from '../api/types';

const MP4 = 'video/mp4';
const HLS = 'application/vnd.apple.mpegurl';
const LEAST_HEAD = 64 * 1024;
const MOST_HEAD = 1024 * 1024;

/** The server sorts: its first MP4 is the safe start. Whoever saves data takes the smallest. */
export function startOf(video: Video, saving = false): Source | null {
  const files = video.sources.filter((source) => source.type === MP4);
  return (saving ? files.sort((one, other) => one.bitrate - other.bitrate)[0] : files[0]) ?? null;
}

/** Bytes in which the index and the first second lie: the first picture is larger than others. */
export function headOf(source: Source): number {
  return Math.min(
    source.bytes ?? MOST_HEAD,
    LEAST_HEAD + Math.round(source.bitrate / 8),
    MOST_HEAD,
  );
}

/** Bytes of the first seconds of a video, by its average. */
export function bytesUntil(source: Source, seconds: number): number {
  return Math.min(Math.round((source.bitrate / 8) * seconds), source.bytes ?? Infinity);
}

/** The adaptive stream of a finished video. */
export function streamOf(video: Video): Source | null {
  if (video.status !== 'ready') return null;
  return video.sources.find((source) => source.type === HLS) ?? null;
}

/** Is the stream's best picture finer than the MP4 on a screen of that many device pixels across the short edge? */
export function worthStreaming(start: Source, stream: Source, screenShortEdge: number): boolean {
  const have = shortEdge(start);
  return have < shortEdge(stream) && have < screenShortEdge;
}

/** Does any address of this video stop working before `now` plus a margin? */
export function expired(video: Video, now: number = Date.now()): boolean {
  const margin = 30_000;
  return video.sources.some(
    ({ expires_at }) => expires_at !== null && Date.parse(expires_at) - margin < now,
  );
}

function shortEdge({ width, height }: Source): number {
  return Math.min(width, height);
}
