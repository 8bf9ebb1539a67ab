import { Empty } from '#client/ui/Empty.tsx'
import { t } from '#client/words/t.ts'

/** Stands beside the list while nothing is chosen. */
export function ChooseConversation() {
  return (
    <Empty title={t('Choose a conversation')}>{t('Or start a group with the button above the list. Everything you missed is already here.')}</Empty>
  )
}
