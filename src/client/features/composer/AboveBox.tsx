import type { RefObject } from 'react'
import type { ConversationId, MessageId } from '#protocol/ids.ts'
import { AttachedFiles } from './AttachedFiles.tsx'
import { MentionPicker } from './MentionPicker.tsx'
import { ReplyBar } from './ReplyBar.tsx'
import { useEditLast } from './useEditLast.ts'
import { usePasted } from './usePasted.ts'

type AboveBoxProps = {
  conv: ConversationId
  box: RefObject<HTMLTextAreaElement | null>
  text: string
  onChange: (text: string) => void
  onFiles: ((files: File[]) => void) | undefined
  replyTo: MessageId | undefined
  /** Of the line that says what is answered. */
  replyId: string
  hasFiles: boolean
}

/**
 * What stands right above the box while there is some of it: names to mention, what is answered, and the files that go along. With what the box
 * can do without in its first moment.
 */
export function AboveBox({ conv, box, text, onChange, onFiles, replyTo, replyId, hasFiles }: AboveBoxProps) {
  usePasted(box, onChange, onFiles)
  useEditLast(box, conv)
  return (
    <>
      {text.includes('@') && <MentionPicker conv={conv} box={box} text={text} onChange={onChange} />}
      {replyTo !== undefined && <ReplyBar id={replyId} conv={conv} to={replyTo} />}
      {hasFiles && <AttachedFiles conv={conv} />}
    </>
  )
}
