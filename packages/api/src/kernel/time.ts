/** The clock is handed in, so that tests and replays decide what time it is. */
export interface Clock {
  now(): Date
}

export const systemClock: Clock = {
  // The one place that reads the system's clock.
  now: () => new Date(),
}
