import { useContext, useEffect, useState } from 'react'
import type { FileId } from '#protocol/ids.ts'
import { FileSource, type Source } from './fileSource.ts'

export const useFileSource = (): Source => useContext(FileSource)

/** The address of a file, to be shown; null: nobody can say it now. Asked for anew with each `attempt`. */
export function useFileAddress(id: FileId, attempt: number): string | null | undefined {
  const source = useFileSource()
  const [address, setAddress] = useState<string | null>()
  useEffect(() => {
    let isWanted = true
    source.addressOf(id).then(
      (found) => isWanted && setAddress(found ?? null),
      () => isWanted && setAddress(null),
    )
    return () => void (isWanted = false)
  }, [source, id, attempt])
  return address
}
