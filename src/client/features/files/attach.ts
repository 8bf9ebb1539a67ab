import type { Action } from '@reduxjs/toolkit'
import { filesAttached, filesRejected } from '#client/live/facts.ts'
import { FILE_MAX_BYTES, FILES_MAX } from '#protocol/limits.ts'
import type { FileFacts } from '#protocol/files.ts'
import type { ConversationId } from '#protocol/ids.ts'

export type Attaching = {
  conv: ConversationId
  files: () => Promise<{ choose: (file: File) => Promise<FileFacts | { fault: 'empty' | 'tooBig' }> }>
  /** How many there are already. */
  attached: () => number
  dispatch: (action: Action) => unknown
}

/** Puts chosen files beside what is being written, and says of each that can't go why. */
export function attach(to: Attaching, chosen: readonly File[]): Promise<void> {
  return (last = last.then(() => attachAll(to, chosen)))
}

/** One after the other: nobody else counts meanwhile. */
let last: Promise<void> = Promise.resolve()

async function attachAll({ conv, files, attached, dispatch }: Attaching, chosen: readonly File[]): Promise<void> {
  const faults: string[] = []
  for (const file of chosen) {
    if (attached() >= FILES_MAX) {
      faults.push(`A message takes ${FILES_MAX} files. Send the others with the next one.`)
      break
    }
    const facts = await files()
      .then(({ choose }) => choose(file))
      .catch(() => ({ fault: 'unread' as const }))
    if (!('fault' in facts)) dispatch(filesAttached({ conv, files: [facts] }))
    else if (facts.fault === 'empty') faults.push(`“${file.name}” is empty, or a folder: it was left out.`)
    else if (facts.fault === 'tooBig') faults.push(`“${file.name}” is too big, and was left out: at most ${FILE_MAX_BYTES / 1024 ** 3} GB.`)
    else faults.push(`“${file.name}” could not be read. Choose it again.`)
  }
  if (faults.length > 0) dispatch(filesRejected({ words: faults.join(' ') }))
}
