/** The clock is handed in, so that tests and replays decide what time it is. */
export interface Clock {
  now(): Date
}

export const systemClock: Clock = {
  // biome-ignore lint/plugin: this is the one place that reads the system's clock.
  now: () => new Date(),
}
