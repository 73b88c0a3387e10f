/** Whether somebody was logged in here: no secret, only a hint. Without it a guest's page asks for no session. */
import { keep, kept } from '../kit/kept';

const NAME = 'member';

export function wasMember(): boolean {
  return kept(NAME) !== null;
}

export function keepMember(id: string): void {
  keep(NAME, id);
}

export function forgetMember(): void {
  keep(NAME, null);
}
