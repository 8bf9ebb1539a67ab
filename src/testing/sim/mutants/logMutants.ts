import type { Edit, Mutant } from './mutant.ts'

const CATCH_UP = 'src/client/live/catchUp.ts'
const KEEPING = 'src/client/live/keeping.ts'
const LOG = 'src/client/live/conversationLog.ts'
const STORAGE = 'src/client/live/storage.ts'
const ENGINE = 'src/client/live/engine.ts'
const LINE = 'src/client/live/line.ts'
const ROWS = 'src/client/live/outboxRows.ts'
const LINE_TEST = 'src/client/live/line.test.ts'
const STORAGE_TEST = 'src/client/live/storage.test.ts'
const PAST_TEST = 'src/client/live/anotherPast.test.ts'
const HOLES_TEST = 'src/client/live/holes.test.ts'
const MACHINE = 'src/client/live/lineMachine.ts'

/** The second net: whoever reads the shared rows takes out what was seen in the log. */
const REREAD_FORGIVES: Edit = {
  file: ROWS,
  find: `|| parts.isCurrent(row.conv)) takeOut(row.clientId)`,
  replace: `|| parts.isCurrent(row.conv)) continue`,
}

/** What happened, as clients follow it. */
export const LOG_MUTANTS: readonly Mutant[] = [
  {
    name: 'cursor is the newest seen',
    says: 'an event above a hole moves the cursor over the hole',
    file: LOG,
    find: `if (event.rev <= log.rev) continue`,
    replace: `if (event.rev <= log.rev) continue; else log.rev = event.rev - 1`,
  },
  {
    name: 'known events taken again',
    says: 'what is known already waits for a hole that is none',
    file: LOG,
    find: `if (event.rev <= log.rev) continue`,
    replace: ``,
  },
  {
    name: 'early events dropped',
    says: 'an event above a hole is forgotten, and nobody knows of the hole',
    file: LOG,
    find: `log.early.set(event.rev, event)`,
    replace: `if (event.rev === log.rev + 1) log.early.set(event.rev, event); else continue`,
  },
  {
    name: 'gap timer never pulls',
    says: 'a hole in what was pushed is not fetched',
    file: CATCH_UP,
    find: `        if (log.early.size > 0) need(log)`,
    replace: ``,
    by: HOLES_TEST,
  },
  {
    name: 'no anti-entropy',
    says: 'heads are compared at the hello only',
    file: ENGINE,
    find: `if (isOpen(line.state()) && line.state().name !== 'syncing') void exchangeHeads()`,
    replace: ``,
    by: HOLES_TEST,
  },
  {
    name: 'heads not compared',
    says: 'a hello brings no conversation that moved on',
    file: CATCH_UP,
    find: `if (isBehind(log) || log.rev === 0) owed.add(conv)`,
    replace: `if (log.rev === 0) owed.add(conv)`,
    by: HOLES_TEST,
  },
  {
    name: 'told heads ignored',
    says: 'a client that is told how far the log reaches does not look',
    file: CATCH_UP,
    find: `      if (rev > log.rev) {`,
    replace: `      if (rev < 0) {`,
    by: HOLES_TEST,
  },
  {
    name: 'holes in what happens to a person ignored',
    says: 'somebody who was not told that they were added or removed never finds out',
    file: 'src/client/live/personLog.ts',
    find: `if (event.urev === urev + 1) happened(event, false)`,
    replace: `if (event.urev > urev) happened(event, false)`,
    by: HOLES_TEST,
  },
  {
    name: 'blind cursor write',
    says: 'the storage takes events that do not follow what it has',
    file: STORAGE,
    find: `if (held && held.rev < batch.from) return { behind: held }`,
    replace: ``,
    by: 'src/client/live/storage.test.ts',
  },
  {
    name: 'no roll-back',
    says: 'a storage that is behind is never brought up again',
    file: CATCH_UP,
    find: `rolledBack(log, stored)`,
    replace: ``,
    by: HOLES_TEST,
  },
  {
    name: 'a stale pull accepted',
    says: 'an answer from above a roll-back counts as contiguous',
    file: CATCH_UP,
    find: `if (reply.from > log.rev) continue`,
    replace: `if (reply.from > log.rev) log.rev = reply.from`,
    by: HOLES_TEST,
  },
  {
    name: 'a replaced past stays on screen',
    says: 'nobody is told that what is shown was another past',
    file: CATCH_UP,
    find: `emit(pastReplaced({ conv: log.conv, because }))`,
    replace: ``,
    by: PAST_TEST,
  },
  {
    name: 'two pasts in one storage',
    says: 'what could not be replaced while the disk was full is added to as if it had been',
    file: KEEPING,
    find: `(distrusted.has(log.conv) ? replace(log, batch.settled) : append(log, batch))`,
    replace: `append(log, batch)`,
    by: PAST_TEST,
  },
  {
    name: 'settled with the log or never',
    says: 'an own message whose log entry could not be kept stays in the stored outbox',
    file: KEEPING,
    find: `parts.unsettled(clientIds)`,
    replace: ``,
    also: [REREAD_FORGIVES],
  },
  {
    name: 'told and not followed',
    says: 'what is told of while a pull is under way is not asked for',
    file: CATCH_UP,
    find: `&& log.early.size === 0 && !isToldMore) break`,
    replace: `&& log.early.size === 0) break`,
    by: HOLES_TEST,
  },
  {
    name: 'asked once about what is on screen',
    says: 'what was edited while very much was missed stays as it was, when the first question fails',
    file: CATCH_UP,
    find: `for (const conv of stale.keys()) void revalidate(logs.get(conv)!)`,
    replace: ``,
    by: HOLES_TEST,
  },
  {
    name: 'a lost past trusted by others',
    says: 'a tab that knows of nothing yet takes out with the lost log what another one offers again',
    file: STORAGE,
    find: `{ ...held, h: NO_HASH }`,
    replace: `held`,
    by: STORAGE_TEST,
  },
  {
    name: 'a page of another past',
    says: 'what another tab kept of a past that this one does not know is shown, and what is too far behind to be brought up to date',
    file: 'src/client/live/pages.ts',
    find: `kept.h === log.trail.get(kept.rev)`,
    replace: `kept.rev <= log.rev`,
    by: PAST_TEST,
  },
  {
    name: 'a lost past is kept on',
    says: 'what was still to be kept of it takes messages out of the outbox that are offered again',
    file: KEEPING,
    find: `if (isOver() || !(await work())) return`,
    replace: `if (!(await work())) return`,
    by: PAST_TEST,
  },
  {
    name: 'shown and not asked about',
    says: 'what was shown and could not be kept stays on screen though it was lost',
    file: CATCH_UP,
    find: `row ? positionOf(row) : furthestOf(log)`,
    replace: `positionOf(row ?? log)`,
    by: PAST_TEST,
  },
  {
    name: 'a given-up storage keeps the outbox',
    says: 'where the log goes on without the storage, what it settles stays there',
    file: KEEPING,
    find: `parts.unsettled(batch.settled)`,
    replace: `return false`,
    also: [REREAD_FORGIVES],
  },
  {
    name: 'read on from anywhere',
    says: 'a storage that is behind is taken for the past this tab knows, whatever its hash',
    file: KEEPING,
    find: `rev === 0 || log.trail.get(rev) === h`,
    replace: `rev >= 0 || h === ''`,
    by: HOLES_TEST,
  },
  {
    name: 'pushes before the comparison',
    says: 'what is told before it is known whose past it follows is put on top of what is held',
    file: ENGINE,
    find: `if (early) return void early.push(() => pushed(name, push))`,
    replace: ``,
    by: PAST_TEST,
  },
  {
    name: 'a replaced past stays stored',
    says: 'the cache of another past wins over the server when its number is higher',
    file: KEEPING,
    find: `{ ...more, force: distrusted.has(log.conv) }`,
    replace: `{ ...more, force: false }`,
    by: PAST_TEST,
  },
  {
    name: 'a new epoch unnoticed',
    says: 'another database on the server is taken for the one before',
    file: ENGINE,
    find: `const isAnotherPast = epoch !== null && epoch !== answer.epoch`,
    replace: `const isAnotherPast = epoch === answer.epoch && epoch !== answer.epoch`,
    by: PAST_TEST,
  },
  {
    name: 'a line that never comes back',
    says: 'waiting for the next dial has no end',
    file: MACHINE,
    find: `      return state.until`,
    replace: `      return undefined`,
  },
  {
    name: 'online not heard',
    says: 'the return of the network brings nobody back',
    file: LINE,
    find: `happened({ name: 'ONLINE' })`,
    replace: ``,
    by: LINE_TEST,
  },
  {
    name: 'lines not hung up',
    says: 'a line that was given up stays open beside the next one',
    file: LINE,
    find: `    socket?.close()`,
    replace: ``,
  },
  {
    name: 'timers left behind',
    says: 'a page that was closed goes on looking at its line',
    file: LINE,
    find: `      stopTick()`,
    replace: ``,
  },
  {
    name: 'marks go back on the client',
    says: 'an answer that was overtaken takes back who has read what',
    file: LOG,
    find: `  delivered: Math.max(a.delivered, b?.delivered ?? 0),`,
    replace: `  delivered: Math.min(a.delivered, b?.delivered ?? a.delivered),`,
    by: 'src/client/live/catchUp.test.ts',
  },
]
