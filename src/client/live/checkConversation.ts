import { chainHashFrom, linkBytes, linkOf, textOf } from '#protocol/chain.ts'
import type { ConversationId, Epoch } from '#protocol/ids.ts'
import { PAGE_MAX, PULL_RESET_BEYOND } from '#protocol/limits.ts'
import { isKnown, type LogEvent, type UnknownEvent } from '#protocol/log.ts'
import type { ChatMessage } from '#protocol/message.ts'
import { browserSha256 } from './browserHash.ts'
import type { openCatchUp } from './catchUp.ts'
import type { CheckReport } from './client.ts'
import type { ConversationLog } from './conversationLog.ts'
import type { Line } from './line.ts'
import type { Storage } from './storage.ts'

export type CheckParts = {
  log: ConversationLog
  epoch: Epoch | null
  storage: Storage
  request: Line['request']
  /** Hexadecimal SHA-256, or undefined where the browser has none (pages that came without encryption). */
  sha256: ((bytes: Uint8Array<ArrayBuffer>) => Promise<string>) | undefined
}

/** How far down the messages kept here are compared: more than anybody scrolls through between two checks. */
const PAGES_MAX = 100

/** As far back as the server tells line by line, with room for what is said meanwhile. */
const CHAIN_MAX = PULL_RESET_BEYOND - PAGE_MAX

/**
 * Compares what this device keeps of a conversation with the server: every message by id, version and text, and the newest stretch of
 * the log by its hash chain. The newest message should be here, and all that stands above a message that is; what lies below may never have
 * been read, or was given up for room. What changed on the server after the log's present rev is none of its business.
 */
export async function checkConversation({ log, epoch, storage, request, sha256 }: CheckParts): Promise<CheckReport> {
  const { conv, rev, seq, h } = log
  const firstSeen = log.facts.visibleFrom + 1
  let messages = 0
  let differing = 0
  for (let before = seq + 1, pages = 0; before > firstSeen && pages < PAGES_MAX; pages++) {
    const held = await storage.page(conv, before, PAGE_MAX, epoch)
    const lowest = held.messages[0]?.seq ?? (held.below === undefined ? seq : held.below + 1)
    // Nothing is kept from here on.
    if (lowest >= before) break
    const reply = await request('history:page', { conv, at: { beforeSeq: before }, limit: PAGE_MAX })
    if (!reply.ok) return { ok: false, code: reply.code }
    const here = new Map(held.messages.map((message) => [message.seq, message]))
    const there = new Map(reply.messages.map((message) => [message.seq, message]))
    // Each page is cut where the shorter one begins.
    const first = Math.max(lowest, reply.messages[0]?.seq ?? 0, firstSeen)
    for (let at = first; at < before; at++) {
      if (!here.has(at) && !there.has(at)) continue
      messages++
      if (differs(here.get(at), there.get(at), rev)) differing++
    }
    before = first
  }
  const chain = sha256 ? await checkChain({ conv, rev, h, request, sha256 }) : 'unchecked'
  return typeof chain === 'string' ? { ok: true, messages, differing, chain } : chain
}

type RepairParts = Omit<CheckParts, 'sha256'> & {
  catchUp: Pick<ReturnType<typeof openCatchUp>, 'written' | 'repair'>
  storageFailed: (error: unknown) => void
}

/** Compares it when all that has arrived is kept, and reads it anew where it differs. Never rejects: what can't be read is told of. */
export async function checkAndRepair({ log, catchUp, storageFailed, ...more }: RepairParts): Promise<CheckReport> {
  const { conv } = log
  // What arrives while one write is waited for is written after it.
  let rev: number
  do {
    rev = log.rev
    await catchUp.written(conv)
  } while (rev !== log.rev)
  const report = await checkConversation({ log, sha256: browserSha256, ...more }).catch((error: unknown) => {
    storageFailed(error)
    return { ok: false, code: 'UNREADABLE' } as const
  })
  if (report.ok && (report.differing > 0 || report.chain === 'broken')) catchUp.repair(conv)
  return report
}

/** An edit that came after `rev` will still arrive by itself. */
const differs = (here: ChatMessage | undefined, there: ChatMessage | undefined, rev: number): boolean =>
  !here ||
  !there ||
  there.id !== here.id ||
  (there.version <= rev && (there.version !== here.version || there.body !== here.body || there.deletedAt !== here.deletedAt))

type ChainParts = { conv: ConversationId; rev: number; h: string; request: Line['request']; sha256: NonNullable<CheckParts['sha256']> }

async function checkChain({
  conv,
  rev,
  h,
  request,
  sha256,
}: ChainParts): Promise<'whole' | 'broken' | 'unchecked' | Extract<CheckReport, { ok: false }>> {
  let previous: string | undefined
  let followed = 0
  for (let from = Math.max(1, rev - CHAIN_MAX); from < rev;) {
    const reply = await request('sync:pull', { conv, from })
    if (!reply.ok) return { ok: false, code: reply.code }
    // Purged, or from before this person came: there is nothing to follow.
    if ('reset' in reply || reply.events.length === 0) return 'unchecked'
    for (const event of reply.events) {
      const expected = previous === undefined ? undefined : await hashAfter(previous, event, sha256)
      if (expected !== undefined && expected !== event.h) return 'broken'
      if (event.rev === rev && event.h !== h) return 'broken'
      if (expected !== undefined) followed++
      previous = event.h
    }
    from = reply.to
  }
  return followed > 0 ? 'whole' : 'unchecked'
}

/** undefined where the text that its link covers is not here any more, or it is of a kind that this build does not know. */
async function hashAfter(previous: string, event: LogEvent | UnknownEvent, sha256: ChainParts['sha256']): Promise<string | undefined> {
  if (!isKnown(event)) return undefined
  const text = textOf(event)
  if (text === 'unknown') return undefined
  const bodyHash = text === 'none' ? '' : await sha256(new TextEncoder().encode(text.text))
  return chainHashFrom(await sha256(linkBytes(previous, linkOf(event, bodyHash))))
}
