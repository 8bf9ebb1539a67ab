import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdir, mkdtemp, readFile, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ROOT } from './build.ts'
import { freePort } from './server.ts'

/** `npm run dev` on a copy of the sources, which may be edited. */
export type DevServer = {
  host: string
  port: number
  url: string
  /** Replaces this text of a file, which must be there once, and saves. */
  edit: (file: string, text: string, by: string) => Promise<void>
  close: () => Promise<void>
}

const COPIED = ['src', 'public', 'index.html', 'package.json', 'vite.config.ts', 'tsconfig.json', 'tsconfig.client.json', 'tsconfig.server.json']
const READY_WITHIN_MS = 120_000
const ASK_EVERY_MS = 50

export async function startDevServer(): Promise<DevServer> {
  const dir = await mkdtemp(join(tmpdir(), 'tidemark-dev-'))
  for (const path of COPIED) await cp(join(ROOT, path), join(dir, path), { recursive: true })
  // a folder of links, not a link to the folder: what Vite caches in it stays with the copy
  await mkdir(join(dir, 'node_modules'))
  for (const name of await readdir(join(ROOT, 'node_modules'))) {
    if (!name.startsWith('.')) await symlink(join(ROOT, 'node_modules', name), join(dir, 'node_modules', name))
  }

  const host = '127.0.0.1'
  const port = await freePort()
  const url = `http://${host}:${port}`
  let said = ''
  const child: ChildProcess = spawn(process.execPath, ['node_modules/vite/bin/vite.js', '--port', String(port)], {
    cwd: dir,
    env: { PATH: process.env.PATH, NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (text) => (said += String(text)))

  const close = async () => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL')
      await once(child, 'exit')
    }
    await rm(dir, { recursive: true, force: true })
  }

  const until = performance.now() + READY_WITHIN_MS
  while (!(await fetch(`${url}/health/ready`).catch(() => null))?.ok) {
    if (child.exitCode !== null || performance.now() > until) {
      await close()
      throw new Error(`The development server did not get ready. It said:\n${said}`)
    }
    await new Promise((resume) => setTimeout(resume, ASK_EVERY_MS))
  }

  return {
    host,
    port,
    url,
    edit: async (file, text, by) => {
      const path = join(dir, file)
      const before = await readFile(path, 'utf8')
      const parts = before.split(text)
      if (parts.length !== 2) throw new Error(`${file} holds “${text}” ${parts.length - 1} times.`)
      // one write over what is there: a file that is emptied first is sometimes read, or noticed, while it is empty
      await writeFile(path, parts.join(by).padEnd(before.length), { flag: 'r+' })
    },
    close,
  }
}
