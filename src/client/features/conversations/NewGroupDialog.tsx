import { useState } from 'react'
import { Button } from '#client/ui/Button.tsx'
import { Dialog, DialogActions } from '#client/ui/Dialog.tsx'
import { Field } from '#client/ui/Field.tsx'
import { refusalWords } from '#client/ui/refusalWords.ts'
import type { Api } from '#client/live/client.ts'
import type { ConversationId } from '#protocol/ids.ts'
import { NAME_MAX_GRAPHEMES } from '#protocol/limits.ts'
import styles from './NewGroupDialog.module.css'

type NewGroupDialogProps = { createGroup: Api['createGroup']; onCreated: (conv: ConversationId) => void; onClose: () => void }

export function NewGroupDialog({ createGroup, onCreated, onClose }: NewGroupDialogProps) {
  const [name, setName] = useState('')
  const [step, setStep] = useState<{ name: 'asking'; fault: string | null } | { name: 'creating' }>({ name: 'asking', fault: null })
  const create = async () => {
    if (step.name === 'creating') return
    if (name.trim() === '') return setStep({ name: 'asking', fault: 'Give the group a name first.' })
    setStep({ name: 'creating' })
    const reply = await createGroup(name.trim(), [])
    if (reply.ok) onCreated(reply.conversation.id)
    else setStep({ name: 'asking', fault: `The group was not created. ${refusalWords(reply)}` })
  }
  return (
    <Dialog title="New group" onClose={onClose}>
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault()
          void create()
        }}
      >
        <Field
          label="Group name"
          value={name}
          maxLength={NAME_MAX_GRAPHEMES}
          autoComplete="off"
          autoFocus
          hint="You invite people with a link afterwards."
          fault={step.name === 'asking' ? (step.fault ?? undefined) : undefined}
          onChange={(event) => {
            setName(event.target.value)
            setStep({ name: 'asking', fault: null })
          }}
        />
        <DialogActions>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" type="submit" aria-busy={step.name === 'creating'}>
            Create group
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  )
}
