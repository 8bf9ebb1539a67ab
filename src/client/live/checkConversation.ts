import { chainHashFrom, linkBytes, linkOf, textOf } from '#protocol/chain.ts'
import type { ConversationId, Epoch } from '#protocol/ids.ts'
import { PAGE_MAX, PULL_RESET_BEYOND } from '#protocol/limits.ts'
import { isKnown, type LogEvent, type UnknownEvent } from '#protocol/log.ts'
import type { ChatMessage } from '#protocol/message.ts'
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

/**
 * Compares what this device keeps of a conversation with the server: every message by id, version and text, and the newest stretch of
 * the log by its hash chain. What changed on the server after the log's present rev is none of its business.
 */
export async function checkConversation({ log, epoch, storage, request, sha256 }: CheckParts): Promise<CheckReport> {
  const { conv, rev, seq } = log
  let messages = 0
  let differing = 0
  for (let before = seq + 1, pages = 0; before > 1 && pages < PAGES_MAX; pages++) {
    const held = await storage.page(conv, before, PAGE_MAX, epoch)
    if (held.messages.length === 0) break
    const reply = await request('history:page', { conv, at: { beforeSeq: before }, limit: PAGE_MAX })
    if (!reply.ok) return { ok: false, code: reply.code }
    const there = new Map(reply.messages.map((message) => [message.seq, message]))
    // Each page is cut where the shorter one begins.
    const first = Math.max(held.messages[0]!.seq, reply.messages[0]?.seq ?? 0)
    for (const message of held.messages) {
      if (message.seq < first) continue
      messages++
      if (differs(message, there.get(message.seq), rev)) differing++
    }
    before = first
  }
  const chain = sha256 ? await checkChain({ conv, rev, h: log.h, request, sha256 }) : 'unchecked'
  return typeof chain === 'string' ? { ok: true, messages, differing, chain } : chain
}

/** An edit that came after `rev` will still arrive by itself. */
const differs = (here: ChatMessage, there: ChatMessage | undefined, rev: number): boolean =>
  !there ||
  there.id !== here.id ||
  (there.version <= rev && (there.version !== here.version || there.body !== here.body || there.deletedAt !== here.deletedAt))

type ChainParts = { conv: ConversationId; rev: number; h: string; request: Line['request']; sha256: NonNullable<CheckParts['sha256']> }

async function checkChain({ conv, rev, h, request, sha256 }: ChainParts): Promise<'whole' | 'broken' | Extract<CheckReport, { ok: false }>> {
  const hex = (text: string) => sha256(new TextEncoder().encode(text))
  let previous: string | undefined
  for (let from = Math.max(1, rev - PULL_RESET_BEYOND); from < rev;) {
    const reply = await request('sync:pull', { conv, from })
    if (!reply.ok) return { ok: false, code: reply.code }
    // Purged, or from before this person came: there is nothing to follow.
    if ('reset' in reply || reply.events.length === 0) return 'whole'
    for (const event of reply.events) {
      if (previous !== undefined && !(await follows(event, previous, { sha256, hex }))) return 'broken'
      if (event.rev === rev && event.h !== h) return 'broken'
      previous = event.h
    }
    from = reply.to
  }
  return 'whole'
}

async function follows(
  event: LogEvent | UnknownEvent,
  previous: string,
  { sha256, hex }: { sha256: ChainParts['sha256']; hex: (text: string) => Promise<string> },
): Promise<boolean> {
  if (!isKnown(event)) return true
  const text = textOf(event)
  if (text === 'unknown') return true
  const bodyHash = text === 'none' ? '' : await hex(text.text)
  return chainHashFrom(await sha256(linkBytes(previous, linkOf(event, bodyHash)))) === event.h
}
