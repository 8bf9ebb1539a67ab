/** What a run is asked to be. */
export type Options = { seed: number; messages: number; clients: number; faults: number; client: 'production' | 'bad' }

/** What the process of the clients is told: the run, where each client's line is, and where to write and find things. */
export type ClientsPlan = Options & {
  urls: string[]
  history: string
  product: string
  /** Writing goes on for this long. */
  writingMs: number
  /** Everybody must be live with nothing unsent this long after all faults are lifted. */
  settleWithinMs: number
}

export type ToClients = { name: 'heal' }
/** `ready`: everybody is signed in and live. `written`: nothing more will be written. */
export type FromClients = { name: 'ready' } | { name: 'written' }

/** A second of a run carries this many faults at most, and this many messages. */
const FAULTS_PER_SECOND = 3.5
const MESSAGES_PER_SECOND = 100
const LEAST_MS = 6_000

export const durationMs = ({ faults, messages }: Options): number =>
  Math.max(LEAST_MS, (1000 * faults) / FAULTS_PER_SECOND, (1000 * messages) / MESSAGES_PER_SECOND)

/** Every so many seeds, people write faster than the server allows for long. */
export const isRateLimited = ({ seed }: Options): boolean => seed % 3 === 0

/** Messages per second and person, and at once. */
export function messageLimit(options: Options): string {
  if (!isRateLimited(options)) return '5000/20000'
  const each = (1000 * options.messages) / durationMs(options) / options.clients
  return `${Math.ceil(each * 2)}/${Math.ceil(each * 3)}`
}

export const pause = (ms: number): Promise<void> => new Promise((resume) => void setTimeout(resume, ms))

/** Resolves true as soon as `holds`, false when it does not within `ms`. */
export async function eventually(holds: () => boolean | Promise<boolean>, ms: number): Promise<boolean> {
  const until = performance.now() + ms
  for (;;) {
    if (await holds()) return true
    if (performance.now() > until) return false
    await pause(25)
  }
}
