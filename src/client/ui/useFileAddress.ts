import { useContext, useEffect, useState } from 'react'
import { t } from '#client/words/t.ts'
import type { FileId } from '#protocol/ids.ts'
import { announcer } from './announcer.ts'
import { FileSource, type Source } from './fileSource.ts'
import { saveAddress } from './saveFile.ts'

export const useFileSource = (): Source => useContext(FileSource)

/** The address of a file, to be shown; null: nobody can say it now. Each `attempt` asks anew: the address before was no good. */
export function useFileAddress(id: FileId, attempt: number): string | null | undefined {
  const source = useFileSource()
  const asked = `${id} ${attempt}`
  const [answer, setAnswer] = useState<{ asked: string; address: string | null }>()
  useEffect(() => {
    let isWanted = true
    const answered = (address: string | null) => {
      if (isWanted) setAnswer({ asked, address })
    }
    source()
      .then(({ addressOf }) => addressOf(id, attempt > 0))
      .then(
        (found) => answered(found ?? null),
        () => answered(null),
      )
    return () => void (isWanted = false)
  }, [source, id, attempt, asked])
  return answer?.asked === asked ? answer.address : undefined
}

/** Has the browser keep a file, from an address that is good at this moment. */
export function useSaveFile(): (file: { id: FileId; name: string }) => void {
  const source = useFileSource()
  return ({ id, name }) =>
    void source()
      .then(({ addressOf }) => addressOf(id))
      .catch(() => undefined)
      .then((address) => (address ? saveAddress(name, address) : announcer.alert(t('This file is not here just now. Try again later.'))))
}
