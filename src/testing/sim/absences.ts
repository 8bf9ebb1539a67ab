import type { ConversationId, UserId } from '#protocol/ids.ts'

/** Who was not a member of which conversation, and when. Somebody counts as away from the moment their removal is asked for. */
export function openAbsences() {
  const spans = new Map<string, { from: number; to: number }[]>()
  let inBackup: ReadonlySet<string> = new Set()
  const keyOf = (user: UserId, conv: ConversationId) => `${user} ${conv}`
  const current = (key: string) => spans.get(key)?.find(({ to }) => to === Infinity)

  function begin(key: string, now: number): void {
    if (!current(key)) spans.set(key, [...(spans.get(key) ?? []), { from: now, to: Infinity }])
  }
  function end(key: string, now: number): void {
    const span = current(key)
    if (span) span.to = now
  }

  return {
    left: (user: UserId, conv: ConversationId, now: number) => begin(keyOf(user, conv), now),
    returned: (user: UserId, conv: ConversationId, now: number) => end(keyOf(user, conv), now),
    backedUp: () => {
      inBackup = new Set([...spans.keys()].filter(current))
    },
    /** Members are now those of the backup. */
    restored: (now: number) => {
      for (const key of spans.keys()) if (!inBackup.has(key)) end(key, now)
      for (const key of inBackup) begin(key, now)
    },
    wasAway: (user: UserId, conv: ConversationId, from: number, to: number): boolean =>
      (spans.get(keyOf(user, conv)) ?? []).some((span) => span.from <= to && span.to >= from),
  }
}
export type Absences = ReturnType<typeof openAbsences>
