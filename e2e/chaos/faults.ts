import type { Line } from '#e2e/support/line.ts'
import type { Chance } from './chance.ts'
import type { History } from './history.ts'
import { pause } from './plan.ts'
import type { Victim } from './victim.ts'

const CHANGE_ANSWER = /^43\d*\[\{"ok":true,"rev":\d+[,}]/

/** What can be done to one line. Each is over when its promise resolves; `ms` is how long it may last. */
const LINE_FAULTS = {
  cut: async (line) => line.cut(),
  'freeze both ways': async (line, ms) => {
    line.freeze()
    await pause(ms)
  },
  'freeze up': async (line, ms) => {
    line.freeze('up')
    await pause(ms)
  },
  'freeze down': async (line, ms) => {
    line.freeze('down')
    await pause(ms)
  },
  strand: async (line) => line.strand(),
  refuse: async (line, ms) => {
    line.refuse()
    await pause(ms)
  },
  delay: async (line, ms) => {
    line.delay(ms / 10, ms / 10)
    await pause(ms)
  },
  'low bandwidth': async (line, ms) => {
    line.bandwidth(4_000)
    await pause(ms)
  },
  'drop answers to sends': (line, ms) => dropped(line, 'down', (text) => text.startsWith('43') && text.includes('"results"'), ms),
  'drop sends': (line, ms) => dropped(line, 'up', (text) => text.includes('"message:send"'), ms),
  'drop changes': (line, ms) => dropped(line, 'up', (text) => text.includes('"operation:apply"'), ms),
  'drop answers to changes': (line, ms) => dropped(line, 'down', (text) => CHANGE_ANSWER.test(text), ms),
  'drop pushes': (line, ms) => dropped(line, 'down', (text) => text.includes('"log:events"'), ms),
  'drop answers to pulls': (line, ms) => dropped(line, 'down', (text) => text.startsWith('43') && text.includes('"head"'), ms),
  'refuse upgrades': async (line, ms) => {
    line.refuseUpgrades()
    line.cut()
    await pause(2 * ms)
  },
  'swallow upgrades': async (line, ms) => {
    line.swallowUpgrades()
    line.cut()
    await pause(2 * ms)
  },
} satisfies Record<string, (line: Line, ms: number) => Promise<void>>

async function dropped(line: Line, direction: 'up' | 'down', matches: (text: string) => boolean, ms: number): Promise<void> {
  await Promise.race([line.dropFrames(direction, matches, 2), pause(ms)])
}

/** What can be done to the server, one at a time. */
const SERVER_FAULTS = {
  kill: (server, ms) => server.kill({ downMs: ms / 4 }),
  'kill soon after another': async (server, ms) => {
    await server.kill({ downMs: ms / 10 })
    await server.kill({ downMs: ms / 10 })
  },
  stall: (server, ms) => server.stall(ms),
  'full disk': (server, ms) => server.fillDisk(ms),
  drain: (server) => server.drain(),
  'clock ahead': (server, ms) => server.shiftClock(60 * ms),
  'clock behind': (server, ms) => server.shiftClock(-60 * ms),
} satisfies Record<string, (server: Victim, ms: number) => Promise<void>>

type LineFault = keyof typeof LINE_FAULTS
type ServerFault = keyof typeof SERVER_FAULTS

export const FAULT_NAMES: readonly string[] = [...Object.keys(LINE_FAULTS), ...Object.keys(SERVER_FAULTS)]
const isLineFault = (name: LineFault | ServerFault): name is LineFault => Object.hasOwn(LINE_FAULTS, name)

/** Cut or frozen: what the figures of a run count beside the kills. */
export const CUTS_AND_FREEZES: readonly string[] = ['cut', 'freeze both ways', 'freeze up', 'freeze down', 'strand', 'refuse'] satisfies LineFault[]

/** Of 48 faults, 37 cut or freeze, 4 kill, 7 are something else; every kind comes before any comes again. */
const CUTS: LineFault[] = ['cut', 'freeze both ways', 'cut', 'freeze down', 'cut', 'strand', 'cut', 'freeze up', 'cut', 'refuse']
const OTHERS: (LineFault | ServerFault)[] = [
  'drop answers to sends',
  'full disk',
  'refuse upgrades',
  'drop pushes',
  'stall',
  'drop answers to changes',
  'drop sends',
  'drop changes',
  'drain',
  'low bandwidth',
  'clock ahead',
  'delay',
  'swallow upgrades',
  'clock behind',
  'drop answers to pulls',
]

function deck(chance: Chance, count: number): (LineFault | ServerFault)[] {
  let others: (LineFault | ServerFault)[] = []
  return Array.from({ length: count }, (_, at) => {
    const place = at % 12
    if (place === 5) return chance.happens(0.15) ? 'kill soon after another' : 'kill'
    if (place === 2 || (place === 8 && at % 24 === 8)) {
      if (others.length === 0) others = chance.shuffled(OTHERS)
      return others.pop()!
    }
    return chance.pick(CUTS)
  })
}

/** Everything that goes wrong in a run, thrown from its seed. `heal`: no line has anything any more. */
export type Swarm = { run: () => Promise<void>; heal: () => void }

export function openSwarm(parts: {
  chance: Chance
  lines: readonly Line[]
  server: Victim
  history: History
  count: number
  durationMs: number
  /** Told of each repeated send that the server recognised. */
  recognised: () => void
}): Swarm {
  const { chance, lines, server, history, count, durationMs } = parts
  const plan = deck(chance, count)
  const isBusy = new Set<Line>()
  let serverTurn: Promise<void> = Promise.resolve()

  /** A healthy line is no short circuit: what is said takes its time, so that faults find something on its way. */
  const distances = new Map(lines.map((line) => [line, chance.between(3, 40)]))

  function heal(line: Line): void {
    line.pass()
    const ms = distances.get(line)!
    line.delay(ms, ms / 2)
    // no fault but a tap: nothing is dropped, and what is repeated is counted
    void line.dropFrames(
      'down',
      (text) => {
        if (text.startsWith('43') && text.includes('"dup":true')) parts.recognised()
        return false
      },
      Infinity,
    )
  }

  async function strikeLine(name: LineFault, ms: number): Promise<void> {
    const idle = lines.filter((line) => !isBusy.has(line))
    const line = chance.pick(idle.length > 0 ? idle : lines)
    isBusy.add(line)
    history.add({ kind: 'fault', name, client: lines.indexOf(line), ms })
    await LINE_FAULTS[name](line, ms)
    heal(line)
    isBusy.delete(line)
  }

  function strikeServer(name: ServerFault, ms: number): Promise<void> {
    serverTurn = serverTurn.then(async () => {
      history.add({ kind: 'fault', name, ms })
      await SERVER_FAULTS[name](server, ms)
    })
    return serverTurn
  }

  return {
    heal: () => lines.forEach(heal),
    run: async () => {
      const startedAt = performance.now()
      const struck: Promise<void>[] = []
      for (const [at, name] of plan.entries()) {
        const due = ((at + chance.unit()) / count) * durationMs
        // mostly short, at times longer than the patience of a client
        const ms = chance.happens(0.15) ? chance.between(1_500, 2_500) : chance.between(150, 1_200)
        await pause(Math.max(0, due - (performance.now() - startedAt)))
        struck.push(isLineFault(name) ? strikeLine(name, ms) : strikeServer(name, ms))
      }
      await Promise.all(struck)
    },
  }
}
