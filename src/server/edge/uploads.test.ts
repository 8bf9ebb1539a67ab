import fs, { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished, vi } from 'vitest'
import { openFileFolder } from '#server/storage/fileFolder.ts'
import { openTestCore } from '#server/testing/testCore.ts'
import { openUploads } from './uploads.ts'

it('does nothing with the folder when it opens that nobody waits for: an error there would end the server', async () => {
  const core = await openTestCore()
  const dir = mkdtempSync(join(tmpdir(), 'tidemark-uploads-'))
  onTestFinished(async () => {
    await core.store.close()
    rmSync(dir, { recursive: true })
  })
  const folder = openFileFolder(dir)
  const mkdir = vi.spyOn(fs, 'mkdir').mockImplementation(() => {})
  onTestFinished(() => mkdir.mockRestore())
  openUploads(core, folder, 1_000)
  expect(mkdir).not.toHaveBeenCalled()
})
