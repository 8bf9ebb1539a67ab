import { fileURLToPath } from 'node:url'
import { readConfig, type Config } from './config.ts'
import { newId } from '#server/edge/chance.ts'
import { servePages } from '#server/http/pages.ts'
import { listen } from './httpServer.ts'
import { makeLog } from '#server/observe/log.ts'
import { openApp } from './openApp.ts'
import { backUp, restore } from '#server/storage/backup.ts'
import { StartError } from '#server/storage/startError.ts'

/** The built pages lie beside the built server. */
const PAGES_DIR = fileURLToPath(new URL('../client', import.meta.url))
const STOP_SIGNALS = ['SIGTERM', 'SIGINT'] as const

/** Serves, without a word behind it; `backup FILE` and `restore FILE` work on the database and end. */
async function run([command, file, ...more]: string[]): Promise<void> {
  const settings = readConfig(process.env)
  if (!settings.ok) return giveUp(settings.mistakes)
  const { config } = settings
  if (command === undefined) return serve(config)
  const work = COMMANDS.get(command)
  if (!work || file === undefined || more.length > 0) return giveUp(['Tidemark takes no word, or `backup FILE`, or `restore FILE`.'])
  process.stdout.write(`${work(config.DATA_DIR, file)}\n`)
}

const COMMANDS = new Map<string, (dir: string, file: string) => string>([
  ['backup', (dir, file) => `The database is backed up to ${file} (${backUp({ dir, file })} bytes).`],
  [
    'restore',
    (dir, file) => {
      const kept = restore({ dir, file, newId, now: new Date() })
      return `The database is restored from ${file}.${kept === null ? '' : ` The one before is kept as ${kept}.`}`
    },
  ],
])

async function serve(config: Config): Promise<void> {
  const log = makeLog(config.LOG_LEVEL)

  const app = await openApp({ config, log })
  const pages = servePages(PAGES_DIR, { https: config.PUBLIC_URL?.startsWith('https:') ?? false })
  const { server, port } = await listen(app, pages, { port: config.PORT, host: config.HOST }).catch(async (error: unknown) => {
    await app.close()
    throw error
  })

  // whatever nobody expected ends the process, which starts anew with everything that was acknowledged
  process.on('uncaughtException', (error) => {
    log.fatal({ event: 'crashed', stack: error.stack }, 'crashed')
    process.exit(1)
  })

  let stopping = false
  const stop = async (signal: string): Promise<void> => {
    if (stopping) process.exit(1) // asked twice: at once
    stopping = true
    log.info({ event: 'stopping', signal, connections: app.live.count() }, 'stopping')
    await app.close()
    server.close()
    server.closeAllConnections()
    log.info({ event: 'stopped' }, 'stopped')
    process.exit(0)
  }
  for (const signal of STOP_SIGNALS) process.on(signal, () => void stop(signal))

  process.stdout.write(`Tidemark is ready: ${config.PUBLIC_URL ?? `http://${urlHost(config.HOST)}:${port}`}\n`)
}

/** An address people can open: "all addresses" is none. */
function urlHost(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1'
  return host.includes(':') ? `[${host}]` : host
}

function giveUp(sentences: string[]): void {
  process.stderr.write(`${sentences.join('\n')}\n`)
  process.exit(1)
}

run(process.argv.slice(2)).catch((error: unknown) => {
  if (error instanceof StartError) giveUp([error.message])
  else giveUp([`Tidemark could not start: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`])
})
