import { Empty } from '#client/ui/Empty.tsx'

/** Stands beside the list while nothing is chosen. */
export function ChooseConversation() {
  return <Empty title="Choose a conversation">Or start a group with the button above the list. Everything you missed is already here.</Empty>
}
