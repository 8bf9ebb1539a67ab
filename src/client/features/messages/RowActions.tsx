import { discardRequested, operationRequested, retryRequested, unsentEdited } from '#client/live/facts.ts'
import { changeOf } from '#client/store/changeOf.ts'
import { useAppDispatch } from '#client/store/hooks.ts'
import { Button } from '#client/ui/Button.tsx'
import { CopyButton } from '#client/ui/CopyButton.tsx'
import { DeleteDialog } from '#client/ui/DeleteDialog.tsx'
import { EditDialog } from '#client/ui/EditDialog.tsx'
import { reasonWords } from '#client/ui/reasonWords.ts'
import { t } from '#client/words/t.ts'
import type { RefusalCode } from '#protocol/codes.ts'
import type { ConversationId } from '#protocol/ids.ts'
import { EmojiDialog } from './EmojiDialog.tsx'
import { MessageDetails } from './MessageDetails.tsx'
import styles from './MessageRow.module.css'
import type { MessageRow } from './rowsFor.ts'
import { useIsUnconfirmed } from './StatusMark.tsx'

/** So much text is not thrown away by one slip of the finger. */
const ASK_FROM_CHARS = 140

/** What a row opens: a question before something is done, or what is known about it. */
export type RowQuestion = 'edit' | 'delete' | 'emoji' | 'details'

type RowActionsProps = { conv: ConversationId; row: MessageRow; reachable: boolean; onAsk: (question: RowQuestion) => void }

/** What can be done about an own message that waits: beside it, in sight when one looks for it. */
export function WaitingActions({ conv, row, reachable, onAsk }: RowActionsProps) {
  const discard = useDiscard({ conv, row, onAsk })
  const tabIndex = reachable ? 0 : -1
  return (
    <span className={styles.quietActions}>
      <Button look="text" tabIndex={tabIndex} onClick={() => onAsk('edit')}>
        {t('Edit')}
      </Button>
      <Button look="text" tabIndex={tabIndex} onClick={discard}>
        {t('Cancel')}
      </Button>
    </span>
  )
}

/** What can be done about one that was refused or is overdue: under it, always in sight. */
export function TroubleActions({ conv, row, reachable, onAsk }: RowActionsProps) {
  const dispatch = useAppDispatch()
  const late = useIsUnconfirmed(row)
  const discard = useDiscard({ conv, row, onAsk })
  const tabIndex = reachable ? 0 : -1
  if (row.status === 'sending' && !late) return null
  return (
    <span className={styles.actions}>
      <Button look="text" tabIndex={tabIndex} onClick={() => dispatch(retryRequested({ conv, clientId: row.clientId }))}>
        {t('Retry')}
      </Button>
      <CopyButton look="text" tabIndex={tabIndex} text={row.body} />
      {row.status === 'failed' && (
        <Button look="text" tabIndex={tabIndex} onClick={discard}>
          {t('Delete')}
        </Button>
      )}
    </span>
  )
}

/** Why it was not sent, behind "Not sent". */
export const RefusalReason = ({ code }: { code: RefusalCode }) => reasonWords(code)

function useDiscard({ conv, row, onAsk }: Pick<RowActionsProps, 'conv' | 'row' | 'onAsk'>): () => void {
  const dispatch = useAppDispatch()
  return () => {
    if (row.body.length < ASK_FROM_CHARS) dispatch(discardRequested({ conv, clientId: row.clientId }))
    else onAsk('delete')
  }
}

/** The question a row asks. It belongs to the row, not to a button that may go away while it is open. */
export function RowDialog({ conv, row, question, onClose }: { conv: ConversationId; row: MessageRow; question: RowQuestion; onClose: () => void }) {
  const dispatch = useAppDispatch()
  const about = { conv, clientId: row.clientId }
  switch (question) {
    case 'edit':
      return (
        <EditDialog body={row.body} open={row.status === 'queued'} onSave={(body) => dispatch(unsentEdited({ ...about, body }))} onClose={onClose} />
      )
    case 'delete':
      return <DeleteDialog body={row.body} onDelete={() => dispatch(discardRequested(about))} onClose={onClose} />
    case 'details':
      return <MessageDetails conv={conv} row={row} onClose={onClose} />
    case 'emoji': {
      const target = { clientId: row.clientId, sender: row.sender }
      return <EmojiDialog onPick={(emoji) => dispatch(operationRequested(changeOf(conv, target, { kind: 'react', emoji })))} onClose={onClose} />
    }
  }
}
