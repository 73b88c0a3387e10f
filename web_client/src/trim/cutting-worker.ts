/**
 * The worker that cuts: packets are copied from the key picture before the part on, and an edit list hides what comes before
 * it, so nothing is decoded or encoded (docs/decisions/0043).
 */
import {
  BlobSource,
  Conversion,
  Input,
  MATROSKA,
  MP4,
  Mp4OutputFormat,
  Output,
  QTFF,
  StreamTarget,
  type StreamTargetChunk,
  WEBM,
} from 'mediabunny';
import type { Question, Word } from './cutting';
import { Pieces } from './pieces';
import type { TrimRange } from './range';

/** What the server takes, as far as it can be read here. */
const FORMATS = [MP4, QTFF, MATROSKA, WEBM];

const say = (word: Word) => postMessage(word);

onmessage = ({ data }: MessageEvent<Question>) => {
  const told = data.kind === 'look' ? look(data.file) : cut(data.file, data.range);
  told.then(say, (error: unknown) => say({ kind: 'failed', why: String(error) }));
};

async function look(file: Blob): Promise<Word> {
  const conversion = await conversionOf(file, undefined, new Pieces());
  return { kind: 'looked', cuttable: conversion !== null };
}

async function cut(file: Blob, range: TrimRange): Promise<Word> {
  const pieces = new Pieces();
  const conversion = await conversionOf(file, range, pieces);
  if (!conversion) return { kind: 'failed', why: 'its pictures or its sound cannot be copied' };
  conversion.onProgress = (share) => say({ kind: 'progress', share });
  await conversion.execute();
  return { kind: 'cut', part: pieces.whole('video/mp4') };
}

/** Null where something of the file would be lost: its only picture or sound in a form that an MP4 cannot hold. */
async function conversionOf(
  file: Blob,
  range: TrimRange | undefined,
  pieces: Pieces,
): Promise<Conversion | null> {
  const input = new Input({ source: new BlobSource(file), formats: FORMATS });
  const target = new StreamTarget(
    new WritableStream<StreamTargetChunk>({
      write: ({ data, position }) => pieces.put(position, data),
    }),
    { chunked: true },
  );
  const conversion = await Conversion.init({
    input,
    output: new Output({ format: new Mp4OutputFormat({ fastStart: false }), target }),
    tracks: 'primary',
    copy: { mode: 'forced' },
    showWarnings: false,
    ...(range && { trim: { start: range.startMs / 1000, end: range.endMs / 1000 } }),
  });
  const lost = conversion.discardedTracks.some(({ reason }) => reason !== 'discarded_by_user');
  return conversion.isValid && !lost ? conversion : null;
}
