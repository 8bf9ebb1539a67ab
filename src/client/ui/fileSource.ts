import { createContext } from 'react'
import type { FileId } from '#protocol/ids.ts'

/** Where files can be fetched just now; for `useFileAddress`. */
export type Source = { addressOf: (id: FileId) => Promise<string | undefined> }

export const FileSource = createContext<Source>({ addressOf: () => Promise.resolve(undefined) })
