import { titleFor } from '#client/features/conversations/titleFor.ts'
import type { OutboxRow } from '#client/live/facts.ts'
import type { RootState } from '#client/store/reducer.ts'
import { t } from '#client/words/t.ts'
import { isListed } from './outbox.ts'
import { remembered } from './remembered.ts'
import { selectMyId } from './session.ts'
import type { ConversationId, UserId } from '#protocol/ids.ts'

/** Its name is not kept on this device for longer than the page that saw it go. */
const former = () => t('A conversation you are no longer in')

/** A row of the outbox page. */
export type OutboxItem = { row: OutboxRow; conv: ConversationId; title: string }

const listFor = remembered(
  (
    byConv: RootState['outbox']['byConv'],
    byId: RootState['conversations']['byId'],
    left: RootState['conversations']['left'],
    me: UserId | null,
  ): OutboxItem[] => {
    const titleOf = ({ conv, state }: OutboxRow): string => {
      const entry = byId[conv]
      if (entry) return titleFor(entry.facts, me)
      return left[conv]?.name ?? (state.name === 'refused' && state.code === 'E_NOT_MEMBER' ? former() : t('Conversation'))
    }
    return Object.values(byConv)
      .flat()
      .filter(isListed)
      .map((row) => ({ row, conv: row.conv, title: titleOf(row) }))
      .sort((a, b) => a.row.sentAt - b.row.sentAt || (a.row.clientId < b.row.clientId ? -1 : 1))
  },
)

/** Everything that is waiting or was refused, over all conversations, in written order. */
export const selectOutboxList = (state: RootState): OutboxItem[] =>
  listFor(state.outbox.byConv, state.conversations.byId, state.conversations.left, selectMyId(state))
