import { useEffect, useState } from 'react'
import type { Api } from '#client/live/client.ts'
import { Button } from '#client/ui/Button.tsx'
import { CopyButton } from '#client/ui/CopyButton.tsx'
import { Dialog, DialogActions } from '#client/ui/Dialog.tsx'
import { Field } from '#client/ui/Field.tsx'
import { refusalWords } from '#client/ui/refusalWords.ts'
import type { ConversationId } from '#protocol/ids.ts'

type InviteDialogProps = { conv: ConversationId; title: string; createInvite: Api['createInvite']; onClose: () => void }

/** Makes a link that lets whoever has it join. */
export function InviteDialog({ conv, title, createInvite, onClose }: InviteDialogProps) {
  const [link, setLink] = useState<string | null>(null)
  const [fault, setFault] = useState<string | null>(null)
  const [tries, setTries] = useState(0)
  useEffect(() => {
    let left = false
    setFault(null)
    void createInvite(conv).then((reply) => {
      if (left) return
      if (reply.ok) setLink(new URL(reply.path, location.origin).href)
      else setFault(`There is no link yet. ${refusalWords(reply.code)}`)
    })
    return () => {
      left = true
    }
  }, [conv, createInvite, tries])
  return (
    <Dialog title={`Invite to ${title}`} onClose={onClose}>
      <p>Whoever has this link can join and read what is written from then on.</p>
      {fault ? <p role="alert">{fault}</p> : <Field label="Invite link" readOnly value={link ?? 'Making a link…'} onFocus={(event) => event.target.select()} />}
      <DialogActions>
        <Button onClick={onClose}>Done</Button>
        {fault && <Button look="primary" onClick={() => setTries(tries + 1)}>Try again</Button>}
        {link && <CopyButton look="primary" text={link} label="Copy link" />}
      </DialogActions>
    </Dialog>
  )
}
