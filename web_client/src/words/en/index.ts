/** English: what every other language is measured by. */
import { comments } from './comments';
import { failures } from './failures';
import { feed } from './feed';
import { live } from './live';
import { moderation } from './moderation';
import { nav } from './nav';
import { numbers } from './numbers';
import { videos } from './videos';

export const en = { comments, failures, feed, live, moderation, nav, numbers, videos };
