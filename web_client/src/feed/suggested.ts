/** For you: what the server suggests, to guests what is popular; and why each of it is there. */
import { signal } from '@preact/signals';
import { me } from '../accounts/session';
import { call } from '../api/call';
import type { Why } from '../api/types';
import { onBlockChange } from '../blocks/store';
import { VideoList } from '../videos/list';
import { onVideoGone } from '../videos/store';
import { pageQuery } from './first-page';

/** More than one scrolls through; the oldest are forgotten. */
const MOST_WHYS = 1000;

const whys = signal<ReadonlyMap<string, Why['code']>>(new Map());

export const suggested = new VideoList(async (cursor) => {
  const page = await call('GET', '/feed/suggested', { query: pageQuery(cursor) });
  const told = page.items.map(({ id, why }) => [id, why.code] as const);
  whys.value = new Map([...whys.peek(), ...told].slice(-MOST_WHYS));
  return page;
});

/** Why it is suggested, as a word of the API; undefined where it is not known. */
export function whyOf(id: string): Why['code'] | undefined {
  return whys.value.get(id);
}

onVideoGone((id) => suggested.remove(id));
onBlockChange(anew);
/** Who logs in is suggested something else. */
let asked = me.peek()?.id;
me.subscribe((account) => {
  if (account?.id === asked) return;
  asked = account?.id;
  anew();
});

function anew(): void {
  if (suggested.state.value !== 'new') void suggested.reload();
}
