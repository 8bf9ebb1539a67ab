/*
 * Selectors for screens. `S` is the whole state; those marked * stand in this folder because two subjects meet in them.
 *
 * session        selectSession(S) → SessionState          selectMe(S) → Me | null          selectMyId(S) → UserId | null
 * connection     selectConnectionName(S) → ConnectionName selectIsLive(S) → boolean        chipFor(name) → ChipWord
 *                bannerFor(S.connection, now, selectUnsentCount(S)) → Banner | null        nextChangeAt(S.connection, now) → number | null
 *                countdownWords(countdownTo, now) → string
 * conversations  selectConversationList(S)* → ConversationItem[]                           selectConversation(S, conv)* → ConversationView | undefined
 *                selectUnreadTotal(S)* → number           selectConversationsComplete(S) → boolean
 *                selectOpenConversation(S) → ConversationId | null                         selectLeft(S, conv) → LeftConversation | undefined
 *                selectEntry(S, conv) → ConversationEntry | undefined                      titleFor(facts, me) → string
 * messages       makeSelectRows()* → (S, conv) → readonly Row[]   one per list, `useMemo(makeSelectRows, [])`
 *                selectTimeline(S, conv) → Timeline       selectIsLoaded(S, conv) → boolean
 *                selectVerifiedThrough(S, conv) → number | null                            selectFetch(S, conv) → Fetch | null
 *                isUnconfirmed(row, now) → boolean        olderLetGo({conv}): an action for a list that is pinned and idle
 * outbox         selectOutboxOf(S, conv) → OutboxRow[]    selectDelayOf(S, conv) → Delay | null
 *                selectUnsentCount(S) → number            selectUnsentCountOf(S, conv) → number
 *                selectOutboxList(S)* → OutboxItem[]      every unsent or refused row, for the outbox page
 * presence       selectPresence(S, user)* → ShownPresence selectTypists(S, conv) → Typist[]
 *                typingNow(typists, now), typingEndsAt(typists, now), typingWords(names)
 * receipts       selectMarksOf(S, conv) → Record<UserId, Marks>
 * composer       selectDraft(S, conv) → string            composerVerdict(text) → ComposerVerdict
 * notices        selectNotices(S) → Notice[]              actions noticeGiven({text}), noticeDismissed({id})
 */
import { selectDivider } from '#client/features/conversations/conversationsSlice.ts'
import { selectTimeline } from '#client/features/messages/messagesSlice.ts'
import { rowsFor, type Row } from '#client/features/messages/rowsFor.ts'
import { selectOutboxOf } from '#client/features/outbox/outboxSlice.ts'
import { everybodyReached } from '#client/features/receipts/everybodyReached.ts'
import { selectMarksOf } from '#client/features/receipts/receiptsSlice.ts'
import { selectMe, selectMyId } from '#client/features/session/sessionSlice.ts'
import type { OutboxRow } from '#client/live/facts.ts'
import type { RootState } from '#client/store/makeStore.ts'
import type { Member } from '#protocol/conversation.ts'
import type { ConversationId, UserId } from '#protocol/ids.ts'
import type { Me } from '#protocol/session.ts'

const NO_MEMBERS: Member[] = []
/** Clocks that differ by less than this are called equal, so that each measurement doesn't make new rows. */
const SKEW_STEP_MS = 60_000

/** The rows of one list. It remembers the rows it gave last, so that an unchanged row stays the same object; make one per list. */
export function makeSelectRows(): (state: RootState, conv: ConversationId) => readonly Row[] {
  let inputs: readonly unknown[] = []
  let rows: readonly Row[] = []
  let of: ConversationId | null = null
  return (state, conv) => {
    const members = state.conversations.byId[conv]?.facts.members ?? NO_MEMBERS
    const marks = selectMarksOf(state, conv)
    const me = selectMe(state)
    const { synced } = state.connection
    const skewMs = synced ? Math.round((synced.serverAt - synced.at) / SKEW_STEP_MS) * SKEW_STEP_MS : 0
    const timeline = selectTimeline(state, conv)
    const outbox: OutboxRow[] = selectOutboxOf(state, conv)
    const divider = selectDivider(state, conv)
    const next = [conv, timeline, outbox, members, marks, me, divider, skewMs]
    if (next.every((input, at) => input === inputs[at])) return rows
    inputs = next
    const before = of === conv ? rows : []
    of = conv
    rows = rowsFor({ timeline, outbox, me: selectMyId(state), names: namesOf(members, me), reached: everybodyReached(members, marks, selectMyId(state)), divider, skewMs }, before)
    return rows
  }
}

function namesOf(members: readonly Member[], me: Me | null): Record<UserId, string> {
  const names = Object.fromEntries(members.map((member) => [member.id, member.name])) as Record<UserId, string>
  return me ? { ...names, [me.id]: me.name } : names
}

