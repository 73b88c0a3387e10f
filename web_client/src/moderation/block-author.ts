/** Blocking from a clip: its author, with a way back. */
import type { Video } from '../api/types';
import { setBlocked } from '../blocks/store';
import { fetchUser } from '../follows/store';
import { tellFailure } from '../kit/toast';

export async function blockAuthor({ author }: Video): Promise<void> {
  try {
    await setBlocked(await fetchUser(author.id), true);
  } catch (error) {
    tellFailure(error);
  }
}
