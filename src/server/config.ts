import { isIP } from 'node:net'
import * as z from 'zod/mini'
import { FILE_MAX_BYTES } from '#protocol/limits.ts'
import { Permission } from '#protocol/session.ts'
import { isLoopbackHost } from '#server/edge/address.ts'

/** One setting: how it is read from the environment, what is used without it, and what to say when it can't be read. */
type Setting<T> = {
  schema: z.ZodMiniType<T, string>
  /** As it would be written in the environment; undefined: there is none, and the setting may be absent. */
  default: string | undefined
  /** Ends the sentence "NAME must be …". */
  must: string
  /** For the table in docs/operations.md. */
  says: string
  /** Its value never appears in a message. */
  secret?: true
}

const wholeNumber = (least: number, most: number) =>
  z.pipe(z.string().check(z.regex(/^\d+$/)), z.transform(Number)).check(z.minimum(least), z.maximum(most))
const listOf = <T>(item: z.ZodMiniType<T, string>) =>
  z.pipe(
    z.pipe(
      z.string(),
      z.transform((text) =>
        text
          .split(',')
          .map((part) => part.trim())
          .filter((part) => part !== ''),
      ),
    ),
    z.array(item),
  )
const isOrigin = (text: string): boolean =>
  URL.canParse(text) && /^https?:$/.test(new URL(text).protocol) && new URL(text).origin === text.replace(/\/$/, '')
const origin = z.pipe(
  z.string().check(z.refine(isOrigin)),
  z.transform((text) => new URL(text).origin),
)
const isNetwork = (text: string): boolean => {
  const [address = '', bits, ...more] = text.split('/')
  const widest = isIP(address) === 6 ? 128 : 32
  return isIP(address) !== 0 && more.length === 0 && (bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= widest))
}
/** `20/60`: 20 a second on average, up to 60 at once. */
const rate = z.pipe(
  z.string().check(z.regex(/^[1-9]\d{0,6}\/[1-9]\d{0,6}$/)),
  z.transform((text) => {
    const [perSecond = 0, burst = 0] = text.split('/').map(Number)
    return { perSecond, burst }
  }),
)

const setting = <T>(one: Setting<T>): Setting<T> => one
const number = (least: number, most: number, fallback: number, says: string) =>
  setting({ schema: wholeNumber(least, most), default: String(fallback), must: `a whole number from ${least} to ${most}`, says })

export const DAY_MS = 24 * 60 * 60 * 1000

/** Every setting there is. `docs/operations.md` carries the same table, and a test compares the two. */
export const SETTINGS = {
  PORT: number(0, 65_535, 3000, 'Port to listen on; 0 takes a free one.'),
  HOST: setting({
    schema: z.string().check(z.minLength(1)),
    default: '127.0.0.1',
    must: 'an address to listen on',
    says: 'Address to listen on; `0.0.0.0` for all.',
  }),
  DATA_DIR: setting({
    schema: z.string().check(z.minLength(1)),
    default: '.data',
    must: 'a folder',
    says: 'Folder of the database and of the secret made at first start.',
  }),
  DATABASE_MAX_PAGES: setting({
    schema: wholeNumber(1, 4_294_967_294),
    default: undefined,
    must: 'a whole number from 1 to 4294967294',
    says: 'The database file never grows beyond this many pages of 4 kB; what needs more is refused as on a full disk.',
  }),
  SECRET: setting({
    schema: z.string().check(z.minLength(32)),
    default: undefined,
    must: 'at least 32 characters',
    says: 'Signs access and refresh tokens. Required in production; otherwise made once under `DATA_DIR` (mode 0600).',
    secret: true,
  }),
  PUBLIC_URL: setting({
    schema: origin,
    default: undefined,
    must: 'an address like https://chat.example.org, without a path',
    says: 'Where people reach this server; `http://HOST:PORT` without it. Not on loopback means production.',
  }),
  ORIGINS: setting({
    schema: listOf(origin),
    default: '',
    must: 'a list of origins like https://chat.example.org, separated by commas',
    says: 'Further origins whose pages may connect. The server’s own origin always may.',
  }),
  TRUST_PROXY: setting({
    schema: listOf(z.string().check(z.refine(isNetwork))),
    default: '',
    must: 'a list of addresses or networks like 10.0.0.0/8, separated by commas',
    says: 'Proxies whose `X-Forwarded-For` and `X-Forwarded-Host` are believed.',
  }),
  LOG_LEVEL: setting({
    schema: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']),
    default: 'info',
    must: 'one of trace, debug, info, warn, error, fatal, silent',
    says: 'How much is logged.',
  }),
  OPERATOR_TOKEN: setting({
    schema: z.string().check(z.minLength(16)),
    default: undefined,
    must: 'at least 16 characters',
    says: 'Opens `/health/sockets` and `/api/operator/…` as `Authorization: Bearer …`. Without it the first is for loopback addresses, the others for nobody.',
    secret: true,
  }),
  LIMIT_MESSAGES: setting({
    schema: rate,
    default: '20/60',
    must: 'like 20/60: messages per second, and at once',
    says: 'Messages per second and person, and how many at once.',
  }),
  LIMIT_FILE_BYTES: number(1, FILE_MAX_BYTES, 100 * 1024 * 1024, 'Bytes of one file in a message.'),
  LIMIT_STORED_BYTES: number(1, Number.MAX_SAFE_INTEGER, 2 * 1024 ** 3, 'Bytes of all files that one person may keep here.'),
  PUSH_HOSTS: setting({
    schema: listOf(z.string().check(z.regex(/^(\*\.)?[a-z0-9.-]+$/))),
    default: 'fcm.googleapis.com,*.push.services.mozilla.com,*.notify.windows.com,*.push.apple.com',
    must: 'a list of hosts like push.example.org or *.push.example.org, separated by commas',
    says: 'Push services that browsers may name and this server then talks to.',
  }),
  GUEST_DAYS: number(1, 3_650, 30, 'Guests who have not been here for this many days are removed; their messages stay.'),
  LIMIT_GUESTS: number(1, 1_000_000, 30, 'New guests per minute and address. Loopback addresses are exempt unless this is set.'),
  LIMIT_SIGNINS: number(1, 1_000_000, 20, 'Attempts to sign in per minute and address. Loopback addresses are exempt unless this is set.'),
  LIMIT_DIALS: number(
    1,
    1_000_000,
    60,
    'Connections per minute of one session, or from one address without a valid one. Loopback addresses are exempt unless this is set.',
  ),
  ACCESS_TOKEN_TTL_MS: number(1_000, DAY_MS, 10 * 60_000, 'How long an access token lasts.'),
  PING_INTERVAL_MS: number(100, 120_000, 10_000, 'Pause between two heartbeats of the server.'),
  PING_TIMEOUT_MS: number(100, 120_000, 10_000, 'How long an unanswered heartbeat is waited for before the line counts as dead.'),
  DRAIN_MS: number(0, 120_000, 2_000, 'How long connections go on after the farewell of a stopping server.'),
  GUEST_PERMISSIONS: setting({
    schema: listOf(Permission),
    default: Permission.options.join(','),
    must: `a list of ${Permission.options.join(', ')}, separated by commas`,
    says: 'What guests may do.',
  }),
} satisfies Record<string, Setting<unknown>>

type SettingName = keyof typeof SETTINGS
type Read = { [N in SettingName]: (typeof SETTINGS)[N] extends { schema: z.ZodMiniType<infer T, string> } ? T : never }
type Optional = 'DATABASE_MAX_PAGES' | 'SECRET' | 'PUBLIC_URL' | 'OPERATOR_TOKEN'
type Values = { [N in Exclude<SettingName, Optional>]: Read[N] } & { [N in Optional]: Read[N] | undefined }

/** The settings as read, and what follows from them. */
export type Config = Values & {
  /** People reach this server from elsewhere: defaults that only suit one's own machine are refused. */
  readonly isProduction: boolean
  /** Settings that stand in the environment rather than being a default. */
  readonly explicit: ReadonlySet<SettingName>
}

export type ConfigResult = { ok: true; config: Config } | { ok: false; mistakes: string[] }

/** Reads every setting. All mistakes are reported together, a sentence each. Names that are not settings are none of our business. */
export function readConfig(env: Readonly<Record<string, string | undefined>>): ConfigResult {
  const mistakes: string[] = []
  const explicit = new Set<SettingName>()
  const values: Partial<Record<SettingName, unknown>> = {}
  for (const [name, one] of Object.entries(SETTINGS) as [SettingName, Setting<unknown>][]) {
    const written = env[name]?.trim()
    if (written) explicit.add(name)
    const text = written ? written : one.default
    if (text === undefined) continue
    const result = one.schema.safeParse(text)
    if (result.success) values[name] = result.data
    else mistakes.push(`${name} must be ${one.must}${one.secret ? '' : `, not "${text}"`}.`)
  }
  const publicUrl = values.PUBLIC_URL as string | undefined
  const isProduction = publicUrl !== undefined && !isLoopbackHost(new URL(publicUrl).hostname)
  if (isProduction && !explicit.has('SECRET')) {
    mistakes.push('SECRET must be set when PUBLIC_URL is not on this machine: at least 32 random characters, the same at every start.')
  }
  if (mistakes.length > 0) return { ok: false, mistakes }
  return { ok: true, config: { ...(values as Values), isProduction, explicit } }
}

/** The table of docs/operations.md. */
export function settingsTable(): string {
  const rows = Object.entries(SETTINGS).map(
    ([name, one]) => `| \`${name}\` | ${one.default ? `\`${one.default}\`` : '–'} | ${one.must} | ${one.says} |`,
  )
  return ['| setting | default | must be | what it does |', '| --- | --- | --- | --- |', ...rows].join('\n')
}
