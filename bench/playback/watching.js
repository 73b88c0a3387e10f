/** What a page sees of itself while it is measured: when each video became the current one, when it moved, when it stood still. */
(() => {
  const seen = { videos: [], first: null };
  window.playbackSeen = seen;
  let current = null;

  /** Calls back with the next painted frame of the current video once it plays. */
  function moving(item, then) {
    const video = [...item.querySelectorAll('video')].find((one) => !one.paused);
    if (item.inert || !item.isConnected) return;
    if (!video) requestAnimationFrame(() => moving(item, then));
    else
      video.requestVideoFrameCallback((now) => {
        if (video.paused) moving(item, then);
        else then(now);
      });
  }

  function look() {
    const item = document.querySelector('.reel-item:not([inert])');
    const id = item?.dataset.video ?? null;
    if (id === null || id === current?.id) return;
    const now = performance.now();
    if (current) current.left ??= now;
    current = { id, since: now, moved: null, left: null, stalls: [], reached: 0, duration: 0 };
    seen.videos.push(current);
    const mine = current;
    moving(item, (at) => {
      mine.moved = at;
      seen.first ??= at;
    });
  }

  const ours = ({ target }) => current && !target.closest('[inert]') && target.closest('[data-video]')?.dataset.video === current.id;
  const on = (name, then) => document.addEventListener(name, (event) => ours(event) && then(event.target), true);
  on('waiting', (video) => {
    if (current.moved !== null && !video.seeking && !video.paused) current.stalls.push([performance.now(), null]);
  });
  on('playing', () => {
    const stall = current.stalls.at(-1);
    if (stall) stall[1] ??= performance.now();
  });
  on('timeupdate', (video) => {
    current.reached = Math.max(current.reached, video.currentTime);
    current.duration = video.duration;
  });
  const watch = () =>
    new MutationObserver(look).observe(document.documentElement, {
      subtree: true,
      childList: true,
      attributes: true,
      attributeFilter: ['inert'],
    });
  if (document.documentElement) watch();
  else addEventListener('DOMContentLoaded', watch);
})();
