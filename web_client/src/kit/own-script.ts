/** Scripts of ours that the browser starts by their address: the page's policy wants to know who made it (Trusted Types). */

/** Chromium has it; whoever has not is content with the address. */
interface Policies {
  createPolicy(
    name: string,
    rules: { createScriptURL: (url: string) => string },
  ): { createScriptURL: (url: string) => string };
}

const policies = (globalThis as { trustedTypes?: Policies }).trustedTypes;
const policy = policies?.createPolicy('reelwire-scripts', { createScriptURL: ours });

/**
 * An address that `Worker` takes.
 *
 * Throws where it is not of our own origin.
 */
export function ownScript(url: string): string {
  return policy ? policy.createScriptURL(url) : ours(url);
}

function ours(url: string): string {
  if (new URL(url, location.href).origin !== location.origin) throw new Error('not ours');
  return url;
}
