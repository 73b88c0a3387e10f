/** Deutsch. */
import type { Words } from '../words';
import { comments } from './comments';
import { completing } from './completing';
import { failures } from './failures';
import { feed } from './feed';
import { live } from './live';
import { moderation } from './moderation';
import { nav } from './nav';
import { numbers } from './numbers';
import { trim } from './trim';
import { upload } from './upload';
import { videos } from './videos';

export const de: Words = {
  comments,
  completing,
  failures,
  feed,
  live,
  moderation,
  nav,
  numbers,
  trim,
  upload,
  videos,
};
