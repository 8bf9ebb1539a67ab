import { useAppSelector } from '#client/store/hooks.ts'
import { selectMentionable } from '#client/store/selectors/people.ts'
import { selectMyId } from '#client/store/selectors/session.ts'
import { FormattedText } from '#client/ui/FormattedText.tsx'
import type { ConversationId } from '#protocol/ids.ts'

export type MessageTextProps = { conv: ConversationId; text: string; /** Its links are Tab stops. */ reachable: boolean }

/** Somebody's words in a conversation, with those who are mentioned in them. */
export const MessageText = (props: MessageTextProps) =>
  props.text.includes('@') ? <WithMentions {...props} /> : <FormattedText text={props.text} reachable={props.reachable} />

function WithMentions({ conv, text, reachable }: MessageTextProps) {
  const people = useAppSelector((state) => selectMentionable(state, conv))
  const me = useAppSelector(selectMyId)
  return <FormattedText text={text} reachable={reachable} people={people} me={me} />
}
