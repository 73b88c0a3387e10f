/** One's own picture: made small enough to send, shown, taken away. */
import { accountChanged, me } from '../accounts/session';
import { call } from '../api/call';
import { explain } from '../api/explain';
import { Problem } from '../api/problem';
import type { Account } from '../api/types';
import { keepUser } from '../follows/store';
import { fitting, NoPicture } from '../kit/photo';
import { words } from '../words/words';

const EDGE = 1024;

/** Sends a picture, and shows it on this page as soon as the server does. */
export async function changePicture(file: Blob): Promise<void> {
  const body = await fitting(file, EDGE);
  // The same bytes again wait for the work that is under way.
  took(await call('PUT', '/me/avatar', { body, repeatable: true }));
}

export async function removePicture(): Promise<void> {
  await call('DELETE', '/me/avatar');
  if (me.value) took({ ...me.value, avatar_url: null });
}

/** What went wrong with a picture, and what to do. */
export function explainPicture(error: unknown): string {
  if (error instanceof NoPicture || (error instanceof Problem && error.fields.file !== undefined))
    return words.value.profile.face.unreadable;
  if (error instanceof Problem && error.code === 'quota_exceeded')
    return words.value.profile.face.often;
  return explain(error);
}

function took(account: Account): void {
  accountChanged(account);
  keepUser(account);
}
