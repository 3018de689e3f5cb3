import { startEmbeddedPostgres } from './index'

// A process of its own for embedded.test.ts, so that it can be killed: starts the cluster of the first argument, prints
// where it is, and stops in order when its standard input closes.

async function main(): Promise<void> {
  const postgres = await startEmbeddedPostgres(process.argv[2] ?? '', { database: 'kept' })
  process.stdout.write(`${JSON.stringify({ url: postgres.url, started: postgres.started })}\n`)
  process.stdin.on('end', () => void postgres.stop()).resume()
}

void main()
