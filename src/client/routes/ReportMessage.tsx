import type { MessageRow } from '#client/features/messages/rowsFor.ts'
import { ReportDialog } from '#client/features/people/ReportDialog.tsx'
import { useClient } from './clientContext.ts'

/** Tells the operators about one message. */
export function ReportMessage({ row, onClose }: { row: MessageRow; onClose: () => void }) {
  const { api } = useClient()
  const about = row.messageId ? { id: row.messageId, text: row.body } : undefined
  return <ReportDialog person={{ id: row.sender, name: row.senderName }} message={about} report={api.report} onClose={onClose} />
}
