/** What a session's `User-Agent` stands for: a browser and a system, as people call them. */

/** The first that is found names it: most browsers claim to be others as well. */
const BROWSERS: readonly [RegExp, string][] = [
  [/\bEdgA?\//, 'Edge'],
  [/\bOPR\//, 'Opera'],
  [/\bSamsungBrowser\//, 'Samsung Internet'],
  [/\bFirefox\/|\bFxiOS\//, 'Firefox'],
  [/\bChrome\/|\bCriOS\/|\bHeadlessChrome\//, 'Chrome'],
  [/\bSafari\//, 'Safari'],
];
const SYSTEMS: readonly [RegExp, string][] = [
  [/\biPhone\b/, 'iPhone'],
  [/\biPad\b/, 'iPad'],
  [/\bAndroid\b/, 'Android'],
  [/\bWindows\b/, 'Windows'],
  [/\bMac OS X\b|\bMacintosh\b/, 'Mac'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\bLinux\b/, 'Linux'],
];

/** A browser without a system cannot be; other programs have their own names. */
export interface Agent {
  browser: string;
  system: string;
}

/** Null for what is no browser that we know. */
export function agentOf(text: string): Agent | null {
  const browser = named(BROWSERS, text);
  const system = named(SYSTEMS, text);
  return browser && system ? { browser, system } : null;
}

/** The name that a program gives itself, such as "reelwire-live"; empty where there is none. */
export function programOf(text: string): string {
  return /^[\w.-]{1,40}/.exec(text)?.[0] ?? '';
}

function named(known: readonly [RegExp, string][], text: string): string | null {
  return known.find(([mark]) => mark.test(text))?.[1] ?? null;
}
