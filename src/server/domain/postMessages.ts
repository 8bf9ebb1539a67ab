import { covered } from '#protocol/chain.ts'
import type { LogEventOf } from '#protocol/log.ts'
import { bodyFault } from '#protocol/message.ts'
import type { MessageDraft } from '#protocol/requests.ts'
import type { RequestOf, SendResult } from '#protocol/events.ts'
import type { ConversationId, MessageId } from '#protocol/ids.ts'
import { Refused, type Membership, type Tx } from '#server/storage/store.ts'
import { appendLog, type LogWriter } from './appendLog.ts'
import type { Core, Identity } from './core.ts'
import { agree } from './directs.ts'
import { filesToSend } from './files.ts'
import { placeIn, standingIn } from './membership.ts'
import { obstacle } from './rules.ts'
import { write } from './write.ts'

/**
 * Stores messages of one conversation in the order given, in one transaction, each exactly once: a client id that was stored before
 * is answered with what was stored then, and told to everybody again, because the first telling may have been lost. One message that
 * is refused does not stop the others. Whoever had read everything there was has read what they write themselves, so that it is
 * unread nowhere, even before one of their devices says how far it got.
 */
export async function postMessages(core: Core, who: Identity, request: RequestOf<'message:send'>): Promise<{ results: SendResult[] }> {
  return write(core, async (tx, tell) => {
    const standing = await standingIn(tx, who, await tx.lockConversation(request.conv))
    if (obstacle('message:send', standing)?.code === 'E_NOT_MEMBER') return { results: await answersToFormerMember(core, tx, who, request) }
    const { conversation, membership: sender } = placeIn('message:send', standing)
    const conv = conversation.id
    await agree(core, tx, sender, tell)

    const log = appendLog(core, tx, conversation)
    const replayed: LogEventOf<'new'>[] = []
    const results: SendResult[] = []
    for (const draft of request.messages) results.push(await postOne({ core, tx, who, sender, log, replayed }, draft))
    await log.close()

    if (log.events.length + replayed.length > 0) {
      const recipients = await tx.memberIds(conv)
      for (const events of contiguousRuns(replayed)) {
        // Told a second time, perhaps long after: whoever came since has no part in it.
        const later = new Set(await tx.memberIdsNotSeeing(conv, events[0]!.message.seq))
        tell({ kind: 'log', conv, events, recipients: recipients.filter((user) => !later.has(user)) })
      }
      if (log.events.length > 0) tell({ kind: 'log', conv, events: log.events, recipients })
    }
    // Told to nobody: their devices don't count it anyway, and the others hear of it with what reached those devices.
    const through = conversation.seq + log.events.length
    if (sender.read === conversation.seq) await tx.updateMember(conv, who.user, { delivered: through, read: through })
    return { results }
  })
}

type Posting = {
  core: Core
  tx: Tx
  who: Identity
  sender: Membership
  log: LogWriter
  /** Events of messages that turned out to be stored already. */
  replayed: LogEventOf<'new'>[]
}

async function postOne({ core, tx, who, sender, log, replayed }: Posting, draft: MessageDraft): Promise<SendResult> {
  const { clientId, body, replyTo, files: ids = [] } = draft
  const fault = bodyFault(body)
  // files may say enough
  if (fault && !(fault === 'empty' && ids.length > 0)) return { clientId, ok: false, code: fault === 'tooLong' ? 'E_TOO_BIG' : 'E_INVALID' }

  const bodyHash = coveredHash(core, draft)
  // Known messages come first: a retry is answered as it was, even when what it replies to is gone by now, and its files are its own.
  const files = await filesToSend(tx, who, ids)
  const isRefused = !files || (replyTo !== undefined && !(await mayReplyTo(tx, sender, replyTo)))
  const parts = {
    id: core.newId() as MessageId,
    clientId,
    sender: who.user,
    senderName: sender.person.name,
    body,
    sentAt: Math.min(draft.sentAt, log.at),
    ...(replyTo !== undefined && { replyTo }),
    ...(files && files.length > 0 && { files }),
  }
  const event = isRefused ? undefined : await log.appendMessage(parts, bodyHash)
  if (event) return { clientId, ok: true, id: parts.id, seq: event.message.seq, rev: event.rev, at: event.at }
  const known = await answerToKnown(tx, who, sender.conv, clientId, bodyHash, replayed)
  return known ?? { clientId, ok: false, code: 'E_NOT_FOUND' }
}

/** What the log's link covers of it. */
const coveredHash = (core: Core, { body, files }: MessageDraft): string =>
  core.sha256(
    covered(
      body,
      files?.map((id) => ({ id })),
    ),
  )

async function mayReplyTo(tx: Tx, sender: Membership, id: MessageId): Promise<boolean> {
  const target = await tx.message(id)
  return target !== undefined && target.conv === sender.conv && target.seq > sender.visibleFrom
}

/** The answer to a client id this sender used before, or undefined when they did not. */
async function answerToKnown(
  tx: Tx,
  who: Identity,
  conv: ConversationId,
  clientId: MessageDraft['clientId'],
  bodyHash: string,
  replayed: LogEventOf<'new'>[],
): Promise<SendResult | undefined> {
  const known = await tx.messageByClientId(who.user, clientId)
  if (!known) {
    const gone = await tx.tombstone(who.user, clientId)
    if (!gone) return undefined
    if (gone.conv !== conv) return { clientId, ok: false, code: 'E_ID_CONFLICT' }
    return { clientId, ok: true, id: gone.id, seq: gone.seq, rev: gone.rev, at: gone.at, dup: true, gone: true }
  }
  const { message, rev, h } = known
  if (message.conv !== conv || known.bodyHash !== bodyHash) return { clientId, ok: false, code: 'E_ID_CONFLICT' }
  replayed.push({ conv, rev, h, at: message.at, kind: 'new', actor: who.user, message })
  return { clientId, ok: true, id: message.id, seq: message.seq, rev, at: message.at, dup: true }
}

/** Whoever was removed may still learn that a message got in before that: its answer was lost, the message was not. */
async function answersToFormerMember(core: Core, tx: Tx, who: Identity, request: RequestOf<'message:send'>): Promise<SendResult[]> {
  const known = await inTurn(request.messages, (draft) => answerToKnown(tx, who, request.conv, draft.clientId, coveredHash(core, draft), []))
  if (known.every((answer) => answer?.ok !== true)) throw new Refused('E_NOT_MEMBER')
  return known.map((answer, i) => answer ?? { clientId: request.messages[i]!.clientId, ok: false, code: 'E_NOT_MEMBER' })
}

async function inTurn<A, B>(list: A[], act: (item: A) => Promise<B>): Promise<B[]> {
  const answers: B[] = []
  for (const item of list) answers.push(await act(item))
  return answers
}

function contiguousRuns<E extends { rev: number }>(events: E[]): E[][] {
  const runs: E[][] = []
  for (const event of events.toSorted((a, b) => a.rev - b.rev)) {
    const run = runs.at(-1)
    const last = run?.at(-1)?.rev
    if (last === event.rev) continue
    if (run && last === event.rev - 1) run.push(event)
    else runs.push([event])
  }
  return runs
}
