/** Finding people: by their exact name, and those who posted lately. */
import { type Signal, useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { refusedWith } from '../api/problem';
import type { User } from '../api/types';
import { latest } from '../feed/latest';
import { PeopleSkeleton, PersonRow } from '../follows/people';
import { fetchUser, isMe } from '../follows/store';
import { Icon } from '../kit/icon';
import { PageFrame } from '../kit/page-frame';
import { Empty, Failed } from '../kit/state';
import { knownVideo } from '../videos/store';
import './find.css';

type Outcome =
  | { kind: 'nothing' | 'looking' }
  | { kind: 'found'; user: Signal<User> }
  | { kind: 'nobody'; name: string }
  | { kind: 'failed'; error: unknown };

/** What a username can be; anything else is not worth a question. */
const USERNAME = /^\w{3,30}$/;

export function FindPage() {
  const name = useSignal('');
  const outcome = useSignal<Outcome>({ kind: 'nothing' });
  const look = async () => {
    const wanted = name.value.trim().replace(/^@/, '');
    if (!wanted) return;
    outcome.value = { kind: 'looking' };
    outcome.value = USERNAME.test(wanted)
      ? await lookFor(wanted)
      : { kind: 'nobody', name: wanted };
  };
  return (
    <PageFrame title="Find people" backTo="/">
      <form
        class="find"
        role="search"
        onSubmit={(event) => {
          event.preventDefault();
          void look();
        }}
      >
        <Icon name="find" />
        <input
          type="search"
          enterkeyhint="search"
          autocomplete="off"
          autocapitalize="none"
          spellcheck={false}
          autofocus
          aria-label="Username"
          placeholder="Username"
          value={name.value}
          onInput={(event) => {
            name.value = event.currentTarget.value;
            if (!name.value) outcome.value = { kind: 'nothing' };
          }}
        />
        <button class="button button-main button-slim" disabled={!name.value.trim()}>
          Find
        </button>
      </form>
      <Result outcome={outcome.value} onRetry={() => void look()} />
    </PageFrame>
  );
}

async function lookFor(name: string): Promise<Outcome> {
  try {
    return { kind: 'found', user: await fetchUser(name) };
  } catch (error) {
    return refusedWith(error, 'not_found') ? { kind: 'nobody', name } : { kind: 'failed', error };
  }
}

function Result({ outcome, onRetry }: { outcome: Outcome; onRetry: () => void }) {
  switch (outcome.kind) {
    case 'nothing':
      return <RecentPeople />;
    case 'looking':
      return <PeopleSkeleton rows={1} />;
    case 'found':
      return (
        <ul class="people" aria-label="Found">
          <PersonRow user={outcome.user} />
        </ul>
      );
    case 'nobody':
      return (
        <Empty icon="person" title={`Nobody is called ${outcome.name}`}>
          Names are matched exactly. Check the spelling, or ask for their link.
        </Empty>
      );
    case 'failed':
      return <Failed error={outcome.error} onRetry={onRetry} />;
  }
}

const MOST_PEOPLE = 8;

/** Who posted lately, from the newest videos of everybody. */
function RecentPeople() {
  const users = useSignal<readonly Signal<User>[] | null>(null);
  useEffect(() => {
    let shown = true;
    void recentPeople().then((people) => {
      if (shown) users.value = people;
    });
    return () => {
      shown = false;
    };
  }, [users]);
  if (users.value?.length === 0) return null;
  return (
    <section class="find-recent">
      <h2>Posted lately</h2>
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
