import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { App } from './app.ts'
import { StartError } from '#server/storage/startError.ts'

type Pages = (request: IncomingMessage, response: ServerResponse) => void

/** nginx keeps them for 60 s, and so do most load balancers. */
const KEPT_AT_REST_MS = 65_000

/** App, and pages for everything that is not the app's, on one port. Throws `StartError` when it can't listen. */
export async function listen(app: App, pages: Pages, { port, host }: { port: number; host: string }): Promise<{ server: Server; port: number }> {
  const server = createServer((request, response) => {
    if (!app.handleRequest(request, response)) pages(request, response)
  })
  // longer than proxies keep a connection that rests: whoever closes it first must not be the one that is about to be asked
  server.keepAliveTimeout = KEPT_AT_REST_MS
  server.on('upgrade', (request, socket, head) => {
    // a peer that resets while its upgrade is looked at must not take the process down
    socket.on('error', () => socket.destroy())
    if (!app.handleUpgrade(request, socket, head)) socket.destroy()
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(new StartError(sentenceOf(error, port, host), error)))
    server.listen(port, host, resolve)
  })
  return { server, port: (server.address() as AddressInfo).port }
}

function sentenceOf(error: NodeJS.ErrnoException, port: number, host: string): string {
  if (error.code === 'EADDRINUSE') return `Port ${port} on ${host} is taken; stop the other program or set PORT to another one.`
  if (error.code === 'EACCES') return `Port ${port} on ${host} may not be used by this account; set PORT to one above 1023.`
  return `Nothing can listen on ${host}:${port} (${error.code ?? error.message}); check HOST and PORT.`
}
