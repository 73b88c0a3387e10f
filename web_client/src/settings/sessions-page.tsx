/** Where one is logged in, the latest first, and the way to end what one does not know. */
import { type Signal, useSignal } from '@preact/signals';
import { call } from '../api/call';
import type { LogIn } from '../api/types';
import { PeopleSkeleton } from '../follows/people';
import { Icon } from '../kit/icon';
import { Button } from '../kit/button';
import { since } from '../kit/numbers';
import { PageFrame } from '../kit/page-frame';
import { usePages } from '../kit/paging';
import { Failed } from '../kit/state';
import { tell, tellFailure } from '../kit/toast';
import { useCaughtFocus } from '../kit/use-caught-focus';
import { language } from '../words/language';
import { words } from '../words/words';
import { agentOf, programOf } from './agent';
import './settings.css';

const PATH = '/sessions';

export function SessionsPage() {
  const says = words.value.settings;
  const ended = useSignal<ReadonlySet<string>>(new Set());
  const { items, state, failure, load } = usePages(PATH, (query) => call('GET', PATH, { query }));
  const list = useCaughtFocus(ended.value);
  const there = items.value.filter(({ id }) => !ended.value.has(id));
  return (
    <PageFrame title={says.sessions} note={says.sessionsMeans} backTo="/settings">
      <ul ref={list} class="people" tabIndex={-1} aria-label={says.sessions}>
        {there.map((one) => (
          <SessionRow key={one.id} one={one} ended={ended} />
        ))}
      </ul>
      {state.value === 'loading' && <PeopleSkeleton rows={items.value.length ? 1 : 3} />}
      {state.value === 'failed' && <Failed error={failure.value} onRetry={load} />}
      {state.value === 'more' && (
        <button class="button button-wide people-more" onClick={load}>
          {words.value.people.more}
        </button>
      )}
      {state.value === 'all' && there.length === 1 && (
        <p class="settings-note">{says.session.onlyMore}</p>
      )}
    </PageFrame>
  );
}

function SessionRow({ one, ended }: { one: LogIn; ended: Signal<ReadonlySet<string>> }) {
  const says = words.value.settings.session;
  const busy = useSignal(false);
  const name = nameOf(one);
  const begun = new Intl.DateTimeFormat(language.value, { dateStyle: 'medium' });
  const end = async () => {
    busy.value = true;
    try {
      await call('DELETE', '/sessions/{id}', { path: { id: one.id }, repeatable: true });
      ended.value = new Set([...ended.value, one.id]);
      tell(says.ended);
    } catch (error) {
      busy.value = false;
      tellFailure(error);
    }
  };
  return (
    <li class="person">
      <span class="session-mark" aria-hidden="true">
        <Icon name={/Mobile|Android|iPhone/.test(one.user_agent) ? 'device' : 'screen'} />
      </span>
      <span class="person-words session-words">
        <b>
          <bdi>{name}</bdi>
        </b>
        <small>
          {one.current ? <span class="session-here">{says.current}</span> : used(one.last_used_at)}
          {' · '}
          {says.since(begun.format(new Date(one.created_at)))}
        </small>
      </span>
      {!one.current && (
        <Button
          class="button button-slim"
          aria-label={says.endThis(name)}
          off={busy.value}
          onClick={() => void end()}
        >
          {says.end}
        </Button>
      )}
    </li>
  );
}

function nameOf({ user_agent }: LogIn): string {
  const says = words.value.settings.session;
  const agent = agentOf(user_agent);
  return agent ? says.on(agent.browser, agent.system) : programOf(user_agent) || says.unknown;
}

/** Days and hours are "ago", dates are not. */
function used(time: string): string {
  const says = words.value.settings.session;
  const when = since(time);
  const recent = Date.now() - new Date(time).getTime() < 7 * 86_400_000;
  return recent && when !== words.value.numbers.now ? says.usedAgo(when) : says.used(when);
}
