/** The one door through which addresses become scripts: the page's policy (Trusted Types) lets no other string in. */

/** What lib.dom does not know yet: w3c.github.io/trusted-types. */
interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { createScriptURL: (url: string) => string },
  ): { createScriptURL: (url: string) => unknown };
}

/** The name that the page's policy allows (edge/config.py). */
const NAME = 'reelwire';
const OURS = /^\/(sw\.js|assets\/[\w-]+\.js)$/;

const known = (globalThis as { trustedTypes?: TrustedTypes }).trustedTypes;
const policy = known?.createPolicy(NAME, { createScriptURL: ours });

/**
 * The address of a worker of ours, in the form that the browser takes.
 *
 * Throws for everything that the build has not made.
 */
export function scriptUrl(path: string): string {
  return policy ? (policy.createScriptURL(path) as string) : ours(path);
}

function ours(path: string): string {
  if (!OURS.test(path)) throw new TypeError(`${path} is no script of ours`);
  return path;
}
