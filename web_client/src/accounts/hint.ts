/** Whether somebody was logged in here: no secret, only a hint. Without it a guest's page asks for no session. */

const KEPT = 'reelwire.member';

export function wasMember(): boolean {
  return localStorage.getItem(KEPT) !== null;
}

export function keepMember(id: string): void {
  localStorage.setItem(KEPT, id);
}

export function forgetMember(): void {
  localStorage.removeItem(KEPT);
}
