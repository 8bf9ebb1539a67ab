import { existsSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { join } from 'node:path'
import sirv from 'sirv'
import type { Code } from '#protocol/codes.ts'
import { sentenceFor } from '#protocol/sentences.ts'

/** Scripts come from our own files only; nobody may frame us or learn where our people come from. */
const SECURITY_HEADERS = {
  'Content-Security-Policy': [
    "default-src 'self'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data: blob:",
    "media-src 'self' blob:",
    "connect-src 'self'",
    "object-src 'none'",
    "base-uri 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; '),
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Referrer-Policy': 'same-origin',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Permissions-Policy': 'camera=(), microphone=(), geolocation=()',
} as const

const HSTS = 'max-age=31536000'

/** Serves the built pages of `dir`; paths that are no file get the app, which knows its own routes. */
export function servePages(dir: string, parts: { https: boolean }): (request: IncomingMessage, response: ServerResponse) => void {
  const files = existsSync(join(dir, 'index.html'))
    ? sirv(dir, {
        etag: true,
        single: true,
        gzip: true,
        brotli: true,
        setHeaders: (response, path) => {
          // built files carry a hash of their content in the name; everything else may change under the same name
          response.setHeader('Cache-Control', path.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache')
        },
      })
    : undefined

  return (request, response) => {
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) response.setHeader(name, value)
    if (parts.https) response.setHeader('Strict-Transport-Security', HSTS)
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('Allow', 'GET, HEAD')
      return error(response, 405, 'E_INVALID')
    }
    if (files) files(request, response, () => error(response, 404, 'E_NOT_FOUND'))
    else error(response, 404, 'E_NOT_FOUND')
  }
}

function error(response: ServerResponse, status: number, code: Code): void {
  response.writeHead(status, { 'Content-Type': 'application/json' })
  response.end(JSON.stringify({ code, message: sentenceFor(code) }))
}
