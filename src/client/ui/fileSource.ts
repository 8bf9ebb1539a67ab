import { createContext } from 'react'
import type { FileId } from '#protocol/ids.ts'

/** Where files can be fetched just now; for `useFileAddress`. Rejects where that can't be said. */
export type Source = () => Promise<{ addressOf: (id: FileId, isLost?: boolean) => Promise<string | undefined>; letGo: (id: FileId) => void }>

export const FileSource = createContext<Source>(() => Promise.reject(new Error('no files')))
