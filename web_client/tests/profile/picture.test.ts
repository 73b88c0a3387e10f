import { beforeAll, describe, expect, it, vi } from 'vitest';
import { Problem } from '../../src/api/problem';
import { sized } from '../../src/kit/avatar';
import { within } from '../../src/kit/photo';

let explainPicture: (error: unknown) => string;

beforeAll(async () => {
  // kit/motion.ts asks the browser at once.
  vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener: () => undefined }));
  ({ explainPicture } = await import('../../src/profile/picture'));
});

describe('a picture that is sent', () => {
  it('keeps its shape and is never enlarged', () => {
    expect(within(4000, 3000, 1024)).toEqual([1024, 768]);
    expect(within(300, 200, 1024)).toEqual([300, 200]);
    expect(within(9000, 2, 1024)).toEqual([1024, 1]);
  });

  it('is refused in words that help', () => {
    const refused = new Problem(422, { code: 'invalid', errors: [{ field: 'file', detail: 'x' }] });
    expect(explainPicture(refused)).toContain('JPEG');
    expect(explainPicture(new Problem(429, { code: 'quota_exceeded' }))).toContain('hour');
  });
});

describe('a face', () => {
  it('comes in the size that it is shown in', () => {
    expect(sized('/media/avatars/a/b-1-320.jpg', 'large')).toBe('/media/avatars/a/b-1-96.jpg');
    expect(sized('/media/avatars/a/b-1-320.jpg', 'huge')).toBe('/media/avatars/a/b-1-320.jpg');
  });
});
