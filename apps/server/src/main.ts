/** Where the process begins. Importing any other file starts nothing. */
import { runCli } from './cli'

// CR-12: what nobody handled leaves the process in a state that nobody knows. It says why and ends; a supervisor, a
// container or a person starts it again, and no acknowledged point is lost because each was committed.
for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
  process.on(event, (error: unknown) => {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
    process.stderr.write(`trackable: ${event}: ${text}\n`)
    process.exit(1)
  })
}

process.exit(await runCli(process.argv.slice(2)))
