import { useAppSelector } from '#client/store/hooks.ts'
import { selectAttached } from '#client/store/selectors/drafts.ts'
import { Button } from '#client/ui/Button.tsx'
import { t } from '#client/words/t.ts'
import type { ConversationId } from '#protocol/ids.ts'
import { FILES_MAX } from '#protocol/limits.ts'
import { composerVerdict } from './composerVerdict.ts'
import { faultWords } from './faultWords.ts'

type FaultWordsProps = { conv: ConversationId; text: string; onChange: (text: string) => void; onFiles: ((files: File[]) => void) | undefined }

/** Why what is being written can't be sent, and where it is too long the way to send it all the same. */
export function FaultWords({ conv, text, onChange, onFiles }: FaultWordsProps) {
  const hasRoom = useAppSelector((state) => selectAttached(state, conv).length < FILES_MAX)
  return (
    <>
      {faultWords(text)}{' '}
      {onFiles && hasRoom && composerVerdict(text).name === 'over' && (
        <Button
          look="text"
          onClick={() => {
            onFiles([new File([text], 'text.txt', { type: 'text/plain' })])
            onChange('')
          }}
        >
          {t('Make it a file')}
        </Button>
      )}
    </>
  )
}
