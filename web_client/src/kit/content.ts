/** Where the page itself begins. */

/** Moves the focus to the page, past the ways around it. */
export function enterContent(): void {
  const main = document.querySelector('main');
  if (!main) return;
  main.tabIndex = -1;
  main.focus({ preventScroll: true });
}
