/** Sizes and times. */
export const numbers = {
  now: 'now',
  minutes: (n: number) => `${n} min`,
  hours: (n: number) => `${n} h`,
  days: (n: number) => `${n} d`,
  secondsLeft: (n: number) => `${n} s left`,
  minutesLeft: (n: number) => `${n} min left`,
  of: (part: string, whole: string) => `${part} of ${whole}`,
};
