/** The only reader of process.env. Everything is optional; a bad value stops the boot and names the variable. */
import { z } from 'zod'

/** A number of the decimal system and nothing else: `Number('')` is 0 and `Number('0x10')` is 16, and neither was meant. */
const integer = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/)
    .transform(Number)
    .refine((n) => n >= min && n <= max)

const choice = <const T extends readonly string[]>(values: T) => z.enum(values)

const url = (...protocols: string[]) =>
  z.string().refine((text) => URL.canParse(text) && protocols.includes(new URL(text).protocol))

const PublicUrl = url('http:', 'https:')
  .refine((text) => {
    // Refinements go on after the first has failed.
    if (!URL.canParse(text)) return false
    const { pathname, search, hash, username } = new URL(text)
    return pathname === '/' && !search && !hash && !username
  })
  .transform((text) => new URL(text).origin)

interface Variable<T extends z.ZodType = z.ZodType> {
  schema: T
  /** What stands in the documentation for "not set". */
  fallback: string
  /** What is allowed, in words: part of the error and of the documentation. */
  allowed: string
  about: string
  /** The value carries a password: the error says that it was given, and not what. */
  isSecret?: boolean
}

const variable = <T extends z.ZodType>(spec: Variable<T>) => spec

/** One entry per variable; docs/operations.md shows this table, and a test compares the two. */
export const VARIABLES = {
  PORT: variable({
    schema: integer(0, 65_535).default(8080),
    fallback: '8080',
    allowed: 'a port from 0 to 65535; 0 takes a free one',
    about: 'The one port that serves the pages, the API and the sockets.',
  }),
  HOST: variable({
    schema: z
      .string()
      .regex(/^[0-9A-Za-z.:-]{1,253}$/)
      .default('0.0.0.0'),
    fallback: '0.0.0.0',
    allowed: 'an address or a host name of this machine',
    about:
      'Where to listen. All interfaces, because other machines push here; `127.0.0.1` behind a proxy on this machine.',
  }),
  PUBLIC_URL: variable({
    schema: PublicUrl.optional(),
    fallback: 'http://localhost:PORT',
    allowed: 'http:// or https://, a host and perhaps a port, without a path',
    about:
      'The address that people use. Links in mails start with it; with https the session cookie becomes `__Host-` and `Secure`.',
  }),
  DATABASE_URL: variable({
    schema: url('postgres:', 'postgresql:').optional(),
    fallback: 'an embedded PostgreSQL in DATA_DIR',
    allowed: 'postgresql://user:password@host:port/database',
    about: 'A PostgreSQL of your own, version 15 or newer.',
    isSecret: true,
  }),
  DATA_DIR: variable({
    schema: z.string().min(1).max(4000).default('./data'),
    fallback: './data',
    allowed: 'a directory, which is created when it is missing',
    about: 'Where the embedded PostgreSQL keeps its files, in `pg18`. Unused with DATABASE_URL.',
  }),
  WEB_DIR: variable({
    schema: z.string().min(1).max(4000).optional(),
    fallback: 'apps/web/dist of the checkout',
    allowed: 'a directory',
    about: 'Where the built pages lie.',
  }),
  LOG_LEVEL: variable({
    schema: choice(['fatal', 'error', 'warn', 'info', 'debug', 'silent']).default('info'),
    fallback: 'info',
    allowed: 'fatal, error, warn, info, debug or silent',
    about: 'At `debug` also each accepted ingest request has a line.',
  }),
  LOG_FORMAT: variable({
    schema: choice(['auto', 'json', 'text']).default('auto'),
    fallback: 'auto',
    allowed: 'auto, json or text',
    about: '`auto` is text on a terminal and JSON elsewhere.',
  }),
  REGISTRATION: variable({
    schema: choice(['open', 'closed']).default('closed'),
    fallback: 'closed',
    allowed: 'open or closed',
    about:
      'With `open` anybody who reaches the server may make an account, and an account can send mail. The first one needs the set-up link either way; `bootstrap` makes one at any time.',
  }),
  SMTP_URL: variable({
    schema: url('smtp:', 'smtps:').optional(),
    fallback: 'not set',
    allowed: 'smtp:// or smtps://user:password@host:port',
    about:
      'The mail server. Without it and without RESEND_API_KEY mails are kept in the outbox, which the application shows.',
    isSecret: true,
  }),
  RESEND_API_KEY: variable({
    schema: z
      .string()
      .regex(/^[\x21-\x7e]{1,200}$/)
      .optional(),
    fallback: 'not set',
    allowed: 'the key of a Resend account',
    about: 'Sends through Resend instead of SMTP.',
    isSecret: true,
  }),
  RESEND_BASE_URL: variable({
    schema: url('http:', 'https:').optional(),
    fallback: "Resend's own",
    allowed: 'http:// or https://',
    about: 'Another address of the Resend API, such as a gateway.',
  }),
  MAIL_FROM: variable({
    schema: z
      .string()
      .regex(/^(?:[^<>\r\n]{0,200}<[^\s<>@]+@[^\s<>@]+>|[^\s<>@]+@[^\s<>@]+)$/)
      .optional(),
    fallback: 'Trackable <trackable@HOST of PUBLIC_URL>',
    allowed: 'an address, or Name <address>',
    about: 'The sender of every mail.',
  }),
  BUS: variable({
    schema: choice(['memory', 'postgres']).optional(),
    fallback: 'memory with the embedded database, postgres otherwise',
    allowed: 'memory or postgres',
    about: 'How processes tell each other that something changed. Several processes on one database need `postgres`.',
  }),
  STATSD_PORT: variable({
    schema: integer(0, 65_535).optional(),
    fallback: 'StatsD is off',
    allowed: 'a port from 0 to 65535; 0 takes a free one',
    about: 'The UDP port for StatsD and DogStatsD, on HOST. Together with STATSD_API_KEY.',
  }),
  STATSD_API_KEY: variable({
    schema: z
      .string()
      .regex(/^[\x21-\x7e]{1,200}$/)
      .optional(),
    fallback: 'StatsD is off',
    allowed: 'an API key with the scope ingest',
    about:
      'The product that what arrives at STATSD_PORT belongs to. The protocol has no keys: whoever reaches the port can write.',
    isSecret: true,
  }),
  INGEST_REQUESTS_PER_MINUTE: variable({
    schema: integer(1, 999_999_999).optional(),
    fallback: 'no limit',
    allowed: 'a whole number from 1 to 999999999',
    about:
      'Requests that bring points, for each product and process. Beyond it 429 with `Retry-After`; each answer then has `RateLimit` fields.',
  }),
  INGEST_POINTS_PER_MINUTE: variable({
    schema: integer(1, 999_999_999).optional(),
    fallback: 'no limit',
    allowed: 'a whole number from 1 to 999999999',
    about: 'Points, likewise. A request that begins within the limit is taken as a whole.',
  }),
  META_POOL: variable({
    schema: integer(4, 100).default(10),
    fallback: '10',
    allowed: 'a whole number from 4 to 100',
    about: 'Connections for accounts, dashboards and jobs.',
  }),
  WRITER_POOL: variable({
    schema: integer(1, 16).default(3),
    fallback: '3',
    allowed: 'a whole number from 1 to 16',
    about: 'Connections that store points. They share flushes, so more of them seldom helps.',
  }),
  SERIES_PER_PRODUCT_MAX: variable({
    schema: integer(1, 100_000_000).default(100_000),
    fallback: '100000',
    allowed: 'a whole number from 1 to 100000000',
    about:
      'Distinct combinations of metric and tags that a product may have. Each costs about 300 bytes in the database for ever; points of new ones are refused beyond it.',
  }),
  QUERY_POOL: variable({
    schema: integer(1, 100).default(8),
    fallback: '8',
    allowed: 'a whole number from 1 to 100',
    about: 'Connections that read points for charts.',
  }),
  JOB_CONCURRENCY: variable({
    schema: integer(1, 32).default(2),
    fallback: '2',
    allowed: 'a whole number from 1 to 32',
    about: 'Background jobs (reports, demo data) at the same time.',
  }),
  SEAL_AFTER_DAYS: variable({
    schema: integer(2, 3650).default(7),
    fallback: '7',
    allowed: 'a whole number from 2 to 3650',
    about:
      'Days after which the points of a day (UTC) are packed: about 14 bytes a point instead of 120. Every answer stays the same, and later points are still taken.',
  }),
  DRAIN_MS: variable({
    schema: integer(0, 60_000).default(1000),
    fallback: '1000',
    allowed: 'a whole number from 0 to 60000',
    about:
      'After SIGTERM: how long /ready answers 503 while requests are still served. Longer than your balancer needs to notice.',
  }),
  TRUSTED_PROXIES: variable({
    schema: integer(0, 10).default(0),
    fallback: '0',
    allowed: 'a whole number from 0 to 10',
    about:
      'How many proxies stand in front. 0 ignores X-Forwarded-For; 1 believes the address that the nearest proxy saw.',
  }),
} as const

type Values = { [K in keyof typeof VARIABLES]: z.output<(typeof VARIABLES)[K]['schema']> }

/** The parsed environment, with what depends on more than one variable worked out. */
export interface Env extends Values {
  /** Set by PUBLIC_URL only: with PORT=0 the address is known after listening. */
  publicUrlOf(port: number): string
  bus: 'memory' | 'postgres'
  mailFrom: string
}

/** Says for each bad variable what was given and what is allowed. */
export class EnvError extends Error {
  override name = 'EnvError'
}

/** An empty value counts as not set: that is how compose files and shells leave a variable out. */
export function readEnv(source: Readonly<Record<string, string | undefined>> = process.env): Env {
  const values: Record<string, unknown> = {}
  const problems: string[] = []
  for (const [name, spec] of Object.entries(VARIABLES) as [string, Variable][]) {
    const given = source[name]?.trim() || undefined
    const parsed = spec.schema.safeParse(given)
    if (parsed.success) values[name] = parsed.data
    else
      problems.push(
        `${name} is ${spec.isSecret ? 'set to something else (not shown)' : JSON.stringify(given)}; allowed: ${spec.allowed}.`,
      )
  }
  if (problems.length > 0) throw new EnvError(problems.join('\n'))
  return complete(values as Values)
}

function complete(values: Values): Env {
  if (values.SMTP_URL && values.RESEND_API_KEY) {
    throw new EnvError('SMTP_URL and RESEND_API_KEY are both set; allowed: one of them.')
  }
  if ((values.STATSD_PORT === undefined) !== (values.STATSD_API_KEY === undefined)) {
    throw new EnvError('STATSD_PORT and STATSD_API_KEY go together; one of them is not set.')
  }
  const publicUrlOf = (port: number) => values.PUBLIC_URL ?? `http://localhost:${port}`
  const mailHost = new URL(publicUrlOf(values.PORT)).hostname
  return {
    ...values,
    publicUrlOf,
    bus: values.BUS ?? (values.DATABASE_URL ? 'postgres' : 'memory'),
    mailFrom: values.MAIL_FROM ?? `Trackable <trackable@${mailHost}>`,
  }
}

/** The table of docs/operations.md. */
export function describeVariables(): string {
  const rows = (Object.entries(VARIABLES) as [string, Variable][]).map(
    ([name, { fallback, allowed, about }]) => `| \`${name}\` | ${fallback} | ${allowed} | ${about} |`,
  )
  return ['| variable | when not set | allowed | what it does |', '|---|---|---|---|', ...rows].join('\n')
}
