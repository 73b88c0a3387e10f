import { expect, test, vi } from 'vitest';
import {
  forgetAccount,
  forgetOthers,
  keepFile,
  keepUpload,
  type KeptUpload,
  keptFile,
  keptUploads,
  OTHERS_KEPT_MS,
} from '../../src/upload/shelf';
import { indexedDatabase } from './browser';

vi.stubGlobal('indexedDB', indexedDatabase());

test('an account that is no more has nothing here, and others keep what is theirs', async () => {
  const mine = { key: '1', account: 'a', createdAt: 500 } as KeptUpload;
  const others = { key: '2', account: 'b', createdAt: 1_000 } as KeptUpload;
  await keepUpload(mine);
  await keepFile(mine.key, new Blob(['abc']));
  await keepUpload(others);
  await forgetAccount('a');
  expect(await keptUploads('a')).toEqual([]);
  expect(await keptFile(mine.key)).toBeUndefined();
  await forgetOthers('b', 1_001 + OTHERS_KEPT_MS);
  await forgetOthers('a', 1_000 + OTHERS_KEPT_MS);
  expect(await keptUploads('b')).toEqual([others]);
  await forgetOthers('a', 1_001 + OTHERS_KEPT_MS);
  expect(await keptUploads('b')).toEqual([]);
});
