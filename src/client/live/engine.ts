import type { Action } from '@reduxjs/toolkit'
import type { PushName, PushOf, AnswerOf } from '#protocol/events.ts'
import type { ConversationId, UserId } from '#protocol/ids.ts'
import { TYPING_EVERY_MS } from '#protocol/presence.ts'
import { refusal, type Refusal } from '#protocol/reply.ts'
import type { Me } from '#protocol/session.ts'
import { openBurst } from './burst.ts'
import { openCatchUp } from './catchUp.ts'
import type { CheckReport } from './client.ts'
import { messagesAfter, messagesOf } from './conversationLog.ts'
import { openDrafts } from './drafts.ts'
import * as facts from './facts.ts'
import { retried } from './insistence.ts'
import { openLine, type Line } from './line.ts'
import { isDialling, isOpen, type LineEvent, type LineState } from './lineMachine.ts'
import { openMarks } from './marks.ts'
import { openMessageChanges, type MessageChangesParts } from './messageChanges.ts'
import { openMoments, type Moment } from './moments.ts'
import { openOutbox } from './outbox.ts'
import { openPages } from './pages.ts'
import { openPersonLog } from './personLog.ts'
import type { Channel, Clock, Locks, Net, Random, Surroundings, Token, Transport } from './ports.ts'
import type { Storage } from './storage.ts'
import { openLeadership, type TabMessage } from './tabs.ts'
import { spread, type Timing } from './timing.ts'

/** How far back own messages are offered again when the server's past is another one: longer than any backup should be old. */
const OFFER_AGAIN_MS = 7 * 24 * 3_600_000

export type EngineParts = {
  me: Me
  clock: Clock
  random: Random
  net: Net
  token: Token
  surroundings: Surroundings
  storage: Storage
  timing: Timing
  /** undefined where the browser has none: then every tab sends for itself, which is just as right. */
  locks: Locks | undefined
  channel: Channel<TabMessage> | undefined
  /** Every fact, in order. */
  emit: (fact: Action) => void
  /** An error of ours that nobody waits for. */
  report: (error: unknown) => void
  fetchOperations: MessageChangesParts['fetchOperations']
  /** Which kind of storage trouble an error is. */
  storageTrouble: (error: unknown) => 'missing' | 'blocked' | 'full' | 'broken'
}

export type Engine = {
  /** What the person asked for. Other actions are ignored. */
  handle: (action: Action) => void
  /** Compares a conversation with the server. What differs gives way to what the server has. */
  check: (conv: ConversationId) => Promise<CheckReport>
  /** Messages that would be lost if the page went away now. */
  holdsUnsaved: () => boolean
  /** The page goes away now: nothing is held back any longer. */
  release: () => void
  /** Nothing is held back in a conversation any longer; resolves when all that was changed there is with the server, or after a while. */
  settle: (conv: ConversationId) => Promise<void>
  /** Resolves when what was written is kept, or can't be. */
  close: () => Promise<void>
}

/**
 * The live tie of one signed-in person in one tab: line, catch-up, outbox and watermarks, wired together. Pure TypeScript behind
 * ports. It acts on intents, never reads a slice, and says everything that happens as a fact.
 */
export function openEngine(parts: EngineParts): Engine {
  const { me, clock, random, storage, timing, channel, surroundings } = parts
  const moment = openMoments()
  /** What comes to light after the end is nobody's business any more. */
  function emit(fact: Action): void {
    if (isClosed) return
    try {
      parts.emit(fact)
    } catch (error) {
      // A screen that can't show something is no reason to stop receiving, keeping and sending: what else came with it is shown alone.
      parts.report(error)
      if (!facts.messagesArrived.match(fact) || fact.payload.events.length < 2) return
      for (const event of fact.payload.events) emit(facts.messagesArrived({ ...fact.payload, events: [event] }))
    }
  }
  let epoch: AnswerOf<'hello'>['epoch'] | null = null
  let answered: AnswerOf<'hello'> | undefined
  /** When that hello was said. */
  let helloAt: Moment = 0
  /** Since then the storage has been asked how far it stands. */
  let isStorageCompared = false
  /** What happened to this person was known up to here then. */
  let helloUrev = 0
  /** These had something waiting then, and no log. */
  let helloHomeless: readonly ConversationId[] = []
  let transport: Transport = 'websocket'
  /** Server time minus ours. */
  let clockOffset = 0
  let opened: ConversationId | undefined
  let watched: UserId[] = []
  const typedAt = new Map<ConversationId, number>()
  let isLoaded = false
  let isClosed = false
  let stopHeads = () => {}
  /** Pushes that came before it was known whether what they follow is the past that we hold; undefined once it is. */
  let early: (() => void)[] | undefined = []
  let lastTrouble: string | undefined

  function storageFailed(error: unknown): void {
    // Who can't see what the others wrote can't send it for them.
    if (!storage.isShared()) leadership.ready(false)
    const reason = parts.storageTrouble(error)
    if (reason === lastTrouble || isClosed) return
    lastTrouble = reason
    emit(facts.storageLost({ reason }))
  }

  const drafts = openDrafts({ clock, timing, storage, storageFailed })

  const request: Line['request'] = (name, payload, more) => line.request(name, payload, more)

  const tellTabs = () => channel?.post({ kind: 'outboxChanged' })

  function outboxChanged(): void {
    tellTabs()
    // What waited for its message to be kept may be kept now.
    changes.flushAll()
  }

  function flushAll(): void {
    outbox.flushAll()
    changes.flushAll()
  }

  const catchUp = openCatchUp({
    me: me.id,
    clock,
    moment,
    random,
    timing,
    storage,
    request,
    emit,
    settle: (conv, messages) => {
      outbox.settled(conv, messages)
      changes.flush(conv)
    },
    outboxChanged,
    unsettled: (clientIds) => outbox.unsettled(clientIds),
    kept: (conv, seq) => marks.raise(conv, { delivered: seq }),
    current: (conv, askedAt) => {
      outbox.caughtUp(conv, askedAt)
      changes.flush(conv)
      marks.tell(conv)
    },
    allCurrent: () => {
      if (isOpen(line.state())) line.caughtUp()
    },
    progressed: () => line.progressed(),
    lostPerhaps: async (conv, recent, present, anotherEpoch) => {
      const since = clock.now() + clockOffset - OFFER_AGAIN_MS
      // What is not read now is overwritten next.
      const cached = await retried(parts, () => storage.own(me.id, conv, since, anotherEpoch)).catch(() => [])
      // Changes of what is cached may have been kept nowhere but here.
      const now = messagesAfter([...cached, ...messagesOf(me.id, recent)], recent)
      const own = new Map(now.map((message) => [message.clientId, message]))
      await outbox.offer(
        conv,
        [...own.values()].filter((message) => !present.has(message.clientId)),
      )
    },
    diverged: (convs) => {
      convs.forEach(marks.forget)
      outbox.offerAgain(convs)
    },
    left: (conv) => leave(conv, null, true),
    isSlow: () => line.isSlow(),
    visible: () => opened,
    storageFailed,
  })

  const burst = openBurst({
    clock,
    timing,
    isWatched: surroundings.visible,
    take: (conv, events) => {
      if (!catchUp.arrived(conv, events)) exchangeHeadsSoon(0)
    },
  })

  const leadership = openLeadership(
    { locks: parts.locks, channel, clock, timing, name: `outbox:${me.id}` },
    { changed: (leads) => leads && (rereadOutbox(0), flushAll()) },
  )

  /** The browser says offline: the line must first show that it knows better. Until then what is queued stays queued on screen. */
  const isDoubted = () => line.state().name === 'probing' && !surroundings.online()

  /** `own`: no other tab knows of it. */
  const maySend = (conv: ConversationId, own: boolean) =>
    isOpen(line.state()) && !isDoubted() && catchUp.isCurrent(conv) && (own || leadership.leads())

  const outbox = openOutbox({
    clock,
    moment,
    random,
    timing,
    storage,
    request,
    emit,
    maySend: (conv) => maySend(conv, outbox.hasOwnRows(conv)),
    isCurrent: (conv) => isOpen(line.state()) && catchUp.isCurrent(conv),
    through: (conv) => catchUp.log(conv)?.seq ?? 0,
    waiting: (conv) => {
      line.hurry()
      if (!catchUp.log(conv)) exchangeHeadsSoon(0)
    },
    notMember: (conv) => leave(conv, null, true),
    tokenRefused: () => void renewOnLine(),
    changed: outboxChanged,
    reread: () => rereadOutbox(0),
    discarded: (conv, clientId) => {
      changes.discarded(conv, clientId)
      channel?.post({ kind: 'discarded', conv, clientId })
    },
    moved: (conv) => changes.flush(conv),
    sentOtherwise: (conv, clientId, body) => changes.rewrite(conv, clientId, body),
    kept: (conv) => storage.own(me.id, conv, 0),
    storageFailed,
  })

  const changes = openMessageChanges({
    ...{ me: me.id, clock, random, timing, storage, request, emit, outbox, maySend, storageFailed },
    notMember: (conv) => leave(conv, null, true),
    tokenRefused: () => void renewOnLine(),
    changed: tellTabs,
    reread: () => rereadOutbox(0),
    fetchOperations: parts.fetchOperations,
  })

  const pages = openPages({
    me: me.id,
    storage,
    request,
    emit,
    log: catchUp.log,
    epoch: () => epoch,
    trusts: catchUp.trusts,
    written: catchUp.written,
    seen: (conv, messages) => outbox.seen(conv, messages),
    visible: () => opened,
    isDialling: () => isDialling(line.state()),
    storageFailed,
  })

  const marks = openMarks({ clock, timing, request, isCurrent: (conv) => isOpen(line.state()) && catchUp.isCurrent(conv) })

  /** The browser's word as it was last told; at first none. What it says while a page is kept aside is heard by nobody: so it is asked, too. */
  let wasOnline: boolean | undefined
  function lookAround(): void {
    const isOnline = surroundings.online()
    if (isOnline === wasOnline) return
    wasOnline = isOnline
    emit((isOnline ? facts.browserCameOnline : facts.browserWentOffline)({ at: clock.now() }))
  }

  const line = openLine(
    { ...parts },
    {
      moved: (to, from, because) => {
        moved(to, from, because)
        lookAround()
      },
      pushed,
      hinted: () => exchangeHeadsSoon(0),
      measured: (now) => {
        lookAround()
        if (now.transport) transport = now.transport
        emit(facts.lineMeasured({ at: clock.now(), lastHeardAt: now.lastHeardAt, rttMs: now.rttMs, transport: now.transport }))
      },
      hello,
    },
  )

  // ---- hello and heads -------------------------------------------------------------------------------------------------------

  async function hello(socket: { request: Line['request'] }): Promise<true | Refusal> {
    await loaded
    const [convs = {}, ...ahead] = catchUp.positionParts()
    for (const part of ahead) {
      const heard = await socket.request('hello:part', { convs: part }, { timeoutMs: timing.HELLO_MS })
      if (!heard.ok) return heard
    }
    helloAt = moment()
    helloUrev = person.urev()
    helloHomeless = homeless()
    const reply = await socket.request('hello', { epoch, urev: helloUrev, convs }, { timeoutMs: timing.HELLO_MS })
    if (!reply.ok) return reply
    answered = reply
    return true
  }

  async function began(answer: AnswerOf<'hello'>): Promise<void> {
    clockOffset = answer.now - clock.now()
    emit(facts.catchUpStarted({ at: clock.now(), hello: { ...answer, transport } }))
    /** The line was lost, or another one greeted, while we waited. */
    const isOver = () => answered !== answer || !isOpen(line.state())
    const isAnotherPast = epoch !== null && epoch !== answer.epoch
    if (epoch !== answer.epoch) {
      if (isAnotherPast) {
        marks.restart()
        outbox.offerAgain([...outbox.conversations(), ...catchUp.conversations()])
        await catchUp.restartAll(answer.epoch)
        if (isOver()) return
      }
      epoch = answer.epoch
      // What happened to this person before is told by the conversations themselves; numbers of another database mean nothing here.
      person.stand(answer.urev)
      keepUser()
    }
    // A backup was restored: what happens from now on is numbered from there.
    if (answer.urev < helloUrev) person.stand(answer.urev)
    await person.follow(answer.urev)
    if (isOver()) return
    // Where the whole past was replaced, all of it is read anew already.
    compare(isAnotherPast ? { ...answer, diverged: [] } : answer, helloHomeless, helloAt)
    catchUp.up()
    const waiting = early ?? []
    early = undefined
    for (const take of waiting) take()
    outbox.lineReturned()
    changes.lineReturned()
    leadership.ready(storage.isShared())
    isStorageCompared = false
    settleDone(helloAt)
    flushAll()
    if (opened) void request('conversation:open', { conv: opened })
    watch()
    exchangeHeadsSoon(headsDelay())
  }

  /** `homeless`: when the server was asked, at `askedAt`. What is made after that may be in the next answer. */
  function compare(answer: Parameters<typeof catchUp.compared>[0], homeless: readonly ConversationId[], askedAt: Moment): void {
    const upToDate = catchUp.compared(answer)
    for (const head of Object.values(answer.heads)) marks.known(head.facts.id, head.facts)
    if (opened) void pages.showNewest(opened)
    // It would wait for ever.
    for (const conv of homeless) {
      if (catchUp.log(conv)) continue
      outbox.left(conv, askedAt)
      changes.left(conv)
    }
    if (!upToDate) catchUp.pullNext()
    else if (line.state().name === 'live') emitSynced()
  }

  /** Something waits for them here, and no answer of the server has told of them yet, or one has told that they are gone. */
  const homeless = (): ConversationId[] => [...outbox.conversations(), ...changes.conversations()].filter((conv) => !catchUp.log(conv))

  /** Conversations that miss nothing have seen whatever other tabs saw. */
  function settleDone(askedAt: Moment): void {
    for (const conv of outbox.conversations()) if (catchUp.isCurrent(conv)) outbox.caughtUp(conv, askedAt)
  }

  const headsDelay = () => spread(surroundings.visible() ? timing.HEADS_VISIBLE_MS : timing.HEADS_HIDDEN_MS, 0.3 + 0.4 * random.unit())

  function exchangeHeadsSoon(ms: number): void {
    stopHeads()
    if (isClosed) return
    stopHeads = clock.after(ms, () => {
      stopHeads = clock.after(headsDelay(), () => exchangeHeadsSoon(0))
      if (isOpen(line.state()) && line.state().name !== 'syncing') void exchangeHeads()
    })
  }

  async function exchangeHeads(): Promise<void> {
    // What another tab should have sent by now may be nowhere where that tab can see it; what it wrote may have come without a word, as its last.
    rereadOutbox(0)
    // A tab that slept may have woken on a server whose past nobody but the storage knows to be another one.
    const stored = isStorageCompared ? [] : await storage.conversations().catch(() => undefined)
    isStorageCompared = stored !== undefined
    const further = catchUp.keptFurther(stored ?? [])
    for (const convs of catchUp.positionParts(further)) {
      const [askedAt, waiting] = [moment(), homeless()]
      const reply = await request('sync:heads', { urev: person.urev(), convs })
      if (!reply.ok) return
      await person.follow(reply.urev)
      compare(reply, waiting, askedAt)
      for (const { conv, rev } of further.values()) if (convs[conv] && !reply.diverged.includes(conv)) catchUp.headSeen(conv, rev)
      settleDone(askedAt)
    }
  }

  const emitSynced = () => emit(facts.roomsSynced({ at: clock.now(), serverAt: clock.now() + clockOffset }))

  // ---- the line ---------------------------------------------------------------------------------------------------------------

  function moved(to: LineState, from: LineState, because: LineEvent): void {
    const at = clock.now()
    pages.lineChanged()
    if (isOpen(from) && !isOpen(to)) {
      burst.drop()
      catchUp.down()
      leadership.ready(false)
      stopHeads()
    }
    switch (to.name) {
      case 'refreshing':
      case 'opening':
        return emit(facts.connectionAuthenticating({ at }))
      case 'dialing':
        early = []
        return emit(facts.connectionDialled({ at, attempt: to.failures + 1 }))
      case 'hello':
        return
      case 'syncing':
        if (from.name === 'hello' && answered) void began(answered)
        return
      case 'live':
        if (from.name === 'syncing') {
          emitSynced()
          if (homeless().length > 0) exchangeHeadsSoon(0)
        }
        flushAll()
        return
      case 'probing':
        if (because.name === 'CAUGHT_UP') emitSynced()
        return
      case 'draining':
        return emit(facts.restartAnnounced({ at, backAt: to.until }))
      case 'backoff':
        return emit(facts.connectionLost({ at, reason: to.reason, attempt: to.failures, nextRetryAt: to.until }))
      case 'offline':
        return emit(facts.connectionLost({ at, reason: to.reason, attempt: to.failures, nextRetryAt: null }))
      case 'blocked':
        if (to.code === 'E_AUTH_INVALID' || to.code === 'SIGNED_OUT' || to.code === 'E_DEVICE_REVOKED')
          return emit(facts.sessionEnded({ at, code: to.code }))
        return emit(facts.connectionRefused({ at, code: to.code }))
      case 'closed':
        return
    }
  }

  /** A longer-lived token for the socket that is open. */
  async function renewOnLine(): Promise<void> {
    if ((await parts.token.renew()) !== 'ok') return
    const token = parts.token.current()
    if (token) await request('session:refresh', { token: token.value })
    flushAll()
  }

  function pushed<N extends PushName>(name: N, push: PushOf<N>): void {
    if (early) return void early.push(() => pushed(name, push))
    const heard = { name, push } as { [K in PushName]: { name: K; push: PushOf<K> } }[PushName]
    switch (heard.name) {
      case 'log:events':
        return burst.arrived(heard.push.conv, heard.push.events)
      case 'log:head':
        burst.flush()
        if (!catchUp.headSeen(heard.push.conv, heard.push.rev)) exchangeHeadsSoon(0)
        return
      case 'user:event':
        return person.pushed(heard.push)
      case 'receipt:changed':
        if (!catchUp.marked(heard.push)) exchangeHeadsSoon(timing.GAP_MS)
        if (heard.push.user === me.id) marks.known(heard.push.conv, heard.push)
        return emit(facts.receiptsChanged({ conv: heard.push.conv, user: heard.push.user, delivered: heard.push.delivered, read: heard.push.read }))
      case 'typing:changed':
        return emit(facts.typingSeen({ conv: heard.push.conv, user: heard.push.user, name: heard.push.name, until: clock.now() + heard.push.forMs }))
      case 'presence:changed':
        return emit(facts.presenceChanged({ states: heard.push.states }))
      case 'session:expiring':
        return void renewOnLine()
      case 'server:farewell':
        return
    }
  }

  // ---- what happens to the person ------------------------------------------------------------------------------------------------

  const person = openPersonLog({
    request,
    moved: () => keepUser(),
    happened: (event) => {
      switch (event.kind) {
        case 'conv.added':
        case 'conv.changed':
          return exchangeHeadsSoon(0)
        case 'conv.removed':
          return leave(event.conv, event.by, event.by !== me.id)
        case 'profile':
          return emit(facts.profileChanged(event))
        case 'notification':
          return emit(facts.notificationReceived({ type: event.type, from: event.from, conv: event.conv ?? null }))
      }
    },
  })

  const keepUser = () => void storage.keepUser({ epoch, urev: person.urev() }).catch(storageFailed)

  function leave(conv: ConversationId, by: UserId | null, removed: boolean): void {
    // One may be back already: nothing is called refused before the server is asked.
    exchangeHeadsSoon(0)
    marks.forget(conv)
    pages.forget(conv)
    const log = catchUp.forget(conv)
    if (log) emit(facts.conversationLeft({ conv, name: log.facts.name, by, removed }))
  }

  // ---- small things a screen asks for ----------------------------------------------------------------------------------------------

  function watch(): void {
    if (watched.length === 0) return
    void request('presence:watch', { users: watched }).then((reply) => reply.ok && emit(facts.presenceChanged({ states: reply.states })))
  }

  function typing(conv: ConversationId, on: boolean): void {
    const last = typedAt.get(conv)
    const since = last === undefined ? Infinity : Math.abs(clock.now() - last)
    if (on ? since < TYPING_EVERY_MS : last === undefined) return
    if (on) typedAt.set(conv, clock.now())
    else typedAt.delete(conv)
    line.signal('typing:set', { conv, on })
  }

  // ---- intents -----------------------------------------------------------------------------------------------------------------

  function handle(action: Action): void {
    if (isClosed) return
    drafts.handle(action)
    if (facts.messageWritten.match(action)) {
      const { conv, found } = action.payload
      if (!found) typing(conv, false)
      void loaded.then(() => outbox.write(action.payload))
    } else if (facts.retryRequested.match(action)) void loaded.then(() => outbox.retry(action.payload.conv, action.payload.clientId))
    else if (facts.discardRequested.match(action)) void loaded.then(() => changes.takeBack(action.payload.conv, action.payload.clientId))
    else if (facts.unsentEdited.match(action)) {
      const { conv, clientId, body } = action.payload
      void loaded.then(() => changes.rewrite(conv, clientId, body))
    } else if (facts.operationRequested.match(action)) {
      const wanted = action.payload
      void loaded.then(() => changes.change(wanted))
    } else if (facts.operationWithdrawn.match(action)) {
      const { conv, opId } = action.payload
      void loaded.then(() => changes.withdraw(conv, opId))
    } else if (facts.oldUnsentAllowed.match(action)) {
      outbox.allowOld()
      channel?.post({ kind: 'oldAllowed' })
    } else if (facts.conversationOpened.match(action)) {
      opened = action.payload.conv
      void loaded.then(() => pages.showNewest(action.payload.conv))
      if (isOpen(line.state())) void request('conversation:open', { conv: opened })
    } else if (facts.conversationClosed.match(action)) {
      const { conv } = action.payload
      drafts.flush(conv)
      typing(conv, false)
      if (opened === conv) opened = undefined
      if (isOpen(line.state())) void request('conversation:close', { conv })
    } else if (facts.historyRequested.match(action)) {
      const { conv, beforeSeq, afterSeq } = action.payload
      pages.showOlder(conv, beforeSeq, afterSeq)
    } else if (facts.messageSought.match(action)) {
      const { conv, id, held } = action.payload
      if (!held) void pages.showAround(conv, id)
    } else if (facts.readThrough.match(action)) {
      const { conv, seq } = action.payload
      marks.raise(conv, { read: seq })
      void storage.keepFacts(conv, { readWanted: seq }).catch(storageFailed)
    } else if (facts.typingNoticed.match(action)) typing(action.payload.conv, true)
    else if (facts.peopleWatched.match(action)) {
      watched = action.payload.users
      if (isOpen(line.state())) watch()
    } else if (facts.retryNowRequested.match(action)) line.retryNow()
    else if (facts.useHereRequested.match(action)) line.useHere()
    // Somebody else gets a tie of their own.
    else if (facts.sessionStarted.match(action) && action.payload.user.id === me.id) line.signedIn()
  }

  // ---- life --------------------------------------------------------------------------------------------------------------------

  /** Set from the moment a reading is wanted until it is over. */
  let stopReread: (() => void) | undefined
  let isChangedSince = false
  /** Another tab changed the shared rows, or they could not be read. A slow storage is not asked again before it has answered. */
  function rereadOutbox(ms: number): void {
    isChangedSince = true
    if (!isClosed) stopReread ??= clock.after(ms, () => void readOutbox())
  }

  async function readOutbox(): Promise<void> {
    isChangedSince = false
    const rows = await storage.outbox().catch(storageFailed)
    stopReread = undefined
    if (isClosed) return
    if (rows) changes.read(rows)
    if (!rows || isChangedSince) rereadOutbox(rows ? timing.REREAD_SOON_MS : timing.REREAD_MS)
  }

  const loaded = storage.load().then(
    (stored) => {
      if (isClosed) return
      person.stand(stored.urev)
      epoch = stored.epoch
      catchUp.load(stored.conversations)
      for (const row of stored.conversations) {
        marks.known(row.conv, row.facts)
        marks.raise(row.conv, { delivered: row.seq, read: row.readWanted })
      }
      outbox.load(stored.outbox)
      emit(facts.draftsLoaded({ drafts: stored.drafts }))
      isLoaded = true
      if (opened) void pages.showNewest(opened)
      changes.start()
    },
    (error: unknown) => {
      isLoaded = true
      storageFailed(error)
      // The rest is a cache and comes from the server again; what was written is nowhere else.
      rereadOutbox(timing.REREAD_MS)
      changes.start()
    },
  )

  const stopChannel = channel?.subscribe((message) => {
    // Several changes in a row are read once.
    if (message.kind === 'outboxChanged' && isLoaded) rereadOutbox(timing.REREAD_SOON_MS)
    else if (message.kind === 'oldAllowed') outbox.allowOld()
    else if (message.kind === 'discarded') void loaded.then(() => changes.discardedElsewhere(message.conv, message.clientId))
  })

  const stopSurroundings = surroundings.subscribe((change) => {
    lookAround()
    if (change === 'hidden') drafts.flushAll()
  })
  lookAround()

  return {
    handle,
    check: async (conv) => {
      const log = catchUp.log(conv)
      if (!log || !isOpen(line.state())) return refusal('E_TIMEOUT')
      const part = await import('./checkConversation.ts').catch(() => undefined)
      return part?.checkAndRepair({ log, epoch, storage, request, catchUp, storageFailed }) ?? refusal('E_TIMEOUT')
    },
    release: changes.release,
    settle: changes.settle,
    holdsUnsaved: () => outbox.hasUnsaved() || changes.hasUnsaved() || drafts.hasUnsaved(),
    close: () => {
      drafts.close()
      isClosed = true
      line.close()
      stopHeads()
      stopReread?.()
      stopChannel?.()
      stopSurroundings()
      leadership.close()
      marks.close()
      burst.drop()
      catchUp.close()
      return changes.close(outbox.close())
    },
  }
}
