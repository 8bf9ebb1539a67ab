/*
 * Selectors for screens, one file per subject in this folder; `S` is the whole state. What needs no state stands in the feature.
 *
 * session.ts        selectSession(S) → SessionState            selectMe(S) → Me | null                  selectMyId(S) → UserId | null
 * connection.ts     selectConnectionName(S) → ConnectionName selectIsLive(S) → boolean
 *                   features/connection: chipFor(name) → its word; bannerFor(connection, now, unsentCount) → Banner | null;
 *                   nextChangeAt(connection, now) → number | null; countdownWords(countdownTo, now) → string
 * conversations.ts  selectConversationList(S) → ConversationItem[]                                      selectUnreadTotal(S) → number
 *                   selectConversation(S, conv) → ConversationView | undefined                          selectConversationsComplete(S) → boolean
 *                   selectOpenConversation(S) → ConversationId | null  selectLeft(S, conv) → LeftConversation | undefined
 *                   selectEntry(S, conv) → ConversationEntry | undefined        selectDivider(S, conv) → Divider | null
 *                   features/conversations: titleFor(facts, me) → string; otherOf(facts, me) → Member | undefined
 * rows.ts           makeSelectRows() → (S, conv) → readonly Row[]; one per list: `useMemo(makeSelectRows, [])`
 *                   features/messages: isUnconfirmed(row, now) → boolean
 * messages.ts       selectTimeline(S, conv) → Timeline          selectFetch(S, conv) → Fetch | null
 *                   selectVerifiedThrough(S, conv) → number | null        selectOlderBefore(S, conv) → number | null
 *                   selectReachesStart(S, conv) → boolean
 *                   features/messages: action olderLetGo({conv}), for a list that is pinned to the bottom and idle
 * outbox.ts         selectOutboxOf(S, conv) → OutboxRow[]       selectDelayOf(S, conv) → Delay | null    selectOutboxCount(S) → number
 *                   selectUnsentCount(S), selectUnsentCountOf(S, conv), selectRefusedCount(S) → number
 *                   selectOldUnsentCountOf(S, conv, now) → number; outboxList.ts: selectOutboxList(S) → OutboxItem[]
 * presence.ts       selectPresenceOf(S, user) → ShownPresence   selectTypists(S, conv) → Typist[]
 *                   features/presence: typingNow(typists, now), typingEndsAt(typists, now), typingWords(names)
 * in the features   selectDraft(S, conv) → string, composerVerdict(text) → ComposerVerdict (composer)
 *                   selectNotices(S) → Notice[], actions noticeGiven({text}), noticeDismissed({id}) (notices)
 */
import type { Change } from '#client/features/messages/changesSlice.ts'
import { rowsFor, type Row } from '#client/features/messages/rowsFor.ts'
import { everybodyReached } from '#client/features/receipts/everybodyReached.ts'
import type { Marks } from '#client/features/receipts/receiptsSlice.ts'
import type { OutboxRow } from '#client/live/facts.ts'
import type { RootState } from '#client/store/reducer.ts'
import { selectDivider } from './conversations.ts'
import { selectReachesStart, selectTimeline } from './messages.ts'
import { selectOutboxOf } from './outbox.ts'
import { selectMe, selectMyId } from './session.ts'
import type { Member, Profile } from '#protocol/conversation.ts'
import { emptyRecord } from '#protocol/emptyRecord.ts'
import type { ConversationId, UserId } from '#protocol/ids.ts'
import type { Me } from '#protocol/session.ts'

const NO_MEMBERS: Member[] = []
const NO_CHANGES: Change[] = []
const NO_MARKS = emptyRecord<UserId, Marks>()
/** Clocks that differ by less than this are called equal, so that each measurement doesn't make new rows. */
const SKEW_STEP_MS = 60_000

/** The rows of one list. It remembers the rows it gave last, so that an unchanged row stays the same object; make one per list. */
export function makeSelectRows(): (state: RootState, conv: ConversationId) => readonly Row[] {
  let inputs: readonly unknown[] = []
  let rows: readonly Row[] = []
  let of: ConversationId | null = null
  return (state, conv) => {
    const members = state.conversations.byId[conv]?.facts.members ?? NO_MEMBERS
    const marks = state.receipts.byConv[conv] ?? NO_MARKS
    const me = selectMe(state)
    const { synced } = state.connection
    const skewMs = synced ? Math.round((synced.serverAt - synced.at) / SKEW_STEP_MS) * SKEW_STEP_MS : 0
    const timeline = selectTimeline(state, conv)
    const outbox: OutboxRow[] = selectOutboxOf(state, conv)
    const divider = selectDivider(state, conv)
    const isStart = selectReachesStart(state, conv)
    const changes = state.changes.byConv[conv] ?? NO_CHANGES
    const next = [conv, timeline, isStart, outbox, changes, members, marks, me, divider, skewMs]
    if (next.every((input, at) => input === inputs[at])) return rows
    inputs = next
    const before = of === conv ? rows : []
    of = conv
    const myId = selectMyId(state)
    rows = rowsFor(
      {
        timeline,
        isStart,
        outbox,
        changes,
        me: myId,
        people: peopleFrom(members, me),
        reached: everybodyReached(members, marks, myId),
        divider,
        skewMs,
      },
      before,
    )
    return rows
  }
}

const peopleFrom = (members: readonly Profile[], me: Me | null): Record<UserId, Profile> =>
  // where nobody else's picture is known, one's own would look as if all saw it
  Object.fromEntries((me ? [...members, members.length > 0 ? me : { ...me, picture: undefined }] : members).map((person) => [person.id, person]))
