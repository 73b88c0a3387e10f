/** Search: people and hashtags that begin with what is typed; before that, those who posted lately. */
import { type Signal, useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { call } from '../api/call';
import type { Found, User } from '../api/types';
import { latest } from '../feed/latest';
import { PeopleSkeleton, PersonRow } from '../follows/people';
import { fetchUser, isMe, keepUser } from '../follows/store';
import { Icon } from '../kit/icon';
import { tick } from '../kit/moments';
import { PageFrame } from '../kit/page-frame';
import { Empty, Failed } from '../kit/state';
import { pageOfHashtag, trimmed } from '../kit/text';
import { knownVideo } from '../videos/store';
import { words } from '../words/words';
import { askedSoon } from './asking';
import './find.css';

/** The server takes no more. */
const MOST_CHARACTERS = 100;

type Outcome =
  | { kind: 'nothing' | 'looking' }
  | { kind: 'found'; users: Signal<User>[]; hashtags: Found['hashtags'] }
  | { kind: 'failed'; error: unknown };

export function FindPage() {
  const typed = useSignal('');
  const field = useRef<HTMLInputElement>(null);
  const { outcome, retry } = useSearch(trimmed(typed.value));
  const says = words.value.find;
  return (
    <PageFrame title={says.title} backTo="/">
      <form class="find" role="search" onSubmit={(event) => event.preventDefault()}>
        <Icon name="find" />
        <input
          ref={field}
          type="search"
          enterkeyhint="search"
          autocomplete="off"
          autocapitalize="none"
          spellcheck={false}
          autofocus
          maxLength={MOST_CHARACTERS}
          aria-label={says.what}
          placeholder={says.what}
          value={typed.value}
          onInput={(event) => (typed.value = event.currentTarget.value)}
        />
        {typed.value && (
          <button
            type="button"
            class="round-button find-clear"
            aria-label={says.clear}
            onClick={() => {
              typed.value = '';
              field.current?.focus();
            }}
          >
            <Icon name="close" />
          </button>
        )}
      </form>
      <Result outcome={outcome} onRetry={retry} />
    </PageFrame>
  );
}

/** What was found stays until there is something newer; an answer that comes too late is dropped. */
function useSearch(wanted: string) {
  const outcome = useSignal<Outcome>({ kind: 'nothing' });
  const tries = useSignal(0);
  useEffect(() => {
    if (!wanted) {
      outcome.value = { kind: 'nothing' };
      return undefined;
    }
    if (outcome.value.kind !== 'found') outcome.value = { kind: 'looking' };
    return askedSoon(
      () => lookFor(wanted),
      (found) => (outcome.value = found),
    );
  }, [wanted, tries.value, outcome]);
  return { outcome: outcome.value, retry: () => (tries.value += 1) };
}

async function lookFor(q: string): Promise<Outcome> {
  const asked = tick();
  try {
    const { users, hashtags } = await call('GET', '/search', { query: { q } });
    return { kind: 'found', users: users.map((user) => keepUser(user, asked)), hashtags };
  } catch (error) {
    return { kind: 'failed', error };
  }
}

function Result({ outcome, onRetry }: { outcome: Outcome; onRetry: () => void }) {
  switch (outcome.kind) {
    case 'nothing':
      return <RecentPeople />;
    case 'looking':
      return <PeopleSkeleton rows={3} />;
    case 'failed':
      return <Failed error={outcome.error} onRetry={onRetry} />;
  }
  const { users, hashtags } = outcome;
  const says = words.value.find;
  if (users.length + hashtags.length === 0)
    return (
      <Empty icon="find" title={says.nothing}>
        {says.nothingMore}
      </Empty>
    );
  return (
    <>
      {users.length > 0 && (
        <ul class="people" aria-label={says.people}>
          {users.map((user) => (
            <PersonRow key={user.value.id} user={user} />
          ))}
        </ul>
      )}
      {hashtags.length > 0 && (
        <ul class="people" aria-label={says.hashtags}>
          {hashtags.map(({ tag, videos }) => (
            <li key={tag} class="person">
              <a class="person-link" href={pageOfHashtag(tag)}>
                <span class="find-hash" aria-hidden="true">
                  #
                </span>
                <span class="person-words">
                  <b>
                    <bdi>#{tag}</bdi>
                  </b>
                  <small>{says.videos(videos)}</small>
                </span>
              </a>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

const MOST_PEOPLE = 8;

/** Who posted lately, from the newest videos of everybody. */
function RecentPeople() {
  const users = useSignal<readonly Signal<User>[] | null>(null);
  useEffect(() => {
    void recentPeople().then((people) => (users.value = people));
  }, [users]);
  if (users.value?.length === 0) return null;
  return (
    <section class="find-recent">
      <h2>{words.value.find.lately}</h2>
      {users.value ? (
        <ul class="people">
          {users.value.map((user) => (
            <PersonRow key={user.value.id} user={user} />
          ))}
        </ul>
      ) : (
        <PeopleSkeleton />
      )}
    </section>
  );
}

async function recentPeople(): Promise<Signal<User>[]> {
  await latest.load();
  const authors = new Set(latest.ids.value.flatMap((id) => knownVideo(id)?.value.author.id ?? []));
  const wanted = [...authors].filter((id) => !isMe(id)).slice(0, MOST_PEOPLE);
  const found = await Promise.allSettled(wanted.map((id) => fetchUser(id)));
  return found.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
}
