/** Failures in words that say what to do next; those of the server by their code. */
export const failures = {
  unreachable: 'The server cannot be reached. Check your connection and try again.',
  ours: 'Something went wrong here. Load the page again.',
  byCode: {
    bad_credentials: 'That name and password do not belong together. Check both and try again.',
    username_taken: 'Somebody has this name already. Try another one.',
    email_taken: 'There is an account with this e-mail already. Log in instead.',
    too_many_follows: 'You follow as many people as one account can. Unfollow somebody first.',
    too_many_blocks: 'You block as many people as one account can. Unblock somebody first.',
    cannot_follow_blocked: 'You have blocked this account. Unblock it first.',
    not_playable: 'This video is not ready yet. Try again in a moment.',
    in_progress: 'This is still on its way. Try again in a moment.',
    not_found: 'It is gone, or not yours to see.',
    rate_limited: 'That was a lot at once. Wait a moment and try again.',
    quota_exceeded: 'You have posted as much as one day allows. Come back tomorrow.',
    unavailable: 'The server is catching its breath. Try again in a few seconds.',
    storage_full: 'The server has no room for more videos right now. Try again later.',
    upload_too_large: 'This file is larger than the server takes. Pick a shorter or smaller one.',
    upload_expired: 'This upload waited too long. Post the video again.',
  },
};
