import { describe, expect, it } from 'vitest';
import { Problem, Unreachable } from '../../src/api/problem';
import { changesOf, faultsOf, slipsOf } from '../../src/settings/log-in-changes';

const ANN = 'ann@example.org';
const SAME = { email: ANN, password: '', current: '' };

describe('changing what one logs in with', () => {
  it('sends what is another one alone', () => {
    expect(changesOf({ ...SAME, current: 'known' }, ANN)).toEqual({});
    expect(changesOf({ ...SAME, email: 'new@example.org' }, ANN)).toEqual({
      email: 'new@example.org',
    });
    expect(changesOf({ ...SAME, password: 'longer than that' }, ANN)).toEqual({
      password: 'longer than that',
    });
  });

  it('asks for the current password, and for a new one only if it is good', () => {
    expect(slipsOf({ ...SAME, current: 'known' })).toEqual({});
    expect(slipsOf({ ...SAME, password: 'longer than that', current: 'known' })).toEqual({});
    expect(slipsOf({ email: 'nowhere', password: 'short', current: '' })).toEqual({
      email: 'Enter an address like name@example.org',
      password: 'Use at least 8 characters',
      current_password: 'Enter your password',
    });
  });

  it('tells a refusal at its field', () => {
    expect(faultsOf(new Problem(403, { code: 'bad_password' }))).toEqual({
      current_password: 'Wrong password',
    });
    expect(faultsOf(new Problem(409, { code: 'email_taken' }))).toEqual({
      email: 'Another account has this e-mail',
    });
    const invalid = { code: 'invalid', errors: [{ field: 'password', detail: 'too long' }] };
    expect(faultsOf(new Problem(422, invalid))).toEqual({ password: 'too long' });
    expect(faultsOf(new Problem(429, { code: 'rate_limited' }))).toEqual({});
    expect(faultsOf(new Unreachable())).toEqual({});
  });
});
