import { expect, test } from 'vitest';
import { Draft, withinPart } from '../../src/upload/draft';

const limits = {
  max_bytes: 500_000_000,
  max_duration_ms: 180_000,
  remaining_today: 48,
  accepted_types: ['video/mp4'],
};
const file = new File(['x'], 'a.mp4', { type: 'video/mp4' });
const draftOf = (durationMs: number | null) =>
  new Draft({ file, durationMs, picture: durationMs ? new Blob() : null }, limits);

test('all of a clip is posted as it is', () => {
  const { trim, cover } = draftOf(12_000).posting(null);
  expect([trim, cover]).toEqual([null, null]);
});

test('of what is too long a part is posted, or nothing where none can be cut out', () => {
  const draft = draftOf(240_000);
  expect(draft.posting(null).trim).toEqual({ startMs: 0, endMs: 180_000 });
  expect(draft.obstacle.value).toBeNull();
  draft.cuttable.value = false;
  expect(draft.obstacle.value).toMatch(/is 4:00 long/);
});

test('what cannot be played here goes as it is', () => {
  const draft = draftOf(null);
  expect(draft.obstacle.value).toBeNull();
  expect(draft.posting(null).trim).toBeNull();
});

test('what is heard but not seen here is not trimmed', () => {
  const draft = new Draft({ file, durationMs: 240_000, picture: null }, limits);
  expect(draft.bounds).toBeNull();
  expect(draft.obstacle.value).toMatch(/is 4:00 long/);
});

test('a title of too many characters is not posted; a flag is two, a letter one', () => {
  const draft = draftOf(12_000);
  draft.title.value = '🇩🇪'.repeat(75);
  expect(draft.obstacle.value).toBeNull();
  draft.title.value += 'x';
  expect(draft.obstacle.value).toBe('');
});

test('the moment of a cover counts from the beginning of the part', () => {
  const part = { startMs: 2_000, endMs: 5_000 };
  expect(withinPart({ at_ms: 3_500 }, part)).toEqual({ at_ms: 1_500 });
  expect(withinPart({ at_ms: 500 }, part)).toEqual({ at_ms: 0 });
  expect(withinPart({ at_ms: 9_000 }, part)).toEqual({ at_ms: 3_000 });
  expect(withinPart({ at_ms: 9_000 }, null)).toEqual({ at_ms: 9_000 });
});

test('what is posted before it is known whether a part can be cut out waits for that, asked once', async () => {
  for (const can of [true, false]) {
    let answer: (can: boolean) => void = () => undefined;
    let asked = 0;
    const draft = new Draft({ file, durationMs: 12_000, picture: new Blob() }, limits, () => {
      asked++;
      return new Promise((resolve) => (answer = resolve));
    });
    expect(await draft.isAsShown()).toBe(true);
    draft.range.value = { startMs: 1_000, endMs: 3_000 };
    const shown = draft.isAsShown();
    const posted = draft.isAsShown();
    answer(can);
    expect(await Promise.all([shown, posted])).toEqual([can, can]);
    expect(asked).toBe(1);
    expect(draft.posting(null).trim).toEqual(can ? draft.range.value : null);
    // By now the screen says that all of it is posted.
    expect(await draft.isAsShown()).toBe(true);
  }
});
