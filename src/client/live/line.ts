import { ANSWERS, PUSHES, type AnswerOf, type PushName, type PushOf, type RequestName, type RequestOf } from '#protocol/events.ts'
import { utf8Bytes } from '#protocol/message.ts'
import { RefusalSchema, refusal, type Refusal, type Reply } from '#protocol/reply.ts'
import { deadlineOf, holdsSocket, isOpen, lineAfter, type LineContext, type LineEvent, type LineState } from './lineMachine.ts'
import type { Clock, Net, Random, Socket, Surroundings, Token, Transport } from './ports.ts'
import type { Timing } from './timing.ts'

/** What the rest of the live tie hears from the line. */
export type LineListener = {
  /** The state changed. `because` is the event that did it. */
  moved: (to: LineState, from: LineState, because: LineEvent) => void
  pushed: <N extends PushName>(name: N, push: PushOf<N>) => void
  /** Something was heard, or the round trip was measured. */
  measured: (now: { lastHeardAt: number; rttMs: number | null; transport: Transport | null }) => void
  /** A good moment to compare heads: wake, focus, `online`, a failed request. */
  hinted: () => void
  /** Say hello; the line goes on when the promise resolves true and treats a refusal by its code. */
  hello: (socket: { request: Line['request'] }) => Promise<true | Refusal>
}

export type Line = {
  state: () => LineState
  /**
   * Asks the server. Resolves with the validated answer, its refusal, or `E_TIMEOUT` when there was no answer in time or the line was
   * lost: then it may or may not have been carried out. Never rejects.
   */
  request: <N extends RequestName>(name: N, payload: RequestOf<N>, more?: { timeoutMs?: number }) => Promise<Reply<AnswerOf<N>>>
  /** Sent only when live; lost otherwise. */
  signal: <N extends RequestName>(name: N, payload: RequestOf<N>) => void
  /** Long answers have not come in time lately: one at a time, or none arrives. */
  isSlow: () => boolean
  /** Catch-up is complete. */
  caughtUp: () => void
  /** Catch-up moves: not stalled. */
  progressed: () => void
  /** A new message waits. Dials at once when the browser has a network. */
  hurry: () => void
  retryNow: () => void
  useHere: () => void
  signedIn: () => void
  close: () => void
}

export type LineParts = { clock: Clock; random: Random; net: Net; token: Token; surroundings: Surroundings; timing: Timing }

/** Longest reply time that still shapes deadlines: a link slower than this is treated as this slow. */
const RTT_MAX_MS = 5_000
/** Small requests leave in one packet and need no allowance. */
const SMALL_REQUEST_BYTES = 1_024
/** Requests whose answers may take long to come down. */
const LONG_ANSWERS: ReadonlySet<RequestName> = new Set<RequestName>(['sync:pull', 'history:page'])

/**
 * Drives the machine of `lineMachine.ts`: on every change of state it hangs up what the new state may not hold, starts what the state
 * is for, and sets its timer. There is never more than one socket, and nothing is heard from an old one.
 */
export function openLine(parts: LineParts, listener: LineListener): Line {
  const { clock, random, net, token, surroundings, timing } = parts

  let state: LineState = { name: 'refreshing', failures: 0 }
  let entered = clock.now()
  let stopTimer = () => {}
  let socket: Socket | undefined
  let transport: Transport | null = null
  /** Counts attempts; whatever belongs to an older one is ignored. */
  let gen = 0
  let lastHeardAt = 0
  /** How often; and how often when a probe was last looked after. */
  let heard = 0
  let heardBefore = 0
  let rttMs: number | null = null
  /** WebSocket dials in a row that nobody answered: a proxy may be swallowing them. */
  let swallowed = 0
  let lastRetryAt = -Infinity
  let upgradeIn = timing.UPGRADE_FIRST_MS
  let stopUpgrade = () => {}
  /** A WebSocket got through while the line was polling. */
  let isBetterThere = false
  /** Bytes of requests without an answer; a slow uplink needs time for them. */
  let bytesUnderWay = 0
  let longAnswersAwaited = 0
  /**
   * How much longer we wait while a long answer is awaited. On a slow downlink it looks like a dead line: only what is complete is heard,
   * and the probe's answer queues behind it. So a line is given up as early as ever the first time; after that each next one gets more
   * time, until a long answer comes quickly.
   */
  let patience = 0
  const abandon = new Set<() => void>()

  const context = (): LineContext => {
    const current = token.current()
    const margin = Math.min(timing.TOKEN_MARGIN_MS, (current?.life ?? 0) / 3)
    return {
      now: clock.now(),
      unit: random.unit(),
      timing,
      online: surroundings.online(),
      loopback: net.loopback,
      tokenFresh: current !== undefined && current.expiresAt - clock.now() > margin,
    }
  }

  function happened(event: LineEvent): void {
    const from = state
    const to = lineAfter(from, event, context())
    if (to === from) return
    state = to
    entered = clock.now()
    if (from.name === 'dialing' && event.name === 'TIMER') swallowed++
    if (!holdsSocket(to) || to.name === 'dialing') hangUp()
    setTimer()
    listener.moved(to, from, event)
    // The listener may already have moved the machine on; what follows belongs to the state we are still in.
    if (state === to) enter(to)
  }

  function enter(now: LineState): void {
    switch (now.name) {
      case 'refreshing': {
        const mine = ++gen
        void token.renew().then((result) => {
          if (mine === gen) happened({ name: result === 'ok' ? 'TOKEN_OK' : result === 'denied' ? 'TOKEN_DENIED' : 'TOKEN_FAILED' })
        })
        return
      }
      case 'dialing':
        return dial()
      case 'hello': {
        const mine = gen
        void listener.hello({ request }).then((result) => {
          if (mine !== gen || state.name !== 'hello') return
          if (result === true) happened({ name: 'HELLO_OK' })
          else if (result.code === 'E_TIMEOUT') happened({ name: 'FAILED', reason: 'no answer to hello', retryAfterMs: 0 })
          else happened({ name: 'REFUSED', code: result.code, retryAfterMs: result.retryAfterMs ?? 0 })
        })
        return
      }
      case 'probing':
        return probe()
      default:
    }
  }

  function setTimer(): void {
    stopTimer()
    const deadline = deadlineOf(state, entered, timing)
    if (deadline === undefined) return
    const patience = state.name === 'probing' || state.name === 'hello' ? allowance() : 0
    stopTimer = clock.after(Math.max(0, deadline + patience - clock.now()), timerFired)
  }

  function timerFired(): void {
    // Bytes that are still leaving are proof enough that the line lives.
    if (state.name === 'probing' && socket && (isDraining(socket) || isComing())) return setTimer()
    if (state.name === 'hello' || (state.name === 'probing' && longAnswersAwaited > 0))
      patience = Math.min(Math.max(timing.PATIENCE_MS, 2 * patience), timing.SILENCE_MS)
    const watched = state
    happened({ name: 'TIMER' })
    if (state !== watched) return
    // Nothing to do yet: it looks again after as long.
    entered = clock.now()
    setTimer()
  }

  let lastBuffered = 0
  function isDraining(open: Socket): boolean {
    const before = lastBuffered
    lastBuffered = open.bufferedBytes()
    if (lastBuffered === 0 || lastBuffered >= before) return false
    entered = clock.now()
    return true
  }

  /** One long answer is in and the probe's is still behind the next one. */
  function isComing(): boolean {
    if (longAnswersAwaited === 0 || heard === heardBefore) return false
    heardBefore = heard
    // Later than now: the clock was set back.
    entered = Math.min(lastHeardAt, clock.now())
    return true
  }

  /** What a deadline adds on a slow link: four round trips, time for what is on its way at the slowest rate that counts as a line, patience. */
  function allowance(): number {
    const slow = 4 * Math.min(rttMs ?? 0, RTT_MAX_MS) - timing.PROBE_MS
    const isLong = state.name === 'hello' || longAnswersAwaited > 0
    return Math.max(0, slow) + bytesUnderWay / timing.FLOOR_BYTES_PER_MS + (isLong ? patience : 0)
  }

  function hangUp(): void {
    gen++
    isBetterThere = false
    socket?.close()
    socket = undefined
    stopUpgrade()
    for (const giveUp of [...abandon]) giveUp()
  }

  function dial(): void {
    const mine = ++gen
    const ifCurrent = (run: () => void) => {
      if (mine === gen) run()
    }
    socket = net.dial(
      { gen: mine, token: token.current()?.value ?? '', transport: swallowed >= 2 ? 'polling' : 'websocket' },
      {
        engineOpened: (kind) =>
          ifCurrent(() => {
            heardNow()
            setTransport(kind)
            happened({ name: 'ENGINE_OPEN' })
          }),
        connected: () =>
          ifCurrent(() => {
            heardNow()
            happened({ name: 'CONNECTED' })
          }),
        refused: (code, retryAfterMs) => ifCurrent(() => happened({ name: 'REFUSED', code, retryAfterMs })),
        failed: (reason) => ifCurrent(() => happened({ name: 'FAILED', reason, retryAfterMs: 0 })),
        lost: (reason) => ifCurrent(() => happened({ name: 'LOST', reason })),
        heard: () => ifCurrent(heardNow),
        transportChanged: (kind) => ifCurrent(() => setTransport(kind)),
        pushed: (name, raw) => ifCurrent(() => pushed(name, raw)),
      },
    )
    transport = null
  }

  function heardNow(): void {
    lastHeardAt = clock.now()
    heard++
  }

  function setTransport(kind: Transport): void {
    transport = kind
    stopUpgrade()
    if (kind === 'websocket') {
      swallowed = 0
      upgradeIn = timing.UPGRADE_FIRST_MS
    } else stopUpgrade = clock.after(upgradeIn, tryUpgrade)
  }

  /** A line that fell back to polling looks now and then whether a WebSocket gets through. */
  function tryUpgrade(): void {
    stopUpgrade()
    upgradeIn = Math.min(upgradeIn * 2, timing.UPGRADE_CAP_MS)
    const cancel = net.tryWebSocket((works) => {
      if (transport !== 'polling') return
      if (works) {
        swallowed = 0
        isBetterThere = true
        changeOver()
      } else stopUpgrade = clock.after(upgradeIn, tryUpgrade)
    })
    stopUpgrade = cancel
  }

  /** When nothing is under way: the change would leave it without an answer. */
  function changeOver(): void {
    if (isBetterThere && abandon.size === 0) happened({ name: 'BETTER_LINE' })
  }

  function pushed(name: PushName, raw: unknown): void {
    heardNow()
    const parsed = PUSHES[name].safeParse(raw)
    // A push this build can't read is no reason to hang up; heads and pulls bring what it meant.
    if (!parsed.success) return listener.hinted()
    if (name === 'server:farewell') {
      const { code, reconnectInMs } = parsed.data as PushOf<'server:farewell'>
      happened({ name: 'FAREWELL', code, reconnectInMs: reconnectInMs ?? 0 })
      return
    }
    listener.pushed(name, parsed.data as never)
  }

  function request<N extends RequestName>(name: N, payload: RequestOf<N>, more: { timeoutMs?: number } = {}): Promise<Reply<AnswerOf<N>>> {
    const open = socket
    // Before hello is answered the server refuses everything else.
    const isUp = isOpen(state) || (state.name === 'hello' && (name === 'hello' || name === 'hello:part'))
    if (!open || !isUp) return Promise.resolve(refusal('E_TIMEOUT', { detail: 'no line' }))
    const sentAt = clock.now()
    const bytes = name === 'message:send' ? Math.max(0, utf8Bytes(JSON.stringify(payload)) - SMALL_REQUEST_BYTES) : 0
    const isLong = LONG_ANSWERS.has(name)
    bytesUnderWay += bytes
    longAnswersAwaited += Number(isLong)
    const deadline = (more.timeoutMs ?? timing.REQUEST_MS) + allowance()
    return new Promise((resolve) => {
      const settle = (reply: Reply<AnswerOf<N>>) => {
        if (!abandon.delete(giveUp)) return
        stopDeadline()
        stopOverdue()
        bytesUnderWay -= bytes
        longAnswersAwaited -= Number(isLong)
        resolve(reply)
        // Whoever asked hears the answer first.
        void Promise.resolve().then(changeOver)
      }
      const giveUp = () => settle(refusal('E_TIMEOUT', { detail: 'line lost' }))
      const stopDeadline = clock.after(deadline, () => {
        settle(refusal('E_TIMEOUT'))
        if (name !== 'probe') hint()
      })
      // Nothing at all heard since the send is the earliest sign of a dead line.
      const stopOverdue =
        name === 'probe'
          ? () => {}
          : clock.after(timing.OVERDUE_MS, () => {
              if (lastHeardAt < sentAt && socket === open) hint()
            })
      abandon.add(giveUp)
      open.request(name, payload, (raw) => {
        heardNow()
        const took = lastHeardAt - sentAt
        if (isLong && took <= timing.PROBE_MS) patience = 0
        // No answer takes less than a round trip: the one of a probe that queued behind a download must not stand for ever.
        if (rttMs !== null) rttMs = Math.min(rttMs, took)
        if (abandon.has(giveUp)) settle(readReply(name, raw))
      })
    })
  }

  function probe(): void {
    const sentAt = clock.now()
    lastBuffered = socket?.bufferedBytes() ?? 0
    heardBefore = heard
    void request('probe', { t: sentAt }, { timeoutMs: timing.PROBE_MS + timing.REQUEST_MS }).then((reply) => {
      if (!reply.ok) return
      rttMs = clock.now() - sentAt
      measured()
      happened({ name: 'PONG' })
    })
  }

  const measured = () => listener.measured({ lastHeardAt, rttMs, transport })

  function hint(): void {
    happened({ name: 'HINT' })
    listener.hinted()
  }

  /** In the background and after sleep timers come late: the tick notices both, and silence. */
  let lastTickAt = clock.now()
  let stopTick = () => {}
  function tick(): void {
    const late = clock.now() - lastTickAt - timing.TICK_MS
    lastTickAt = clock.now()
    stopTick = clock.after(timing.TICK_MS, tick)
    if (!isOpen(state)) return
    measured()
    // Far too early means that the clock was set back: what was heard "in the future" must not hide silence.
    if (Math.abs(late) > timing.WAKE_DRIFT_MS) hint()
    else if (clock.now() - lastHeardAt > timing.SILENCE_MS) happened({ name: 'SILENT' })
    // Only the line is in question: what was missed is asked for when it answers, or after the redial.
    else if (clock.now() - lastHeardAt > timing.PING_OVERDUE_MS) happened({ name: 'HINT' })
  }

  const stopSurroundings = surroundings.subscribe((change) => {
    switch (change) {
      case 'offline':
        return happened({ name: 'OFFLINE' })
      case 'online':
        happened({ name: 'ONLINE' })
        if (transport === 'polling') tryUpgrade()
        return listener.hinted()
      case 'wake':
        return hint()
      case 'focus':
      case 'visible':
        return hurried(hint)
      case 'hidden':
        return
    }
  })

  /** Attempts that a person or the page asks for are free, but not more often than `RETRY_EVERY_MS`. */
  function hurried(run: () => void): void {
    const since = clock.now() - lastRetryAt
    // Negative: the clock was set back meanwhile.
    if (!isOpen(state) && since >= 0 && since < timing.RETRY_EVERY_MS) return
    lastRetryAt = clock.now()
    run()
  }

  tick()
  setTimer()
  const start = state
  // After this turn, so that whoever opened the line has its handle before the first fact.
  const stopStart = clock.after(0, () => {
    if (state !== start) return
    const current = context()
    if (current.tokenFresh) happened({ name: 'TOKEN_OK' })
    else enter(start)
  })

  return {
    state: () => state,
    request,
    signal: (name, payload) => {
      if (state.name === 'live') socket?.signal(name, payload)
    },
    isSlow: () => patience > 0,
    caughtUp: () => happened({ name: 'CAUGHT_UP' }),
    progressed: () => {
      if (state.name !== 'syncing') return
      entered = clock.now()
      setTimer()
    },
    hurry: () => {
      if (surroundings.online() && (state.name === 'backoff' || state.name === 'offline')) hurried(() => happened({ name: 'HURRY' }))
    },
    retryNow: () => hurried(() => happened(isOpen(state) ? { name: 'HINT' } : { name: 'HURRY' })),
    useHere: () => happened({ name: 'USE_HERE' }),
    signedIn: () => happened({ name: 'SIGNED_IN' }),
    close: () => {
      happened({ name: 'CLOSE' })
      hangUp()
      stopTimer()
      stopTick()
      stopStart()
      stopSurroundings()
    },
  }
}

/** The client's gate for answers: what does not look like an answer is an error of the server. */
function readReply<N extends RequestName>(name: N, raw: unknown): Reply<AnswerOf<N>> {
  const refused = RefusalSchema.safeParse(raw)
  if (refused.success) {
    const { code, retryAfterMs, detail } = refused.data
    return refusal(code, { ...(retryAfterMs === undefined ? {} : { retryAfterMs }), ...(detail === undefined ? {} : { detail }) })
  }
  const answer = ANSWERS[name].safeParse(raw)
  return answer.success ? ({ ok: true, ...answer.data } as Reply<AnswerOf<N>>) : refusal('E_INTERNAL', { detail: 'unreadable answer' })
}
