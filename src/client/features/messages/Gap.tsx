import { historyRequested } from '#client/live/facts.ts'
import { useAppDispatch, useAppSelector } from '#client/store/hooks.ts'
import { selectFetch } from '#client/store/selectors/messages.ts'
import { Button } from '#client/ui/Button.tsx'
import { Spinner } from '#client/ui/Spinner.tsx'
import { plural, t } from '#client/words/t.ts'
import type { ConversationId } from '#protocol/ids.ts'
import type { GapRow } from './rowsFor.ts'

/** How much is missing there, and the way to it. */
export function Gap({ conv, row }: { conv: ConversationId; row: GapRow }) {
  const { afterSeq, beforeSeq } = row
  const dispatch = useAppDispatch()
  const fetch = useAppSelector((state) => selectFetch(state, conv))
  return (
    <>
      <span>{plural(beforeSeq - afterSeq - 1, '1 message here is not loaded.', '{n} messages here are not loaded.')}</span>
      {fetch?.name === 'loading' && fetch.beforeSeq === beforeSeq ? (
        <Spinner />
      ) : (
        <Button look="text" onClick={() => dispatch(historyRequested({ conv, beforeSeq, afterSeq }))}>
          {t('Load')}
        </Button>
      )}
    </>
  )
}
