import type { Action } from '@reduxjs/toolkit'
import { filesAttached, filesRejected } from '#client/live/facts.ts'
import { t } from '#client/words/t.ts'
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
      faults.push(t('A message takes {most} files. Send the others with the next one.', { most: FILES_MAX }))
      break
    }
    const facts = await files()
      .then(({ choose }) => choose(file))
      .catch(() => ({ fault: 'unread' as const }))
    if (!('fault' in facts)) dispatch(filesAttached({ conv, files: [facts] }))
    else if (facts.fault === 'empty') faults.push(t('“{name}” is empty, or a folder: it was left out.', { name: file.name }))
    else if (facts.fault === 'tooBig')
      faults.push(t('“{name}” is too big, and was left out: at most {most} GB.', { name: file.name, most: FILE_MAX_BYTES / 1024 ** 3 }))
    else faults.push(t('“{name}” could not be read. Choose it again.', { name: file.name }))
  }
  if (faults.length > 0) dispatch(filesRejected({ words: faults.join(' ') }))
}
