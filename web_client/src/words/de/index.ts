/** Deutsch. */
import type { Words } from '../words';
import { accounts } from './accounts';
import { app } from './app';
import { comments } from './comments';
import { completing } from './completing';
import { creator } from './creator';
import { failures } from './failures';
import { feed } from './feed';
import { find } from './find';
import { kit } from './kit';
import { live } from './live';
import { moderation } from './moderation';
import { nav } from './nav';
import { notifications } from './notifications';
import { numbers } from './numbers';
import { people } from './people';
import { profile } from './profile';
import { record } from './record';
import { settings } from './settings';
import { trim } from './trim';
import { upload } from './upload';
import { videos } from './videos';

export const de: Words = {
  accounts,
  app,
  comments,
  completing,
  creator,
  failures,
  feed,
  find,
  kit,
  live,
  moderation,
  nav,
  notifications,
  numbers,
  people,
  profile,
  record,
  settings,
  trim,
  upload,
  videos,
};
