/** The commands of the server: what is asked for, and the exit code. Only the answer goes to standard output. */
import { parseArgs } from 'node:util'
import {
  bootstrapWorkspace,
  type Context,
  createPointWriter,
  DomainError,
  migrateJobs,
  type PointWriter,
} from '@trackable/api'
import type { Logger } from 'pino'
import { createContext, findDatabase, openPools, prepareDatabase } from './context'
import { DEMO_ACCOUNT, seedDemoTeam } from './demo'
import { type Env, EnvError, readEnv } from './env'
import { createLog } from './log'
import { startServer } from './start'

export const HELP = `trackable <command>

  start [--demo]     Run the server (the default). --demo fills a fresh server with an account and a year of numbers.
  migrate            Bring the schema of the database up to date and end.
  bootstrap --email <address> --team <name> --product <name> [--zone <zone>] [--password <password>] [--key <name>] [--json]
                     An owner, a team, a product and an API key. What exists is kept: run it as often as you like.
  seed [--email <address>] [--team <name>] [--json]
                     The demo data, for a server that runs or does not.
  help               This text.

Settings are environment variables, described in docs/operations.md. Exit codes: 0 done, 1 failed, 2 wrong use.
`

/** Asked for in a way that cannot be: the caller reads the message and tries again. */
class UsageError extends Error {}

const OPTIONS = {
  demo: { type: 'boolean' },
  email: { type: 'string' },
  team: { type: 'string' },
  product: { type: 'string' },
  zone: { type: 'string' },
  password: { type: 'string' },
  key: { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const

type Values = ReturnType<typeof parseArgs<{ options: typeof OPTIONS }>>['values']

interface Command {
  options: readonly (keyof Values)[]
  run(env: Env, values: Values): Promise<number>
}

const COMMANDS: Record<string, Command> = {
  start: { options: ['demo'], run: runStart },
  migrate: {
    options: [],
    run: (env) => withContext(env, async (_ctx, log) => void log.info('the schema is up to date')),
  },
  bootstrap: { options: ['email', 'team', 'product', 'zone', 'password', 'key', 'json'], run: runBootstrap },
  seed: { options: ['email', 'team', 'json'], run: runSeed },
}

/** Resolves with the exit code. */
export async function runCli(args: readonly string[]): Promise<number> {
  try {
    const { name, values } = parse(args)
    const command = COMMANDS[name]
    if (values.help || !command) {
      process.stdout.write(HELP)
      return 0
    }
    return await command.run(readEnv(), values)
  } catch (error) {
    const isUse = error instanceof UsageError || error instanceof EnvError
    const isKnown = isUse || error instanceof DomainError
    process.stderr.write(`trackable: ${isKnown ? (error as Error).message : describe(error)}\n`)
    return isUse ? 2 : 1
  }
}

function parse(args: readonly string[]): { name: string; values: Values } {
  let parsed: ReturnType<typeof parseArgs<{ options: typeof OPTIONS; allowPositionals: true }>>
  try {
    parsed = parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true })
  } catch (error) {
    throw new UsageError(`${(error as Error).message}\n\n${HELP}`)
  }
  const [name = 'start', ...more] = parsed.positionals
  if (name !== 'help' && (!COMMANDS[name] || more.length > 0)) {
    throw new UsageError(`There is no command "${[name, ...more].join(' ')}".\n\n${HELP}`)
  }
  const foreign = Object.keys(parsed.values).find(
    (option) => option !== 'help' && name !== 'help' && !COMMANDS[name]?.options.includes(option as keyof Values),
  )
  if (foreign) throw new UsageError(`"${name}" has no option --${foreign}.\n\n${HELP}`)
  return { name, values: parsed.values }
}

/** A stack for what nobody foresaw, and the message alone where it says what to do. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.name === 'Error' || error.name === 'MigrationError' || 'code' in error
    ? error.message
    : (error.stack ?? error.message)
}

async function runStart(env: Env, values: Values): Promise<number> {
  const log = createLog(env, { fd: 1 })
  const server = await startServer(env, log)
  const ended = untilSignal(() => server.stop(), log)
  server.ready
    .then(({ ctx, writer, setupUrl }) => {
      if (values.demo) return addDemo(ctx, writer, server.url)
      announce(server.url, setupUrl)
    })
    .catch(async (error: Error) => {
      if (error.name === 'AbortError') return
      log.fatal({ err: error }, 'the server cannot start')
      await server.stop()
      process.exit(1)
    })
  return ended
}

/** The pages can be used while the numbers arrive. */
async function addDemo(ctx: Context, writer: PointWriter, url: string): Promise<void> {
  const write = (text: string) => process.stdout.write(`  ${text}\n`)
  write(`\n  Trackable runs at ${url}`)
  write('Adding a year of demo numbers …')
  const { email, password } = await seedDemoTeam(ctx, writer, DEMO_ACCOUNT)
  write('The demo is ready. Sign in and look around:\n')
  write(`  Address   ${url}/login`)
  write(`  E-mail    ${email}`)
  write(`  Password  ${password ?? 'the one that was shown at the first start'}\n`)
}

/** What to do next, for whoever reads the terminal. */
function announce(url: string, setupUrl: string | null): void {
  const lines = setupUrl
    ? [`Trackable runs at ${url}`, `Create the first account here (this link works once): ${setupUrl}`]
    : [`Trackable runs at ${url}`, `Sign in at ${url}/login`]
  process.stdout.write(`\n${lines.map((line) => `  ${line}`).join('\n')}\n\n`)
}

/** The first SIGTERM or SIGINT stops in order, the second at once. */
function untilSignal(stop: () => Promise<void>, log: Logger): Promise<number> {
  return new Promise((resolve) => {
    let isStopping = false
    const onSignal = (signal: NodeJS.Signals) => {
      if (isStopping) process.exit(1)
      isStopping = true
      log.info({ signal }, 'signal received; a second one ends the process at once')
      stop().then(
        () => resolve(0),
        (error) => {
          log.fatal({ err: error }, 'the stop failed')
          resolve(1)
        },
      )
    }
    process.on('SIGTERM', onSignal)
    process.on('SIGINT', onSignal)
  })
}

/** Everything that the contexts need, without a listener or a worker. Joins the embedded server when one runs. */
async function withContext(env: Env, work: (ctx: Context, log: Logger) => Promise<void>): Promise<number> {
  const log = createLog(env, { fd: 2 })
  const { url, embedded } = await findDatabase(env, log)
  const db = openPools(env, url, log)
  try {
    await prepareDatabase(db, log)
    await migrateJobs(db.pools.meta, log)
    const owned = await createContext(env, { db, log, publicUrl: env.publicUrlOf(env.PORT) })
    try {
      await work(owned.ctx, log)
    } finally {
      await owned.close()
    }
  } finally {
    await db.close()
    await embedded?.stop()
  }
  return 0
}

async function runBootstrap(env: Env, values: Values): Promise<number> {
  const { email, team, product } = values
  if (!email || !team || !product) throw new UsageError(`bootstrap needs --email, --team and --product.\n\n${HELP}`)
  return withContext(env, async (ctx) => {
    const made = await bootstrapWorkspace(ctx, {
      email,
      teamName: team,
      productName: product,
      zone: values.zone ?? 'UTC',
      keyName: values.key ?? 'bootstrap',
      password: values.password,
    })
    const answer = { ...made, email, url: ctx.settings.publicUrl, ingestUrl: `${ctx.settings.publicUrl}/api/v1/ingest` }
    process.stdout.write(values.json ? `${JSON.stringify(answer)}\n` : toText(answer))
  })
}

function toText(answer: Readonly<Record<string, string | null>>): string {
  const width = Math.max(...Object.keys(answer).map((name) => name.length))
  const shown = Object.entries(answer).map(
    ([name, value]) => `${name.padEnd(width)}  ${value ?? '(kept, not shown again)'}`,
  )
  return `${shown.join('\n')}\n`
}

async function runSeed(env: Env, values: Values): Promise<number> {
  const account = { email: values.email ?? DEMO_ACCOUNT.email, teamName: values.team ?? DEMO_ACCOUNT.teamName }
  return withContext(env, async (ctx, log) => {
    const writer = createPointWriter(ctx)
    let shown = -1
    const onProgress = (fraction: number, detail: string) => {
      const percent = Math.floor(fraction * 10) * 10
      if (percent > shown) log.info({ percent }, detail)
      shown = Math.max(shown, percent)
    }
    try {
      const seeded = await seedDemoTeam(ctx, writer, account, onProgress)
      process.stdout.write(values.json ? `${JSON.stringify(seeded)}\n` : toText({ ...seeded }))
    } finally {
      await writer.close()
    }
  })
}
