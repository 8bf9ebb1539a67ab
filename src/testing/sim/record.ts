import type { Action } from '@reduxjs/toolkit'
import {
  conversationLeft,
  messageKeptInMemory,
  messageSaved,
  messageStored,
  operationApplied,
  operationRefused,
  outboxLoaded,
  pastReplaced,
  receiptsChanged,
  sendDelayed,
  sendRefused,
  storageLost,
} from '#client/live/facts.ts'
import type { RefusalCode } from '#protocol/codes.ts'
import type { ClientId, ConversationId, OperationId, UserId } from '#protocol/ids.ts'
import { openAbsences } from './absences.ts'
import { userOf, type Browser, type Tab } from './browsers.ts'
import type { Journal } from './journal.ts'
import { hasCause } from './refusals.ts'
import { openStretches } from './views.ts'

/** A message somebody wrote, and what may be expected of it. */
export type Written = {
  clientId: ClientId
  conv: ConversationId
  author: UserId
  browser: Browser
  tab: Tab
  at: number
  /** How often the server had failed by accident by then. */
  errorsThen: number
  /** How many backups had been restored by then. */
  past: number
  /** Texts it may have in the log. More than one where an edit raced the sending in another tab. */
  texts: Set<string>
  /** Texts it ever had. */
  allTexts: Set<string>
  /** What its writer wrote last, where one tab wrote it all and nothing of it was lost with a page. */
  lastText: string | undefined
  /** Which tabs the browser had then: another set later means that others may have had a hand in it. */
  tabsThen: string
  discarded: 'no' | 'perhaps' | 'surely'
  discardedAt: number
  /** Where: as long as that page lives, it must be gone or deleted in the end. */
  discardedIn: Tab | undefined
  /** Its outbox transaction was reported complete, and nobody deleted the storage since. */
  isKept: boolean
  /** Nothing was promised: the page crashed before the row was kept. */
  isOptional: boolean
  wasRefused: boolean
  /** Where it was taken back too late, and that was refused. */
  isDeletionRefused: boolean
  /** Nobody who had not read it by then can ever have it. */
  wasPurged: boolean
  /** A tab showed ✓. */
  acked: { id: string; seq: number } | undefined
  /** Which tabs did. */
  ackedIn: Set<Tab>
  /** Browsers of its author that held it in their caches when the backup was restored. */
  cachedIn: Set<Browser>
}

/** A change somebody asked for, to their own message or a reaction to any. */
export type Asked = { kind: 'edit'; body: string } | { kind: 'delete' } | { kind: 'react' | 'unreact'; emoji: string }
export type Changed = {
  opId: OperationId
  conv: ConversationId
  author: UserId
  browser: Browser
  tab: Tab
  /** The message, by what its writer called it. */
  clientId: ClientId
  sender: UserId
  what: Asked
  /** It was in no log yet, as far as the tab knew. */
  isUnsent: boolean
  at: number
  /** By the clock of the device: it does not go out before, and can be withdrawn until then. */
  notBefore?: number | undefined
}
export type Change = Changed & {
  past: number
  errorsThen: number
  outcome: 'open' | 'applied' | RefusalCode
  /** When some tab called it refused first. */
  refusedAt: number | undefined
  /** nothing was promised */
  isOptional: boolean
  /** The storage it was kept in was deleted: only its tab has it, which need not know. */
  wasWiped: boolean
  withdrawn: 'no' | 'perhaps' | 'surely'
  withdrawnAt: number
}

/** Only the tab it was written in can have touched it. */
const isItsAlone = (message: Written) => message.tabsThen === names(message.browser) && !message.tabsThen.includes(',')
const names = (browser: Browser) => [...browser.tabs].map((tab) => tab.name).join()

/** Within so long a page reads what another one has kept, however often its storage stalls. */
const HEARD_MS = 15_000

/** Everything that people did and tabs said, in the form that the checks ask for. */
export function openRecord(journal: Journal) {
  const written = new Map<ClientId, Written>()
  const byTab = new Map<Tab, Written[]>()
  const changes = new Map<OperationId, Change>()
  /** What the server pushed of each conversation's log, per person. */
  const pushed: { user: UserId; conv: ConversationId; rev: number }[] = []
  let past = 0
  /** When a page of a person learned last that the past is another one: rows that are acknowledged are offered again then. */
  const offeredAt = new Map<UserId, number>()
  let restoredAt = 0

  const absences = openAbsences()
  const stretches = openStretches()

  const reach = (name: string) => journal.reach(name)
  const errors = () => journal.reached.get('server error') ?? 0

  function rowRefused(tab: Tab, { conv, clientId, code }: ReturnType<typeof sendRefused>['payload'], now: number): void {
    reach(`row refused ${code}`)
    const message = written.get(clientId)
    if (!message) return
    message.wasRefused = true
    const one = { user: message.author, conv, from: message.at, to: now, texts: message.allTexts, errors: errors() - message.errorsThen }
    if (!hasCause(code, one, absences)) journal.violate('I1', `${[...message.texts][0]} was refused in ${tab.name} with ${code} for no reason`)
  }

  function changeRefused(tab: Tab, { conv, operation, code }: ReturnType<typeof operationRefused>['payload'], now: number): void {
    reach(`change refused ${code}`)
    const change = changes.get(operation.opId)
    const message = written.get(operation.target.clientId)
    if (change) change.refusedAt ??= now
    if (change?.outcome === 'open') change.outcome = code
    if (message && operation.kind === 'delete') message.isDeletionRefused = true
    // Whether it was there is known in the end. One that nobody asked for follows a message that was taken back.
    if (code === 'E_NOT_FOUND') return
    const since = change ?? { at: message?.discardedAt ?? 0, errorsThen: message?.errorsThen ?? 0 }
    const one = { user: userOf(tab), conv, from: since.at, to: now, texts: [], errors: errors() - since.errorsThen }
    if (!hasCause(code, one, absences))
      journal.violate('I1', `${operation.kind} of ${operation.target.clientId} was refused in ${tab.name} with ${code} for no reason`)
  }

  return {
    absences,
    stretches,
    written,
    writtenIn: (tab: Tab): readonly Written[] => byTab.get(tab) ?? [],
    pushed,
    /** A backup was restored: numbers of before mean nothing. */
    pastChanged: (now: number) => {
      past++
      restoredAt = now
      pushed.length = 0
      absences.restored(now)
      for (const message of written.values()) {
        message.acked = undefined
        message.ackedIn.clear()
      }
    },
    restoredAt: () => restoredAt,
    /** This browser's cache has it at the moment a backup is restored. */
    cached: (clientId: ClientId, browser: Browser) => void written.get(clientId)?.cachedIn.add(browser),
    /** Of what was written before a backup was restored, this was in nobody's hands any more when the browsers were to offer it again. */
    excuse: (wasInNoCache: (message: Written) => boolean) => {
      for (const message of written.values()) if (message.past < past && wasInNoCache(message)) message.isOptional = true
    },
    purged: (clientId: ClientId) => {
      const message = written.get(clientId)
      if (message) message.wasPurged = true
    },
    isPastChanged: () => past > 0,
    /** Not so long ago that other pages of this person must have heard of it. */
    hasJustOffered: (user: UserId, now: number) => now - (offeredAt.get(user) ?? -Infinity) < HEARD_MS,
    /** The server never forgot anything since. */
    isOfThisPast: (one: { past: number }) => one.past === past,
    wrote: (clientId: ClientId, conv: ConversationId, body: string, browser: Browser, tab: Tab, now: number) => {
      const message: Written = {
        clientId,
        conv,
        author: browser.me.id,
        browser,
        tab,
        at: now,
        errorsThen: errors(),
        past,
        texts: new Set([body]),
        allTexts: new Set([body]),
        lastText: body,
        tabsThen: names(browser),
        discarded: 'no',
        discardedAt: 0,
        discardedIn: undefined,
        isKept: false,
        isOptional: false,
        wasRefused: false,
        isDeletionRefused: false,
        wasPurged: false,
        acked: undefined,
        ackedIn: new Set(),
        cachedIn: new Set(),
      }
      written.set(clientId, message)
      byTab.set(tab, [...(byTab.get(tab) ?? []), message])
    },
    isItsAlone,
    /** Its text was changed: it waits still, or is on its way or there. */
    reworded: (message: Written, tab: Tab, body: string, isWaiting: boolean) => {
      if (isWaiting && isItsAlone(message)) message.texts.clear()
      message.texts.add(body)
      message.allTexts.add(body)
      message.lastText = tab === message.tab && message.lastText !== undefined ? body : undefined
    },
    /** A page crashed: what only it had was promised to nobody. `isUncertain`: it had something. */
    tabCrashed: (tab: Tab, { isUncertain, now }: { isUncertain: boolean; now: number }) => {
      for (const message of written.values()) {
        if (message.tab === tab && !message.isKept) message.isOptional = true
        // It had edited what waits, and could not keep that.
        if (!isUncertain || message.author !== userOf(tab)) continue
        for (const text of message.allTexts) message.texts.add(text)
        message.lastText = undefined
      }
      for (const change of changes.values())
        if (change.tab === tab && change.outcome === 'open' && (isUncertain || change.wasWiped || change.at > now - 1_000)) change.isOptional = true
    },
    /** It thought that all it had was kept; what a storage had that was deleted meanwhile is nowhere any more. */
    tabClosed: (tab: Tab) => {
      for (const message of written.values()) if (message.tab === tab && !message.isKept) message.isOptional = true
      for (const change of changes.values()) if (change.tab === tab && change.outcome === 'open' && change.wasWiped) change.isOptional = true
    },
    changes: changes as ReadonlyMap<OperationId, Change>,
    asked: (change: Changed) => {
      changes.set(change.opId, {
        ...change,
        past,
        errorsThen: errors(),
        outcome: 'open',
        refusedAt: undefined,
        isOptional: false,
        wasWiped: false,
        withdrawn: 'no',
        withdrawnAt: 0,
      })
    },
    withdrawn: (change: Change, { isSure, now }: { isSure: boolean; now: number }) => {
      Object.assign(change, { withdrawn: isSure ? 'surely' : 'perhaps', withdrawnAt: now })
      const message = written.get(change.clientId)
      if (message) message.discardedIn = undefined
      reach('deletion undone')
    },
    /** A page of this browser went away, or its clock was set: what it holds back may go out now, and so may what was withdrawn `since`. */
    letGo: (browser: Browser, since: number) => {
      for (const change of changes.values()) {
        if (change.browser !== browser || change.notBefore === undefined) continue
        change.notBefore = 0
        if (change.withdrawn === 'surely' && change.withdrawnAt >= since) change.withdrawn = 'perhaps'
      }
    },
    wiped: (browser: Browser) => {
      for (const change of changes.values()) {
        if (change.browser !== browser) continue
        change.wasWiped = true
        if (!browser.tabs.has(change.tab)) change.isOptional = true
      }
      for (const message of written.values()) {
        if (message.browser !== browser || message.acked) continue
        message.isKept = false
        // Only the storage had it.
        if (!browser.tabs.has(message.tab)) message.isOptional = true
      }
    },
    heard: (tab: Tab, fact: Action, now: number) => {
      stretches.heard(tab, fact)
      if (messageSaved.match(fact)) {
        const message = written.get(fact.payload.clientId)
        if (message) message.isKept = true
      } else if (messageStored.match(fact)) {
        const { clientId, id, seq, at } = fact.payload
        const message = written.get(clientId)
        // A frozen tab may hear late what a server of the lost past said.
        if (!message || at < restoredAt) return
        if (message.acked && (message.acked.id !== id || message.acked.seq !== seq))
          journal.violate('I2', `${tab.name} was told that ${clientId} is ${seq}, and before that it is ${message.acked.seq}`)
        message.acked = { id, seq }
        message.ackedIn.add(tab)
        message.isKept = true
      } else if (sendRefused.match(fact)) rowRefused(tab, fact.payload, now)
      // It was refused in a transaction of which nobody knew whether it was kept.
      else if (outboxLoaded.match(fact)) {
        for (const { conv, clientId, state } of fact.payload.rows)
          if (state.name === 'refused' && !written.get(clientId)?.wasRefused) rowRefused(tab, { conv, clientId, code: state.code }, now)
      } else if (operationApplied.match(fact)) {
        const change = changes.get(fact.payload.opId)
        if (change) change.outcome = 'applied'
        reach('change applied')
      } else if (operationRefused.match(fact)) changeRefused(tab, fact.payload, now)
      else if (pastReplaced.match(fact)) offeredAt.set(userOf(tab), now)
      else if (messageKeptInMemory.match(fact)) reach('row in memory only')
      else if (sendDelayed.match(fact)) reach(`send delayed ${fact.payload.code}`)
      else if (storageLost.match(fact)) reach('storage trouble')
      else if (conversationLeft.match(fact)) reach('conversation left')
      else if (receiptsChanged.match(fact) && fact.payload.read > fact.payload.delivered)
        journal.violate('I12', `${tab.name} was told that more was read than delivered`)
    },
    arrived: (user: UserId, name: string, body: unknown) => {
      const { ok, code, ...answer } = body as { ok?: boolean; code?: string } & Record<string, unknown>
      if (name === 'log:events') {
        const { conv, events } = body as { conv: ConversationId; events: { rev: number }[] }
        for (const { rev } of events) pushed.push({ user, conv, rev })
      } else if (name === 'log:head') reach('head told by the poller')
      else if (name === 'session:expiring') reach('token expiring')
      else if (name === 'server:farewell') reach(`farewell ${code}`)
      else if (ok === false) reach(`answer ${code}`)
      else if (name === 'sync:pull answered') reach('reset' in answer ? 'reset' : 'pull')
      else if (name === 'message:send answered') {
        for (const result of answer['results'] as { ok: boolean; dup?: boolean; gone?: boolean; code?: string }[]) {
          if (result.gone) reach('answered gone')
          else if (result.dup) reach('answered dup')
          else if (!result.ok) reach(`result ${result.code}`)
        }
      } else if (Array.isArray(answer['diverged']) && answer['diverged'].length > 0) reach('diverged')
    },
  }
}
export type Records = ReturnType<typeof openRecord>
