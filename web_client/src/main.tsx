/** Starts the application: words, theme, address bar, session, and for members the feed and the live session. */
import './kit/tokens.css';
import './kit/tokens-light.css';
import './kit/base.css';
import { render } from 'preact';
import { me, startSession } from './accounts/session';
import { loadPages } from './app/lazily';
import { canonical, routeOf, showsVideos } from './app/routes';
import { Shell } from './app/shell';
import { markApplicationStarted } from './app/start';
import { startTheme } from './app/theme';
import { startTypeface } from './app/typeface';
import { startUpdates } from './app/updates';
import { startHearingBlocks } from './blocks/store';
import { startFollowing } from './feed/following';
import { startHearing } from './feed/on-screen';
import { stage } from './playback/the-stage';
import { startMotion } from './kit/motion';
import { startOnline } from './kit/online';
import { go, path, startRouter } from './kit/router';
import { startSettling } from './kit/undo';
import { startCounting } from './notifications/unread';
import { startWatching } from './plays/watching';
import { startTelling } from './qoe/telling';
import { startUploads } from './upload/uploads';
import { startWords } from './words/words';

markApplicationStarted();
startTheme();
// If the font cannot be loaded, the fallback stays.
startTypeface().catch(() => undefined);
startMotion();
startOnline();
startRouter();
if (canonical(path.peek()) !== path.peek()) go(canonical(path.peek()), { replace: true });
startSettling();
startTelling(() => showsVideos(routeOf(path.value)));

// Once: another account begins with a fresh page (accounts/session.ts).
let begun = false;
me.subscribe((account) => {
  if (!account || begun) return;
  begun = true;
  void startFollowing();
  startUploads();
  startWatching();
  startHearing();
  startHearingBlocks();
  startCounting();
});
// The question who this is goes out before the page is drawn.
void startSession();
const root = document.getElementById('app');
void startWords().then(() => root && render(<Shell />, root));
stage.rested.subscribe((rested) => rested && void loadPages());
void startUpdates();
