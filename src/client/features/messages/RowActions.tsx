import { Suspense, useState } from 'react'
import { discardRequested, retryRequested, unsentEdited } from '#client/live/facts.ts'
import { useAppDispatch } from '#client/store/hooks.ts'
import { Button } from '#client/ui/Button.tsx'
import { CopyButton } from '#client/ui/CopyButton.tsx'
import { laterPart } from '#client/ui/laterPart.ts'
import type { ConversationId } from '#protocol/ids.ts'
import styles from './MessageRow.module.css'
import type { MessageRow } from './rowsFor.ts'
import { useIsUnconfirmed } from './StatusMark.tsx'

const EditDialog = laterPart(() => import('#client/ui/EditDialog.tsx').then((part) => part.EditDialog))
const DeleteDialog = laterPart(() => import('#client/ui/DeleteDialog.tsx').then((part) => part.DeleteDialog))

/** So much text is not thrown away by one slip of the finger. */
const ASK_FROM_CHARS = 140

type RowActionsProps = { conv: ConversationId; row: MessageRow; reachable: boolean }

/** What can be done about an own message that has not arrived. */
export function RowActions({ conv, row, reachable }: RowActionsProps) {
  const dispatch = useAppDispatch()
  const late = useIsUnconfirmed(row)
  const [open, setOpen] = useState<'edit' | 'delete' | null>(null)
  const about = { conv, clientId: row.clientId }
  const tabIndex = reachable ? 0 : -1
  const discard = () => (row.body.length < ASK_FROM_CHARS ? dispatch(discardRequested(about)) : setOpen('delete'))

  return (
    <>
      {row.status === 'failed' && (
        <span className={styles.actions}>
          <Button look="text" tabIndex={tabIndex} onClick={() => dispatch(retryRequested(about))}>
            Retry
          </Button>
          <CopyButton look="text" tabIndex={tabIndex} text={row.body} />
          <Button look="text" tabIndex={tabIndex} onClick={discard}>
            Delete
          </Button>
        </span>
      )}
      {row.status === 'sending' && late && (
        <span className={styles.actions}>
          <Button look="text" tabIndex={tabIndex} onClick={() => dispatch(retryRequested(about))}>
            Retry
          </Button>
          <CopyButton look="text" tabIndex={tabIndex} text={row.body} />
        </span>
      )}
      {row.status === 'queued' && (
        <span className={styles.quietActions}>
          <Button look="text" tabIndex={tabIndex} onClick={() => setOpen('edit')}>
            Edit
          </Button>
          <Button look="text" tabIndex={tabIndex} onClick={discard}>
            Cancel
          </Button>
        </span>
      )}
      <Suspense fallback={null}>
        {open === 'edit' && (
          <EditDialog
            body={row.body}
            open={row.status === 'queued'}
            onSave={(body) => dispatch(unsentEdited({ ...about, body }))}
            onClose={() => setOpen(null)}
          />
        )}
        {open === 'delete' && <DeleteDialog body={row.body} onDelete={() => dispatch(discardRequested(about))} onClose={() => setOpen(null)} />}
      </Suspense>
    </>
  )
}
