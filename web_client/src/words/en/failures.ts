/** Failures in words that say what to do next; those of the server by their code. */
export const failures = {
  unreachable: 'Can’t reach the server. Check your connection and try again.',
  ours: 'Something went wrong. Reload the page and try again.',
  byCode: {
    bad_credentials: 'Wrong username or password. Check both and try again.',
    username_taken: 'This username is taken. Try another one.',
    email_taken: 'This e-mail already has an account. Log in instead.',
    too_many_follows: 'You’re following as many people as you can. Unfollow someone first.',
    too_many_blocks: 'You’ve blocked as many people as you can. Unblock someone first.',
    cannot_follow_blocked: 'You’ve blocked this account. Unblock it first.',
    not_playable: 'This video isn’t ready yet. Try again in a moment.',
    in_progress: 'This is still in progress. Try again in a moment.',
    not_found: 'It’s gone, or you can’t see it.',
    rate_limited: 'That was a lot at once. Wait a moment and try again.',
    quota_exceeded: 'You’ve reached today’s limit for posting. Come back tomorrow.',
    unavailable: 'The server is busy right now. Try again in a few seconds.',
    storage_full: 'The server has no room for more videos right now. Try again later.',
    upload_too_large: 'This file is too large. Pick a shorter or smaller one.',
    upload_expired: 'This upload waited too long. Post the video again.',
  },
};
