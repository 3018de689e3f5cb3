// Loaded into the server by --import: tells on SIGUSR2, through the IPC channel, how long its event loop was blocked since the last time.
import { monitorEventLoopDelay } from 'node:perf_hooks'

const histogram = monitorEventLoopDelay({ resolution: 5 })
histogram.enable()
process.on('SIGUSR2', () => {
  process.send?.({ p99Ms: histogram.percentile(99) / 1e6, maxMs: histogram.max / 1e6 })
  histogram.reset()
})
process.channel?.unref()
