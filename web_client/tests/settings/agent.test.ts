import { describe, expect, it } from 'vitest';
import { agentOf, programOf } from '../../src/settings/agent';

const CHROME_ANDROID =
  'Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36';
const SAFARI_IPHONE =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Mobile/15E148 Safari/604.1';
const EDGE_WINDOWS =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0';
const FIREFOX_MAC =
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:144.0) Gecko/20100101 Firefox/144.0';

describe('where one is logged in', () => {
  it('is called as people call it, whatever else the browser claims to be', () => {
    expect(agentOf(CHROME_ANDROID)).toEqual({ browser: 'Chrome', system: 'Android' });
    expect(agentOf(SAFARI_IPHONE)).toEqual({ browser: 'Safari', system: 'iPhone' });
    expect(agentOf(EDGE_WINDOWS)).toEqual({ browser: 'Edge', system: 'Windows' });
    expect(agentOf(FIREFOX_MAC)).toEqual({ browser: 'Firefox', system: 'Mac' });
  });

  it('is a program by its own name, or by none', () => {
    expect(agentOf('Python/3.11 aiohttp/3.13')).toBeNull();
    expect(programOf('reelwire-live/0.1 (linux)')).toBe('reelwire-live');
    expect(programOf('\u202Eevil <img onerror=alert(1)>')).toBe('');
    expect(programOf('')).toBe('');
  });
});
