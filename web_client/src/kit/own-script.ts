/** Scripts of ours that the browser starts by their address: the page's policy wants to know who made it (Trusted Types). */

/** Chromium has it; whoever has not is content with the address. */
interface Policies {
  createPolicy(
    name: string,
    rules: { createScriptURL: (url: string) => string },
  ): { createScriptURL: (url: string) => string };
}

/** What the build makes; while developing scripts lie where they were written. */
const OURS = /^\/(sw\.js$|assets\/)/;

const policies = (globalThis as { trustedTypes?: Policies }).trustedTypes;
const policy = policies?.createPolicy('reelwire-scripts', { createScriptURL: ours });

/**
 * An address that workers can be made of.
 *
 * Throws where the build has not made it.
 */
export function ownScript(url: string): string {
  return policy ? policy.createScriptURL(url) : ours(url);
}

function ours(url: string): string {
  const { origin, pathname } = new URL(url, location.href);
  if (origin !== location.origin || !(import.meta.env.DEV || OURS.test(pathname)))
    throw new TypeError(`${url} is no script of ours`);
  return url;
}
