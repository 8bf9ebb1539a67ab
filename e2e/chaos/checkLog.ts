import { createHash } from 'node:crypto'
import type { Violation } from './checker.ts'
import type { Evidence } from './evidence.ts'
import type { ChainRow, EventOf } from './history.ts'

/** What the log on the disk tells about what people wrote: I1, I2, I3, I5, I6, I8 and, of the end, I9. */
export function checkLog(evidence: Evidence): Violation[] {
  const found: Violation[] = []
  const report = (invariant: string, counts: Violation['counts'], says: string, ids: string[] = []) => found.push({ invariant, counts, says, ids })

  for (const { who, tab, says, ids } of evidence.unsettled) report('I9', 'unsettled', `tab ${tab} of ${who}: ${says}`, ids)

  for (const event of evidence.written) {
    const verdict = verdictOn(event, evidence)
    if (verdict) report('I1', 'lost', verdict, [event.id])
  }
  const judged = new Set<string>()
  for (const refusal of evidence.refusals) {
    const verdict = verdictOnRefusal(refusal, evidence)
    if (verdict && !judged.has(refusal.id)) report('I1', 'lost', verdict, [refusal.id])
    if (verdict) judged.add(refusal.id)
  }

  for (const [conv, log] of evidence.logs) {
    const byId = new Map<string, number>()
    const byWriting = new Map<string, number>()
    for (const [seq, id, sender, body] of log) {
      const cancelled = evidence.cancelled.get(id)
      if (cancelled && body !== '' && mustBeGone(cancelled, evidence))
        report('I8', 'duplicated', `${conv} holds at ${seq} what was taken back: ${brief(body)}`, [id])
      const what = evidence.writing(conv, sender, body)
      // taken back when it was on its way already, or deleted: its text is nowhere
      const isWiped = body === '' && (cancelled !== undefined || evidence.toBeDeleted.has(id))
      const before = byId.get(`${sender} ${id}`) ?? (isWiped ? undefined : byWriting.get(what))
      if (before !== undefined) report('I2', 'duplicated', `${conv} holds at ${seq} what it holds at ${before}: ${brief(body)}`, [id])
      byId.set(`${sender} ${id}`, seq)
      if (isWiped) continue
      byWriting.set(what, seq)
      const source = evidence.byWriting.get(what)
      if (source && source.id !== id && evidence.byId.has(id))
        report('I8', 'duplicated', `${conv} holds at ${seq} the text of another message: ${brief(body)}`, [id])
      if (!source) report('I8', 'duplicated', `${conv} holds at ${seq} what nobody wrote: ${brief(body)}`, [id])
    }
    log.forEach(([seq, id], at) => {
      const due = (log[at - 1]?.[0] ?? 0) + 1
      if (seq !== due) report('I3', 'reordered', `${conv} goes on with ${seq} where ${due} is due`, [id])
    })
  }
  const chains = new Map(evidence.chains.map(({ conv, log }) => [conv, log]))
  for (const conv of new Set([...evidence.logs.keys(), ...evidence.conversations.map((event) => event.conv)])) {
    const chain = chains.get(conv)
    const broken = chain && brokenLink(chain, evidence)
    if (!chain) report('I3', 'reordered', `nothing proves the log of ${conv}`)
    else if (broken) report('I3', 'reordered', `the log of ${conv} ${broken}`)
  }

  const lines = new Map<string, EventOf<'written'>[]>()
  for (const event of evidence.written) {
    // whoever asks for a refused message again asks for another place
    if (evidence.refused.has(event.id)) continue
    const key = `${event.tab} ${event.conv}`
    const line = lines.get(key)
    if (line) line.push(event)
    else lines.set(key, [event])
  }
  for (const line of lines.values()) {
    let last: { seq: number; n: number } | undefined
    for (const { conv, id, n, tab } of line.sort((a, b) => a.n - b.n)) {
      const [seq, , , body] = evidence.place(conv, id) ?? []
      if (seq === undefined) continue
      // taken back while it waited: a tab that was not told in time may have sent it later, and it was deleted then
      if (body === '' && evidence.toBeDeleted.has(id)) continue
      // taken back in a page that forgot it: what came after did not wait for it, and the next page sends it
      if (isForgottenWish(id, evidence)) continue
      if (last && seq < last.seq)
        report('I5', 'reordered', `number ${n} of tab ${tab} stands at ${seq} in ${conv}, before number ${last.n} at ${last.seq}`, [id])
      else last = { seq, n }
    }
  }

  for (const { conv, id, seq, tab } of evidence.acked) {
    const place = evidence.place(conv, id)?.[0]
    const written = evidence.byId.get(id)
    // under another id the message may still be there; then it is no lie that it was sent
    if (place === undefined && !(written && evidence.isStored(written))) report('I6', 'lost', `tab ${tab} showed ✓ for what is not in ${conv}`, [id])
    else if (place !== undefined && place !== seq)
      report('I6', 'reordered', `tab ${tab} showed ✓ at ${seq} in ${conv} for what stands at ${place}`, [id])
  }
  return found
}

/**
 * Why a written message that is not stored should be, if it should.
 *
 * That somebody was removed excuses nothing: what is kept is tried by the next page of that browser, whichever it is, and that one must say
 * that it was refused. That a page was closed excuses nothing either, nor that somebody left it when it asked: it leaves its words behind.
 * Only what was written in a page that was killed, and was not kept until then, may be nowhere.
 */
function verdictOn(event: EventOf<'written'>, evidence: Evidence): string | undefined {
  const { conv, id, tab } = event
  if (evidence.isStored(event)) return event.poison ? `the log of ${conv} holds what should have been refused` : undefined
  // still on its way: unsettled, not lost
  if (evidence.cancelled.has(id) || evidence.toBeDeleted.has(id) || evidence.restless.has(id)) return undefined
  // whether that was right is judged for itself
  if (evidence.refused.has(id)) return undefined
  if (!evidence.kept.has(id) && evidence.wasKilled(tab)) return undefined
  return `${evidence.kept.has(id) ? 'kept' : 'written'} in tab ${tab}, and not in ${conv}`
}

/** A page that was killed, or left when it asked, was to take this back and had not kept that. */
function isForgottenWish(id: string, evidence: Evidence): boolean {
  const isForgotten = ({ op, tab, what, id: about }: EventOf<'asked'>) =>
    what === 'delete' && about === id && !evidence.keptChanges.has(op) && evidence.mayForget(tab)
  const cancelled = evidence.cancelled.get(id)
  return evidence.asked.some(isForgotten) || (cancelled !== undefined && mayBeForgotten(cancelled, evidence))
}

const mayBeForgotten = ({ id, tab }: EventOf<'cancelled'>, evidence: Evidence): boolean => !evidence.keptCancels.has(id) && evidence.mayForget(tab)

/** What was taken back may stand in the log when its page forgot that; or when its deletion came too late for somebody who had been removed. */
function mustBeGone(cancelled: EventOf<'cancelled'>, evidence: Evidence): boolean {
  // the client deletes under a name of its own
  const isTold = evidence.declined.some((event) => event.id === cancelled.id && event.code === 'E_NOT_MEMBER' && !evidence.askedByOp.has(event.op))
  return !mayBeForgotten(cancelled, evidence) && !isTold
}

/** Why a message should not have been refused. What is stored is sent, whatever came between. */
function verdictOnRefusal(refusal: EventOf<'refused'>, evidence: Evidence): string | undefined {
  const { id, conv, who, code } = refusal
  const written = evidence.byId.get(id)
  if (written && evidence.isStored(written) && !written.poison) return `refused as ${code}, and stored in ${conv}`
  if (written?.poison || (code === 'E_NOT_MEMBER' && evidence.isSaidToFormer(who, refusal))) return undefined
  return `refused as ${code} for no reason, in ${conv}`
}

function brokenLink(log: readonly ChainRow[], evidence: Evidence): string | undefined {
  let previous = '0000000000000000'
  for (const [at, [rev, kind, messageId, opId, bodyHash, h]] of log.entries()) {
    if (rev !== at + 1) return `goes on with rev ${rev} where ${at + 1} is due`
    // the text of an edit may be gone; whoever asked for it still knows it
    const asked = kind === 'edit' ? evidence.askedByOp.get(opId)?.body : undefined
    const hash = asked === undefined ? bodyHash : sha256(asked)
    const text = `${kind}|${messageId}|${opId}|${hash}`
    const due = createHash('sha256').update(Buffer.from(previous, 'hex')).update(text).digest('hex').slice(0, 16)
    if (h !== due) return `has at rev ${rev} a hash that does not follow from the one before`
    previous = h
  }
  return undefined
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')
const brief = (body: string): string => `“${body.slice(0, 40)}”`
