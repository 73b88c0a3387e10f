/** Runs while the application is on its way: asks who this is, and for what the first screen shows. */
import { wasMember } from './accounts/hint';
import { renewedGrant } from './accounts/tokens';
import { routeOf } from './app/routes';
import { applicationStarted } from './app/start';
import { askForFirst } from './feed/first-page';

async function ask(): Promise<void> {
  const member = wasMember();
  if (member && (await renewedGrant(null)) === null) return;
  // Meanwhile the application may have started, or another tab logged out.
  if (applicationStarted() || member !== wasMember()) return;
  askForFirst(routeOf(location.pathname), member);
}

// The application asks who this is as well, and says what went wrong.
ask().catch(() => undefined);
