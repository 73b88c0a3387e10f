/** The comments of a video. */
import { count } from '../count';

export const comments = {
  headline: (n: number) => `${count(n)} ${n === 1 ? 'comment' : 'comments'}`,
  more: 'Show more',
  none: 'No comments yet',
  noneWhy: 'Be the first to comment.',
  sending: 'sending',
  notSent: 'Not sent. Try again',
  remove: 'Delete this comment',
  removed: 'Deleted',
  undo: 'Undo',
  add: 'Add a comment',
  send: 'Send',
  logIn: 'Log in to comment',
  toComment: 'to comment',
};
