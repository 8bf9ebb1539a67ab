import { createDecipheriv, createECDH, createPublicKey, hkdfSync, randomBytes, verify } from 'node:crypto'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'

/*
 * A push service and the browsers behind it, for tests: it takes pushes as RFC 8030 says, demands a server that signs (RFC 8292), and reads what was
 * encrypted for its browsers (RFC 8291, RFC 8188), written from those texts and not with the library that wrote them.
 */

export type Subscription = { endpoint: string; keys: { p256dh: string; auth: string } }
export type Pushed = { endpoint: string; headers: Record<string, string | undefined>; text: string }

export type PushService = {
  url: string
  /** Those that were taken, in their order. */
  pushed: Pushed[]
  /** Every request, also those that were turned away. */
  asked: number
  /** A new browser. */
  subscribe: () => Subscription
  /** What it answers from now on; null: what is right. */
  answer: (status: number | null) => void
  stop: () => Promise<void>
}

export async function startPushService(): Promise<PushService> {
  const browsers = new Map<string, { ecdh: ReturnType<typeof createECDH>; auth: Buffer }>()
  let answer: number | null = null
  const service: PushService = {
    url: '',
    pushed: [],
    asked: 0,
    subscribe: () => {
      const ecdh = createECDH('prime256v1')
      const p256dh = ecdh.generateKeys('base64url')
      const auth = randomBytes(16)
      const path = `/push/${randomBytes(8).toString('hex')}`
      browsers.set(path, { ecdh, auth })
      return { endpoint: service.url + path, keys: { p256dh, auth: auth.toString('base64url') } }
    },
    answer: (status) => void (answer = status),
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  }
  const server = createServer((request, response) => {
    service.asked++
    take(request).then(
      (status) => response.writeHead(answer ?? status).end(),
      (error: unknown) => response.writeHead(400).end(String(error)),
    )
  })

  async function take(request: IncomingMessage): Promise<number> {
    const body = await bodyOf(request)
    const browser = browsers.get(request.url ?? '')
    if (!browser) return 404
    if (answer !== null) return answer
    const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]))
    if (headers['ttl'] === undefined) return 400
    if (!isSigned(headers['authorization'] ?? '', service.url)) return 403
    service.pushed.push({ endpoint: service.url + request.url!, headers, text: decrypted(body, browser.ecdh, browser.auth) })
    return 201
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  service.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return service
}

/** RFC 8292: a token for this service, for a day at most, signed by the key beside it. */
function isSigned(authorization: string, origin: string): boolean {
  const [, token = '', key = ''] = /^vapid t=([\w.-]+), ?k=([\w-]+)$/.exec(authorization) ?? []
  const [head = '', claims = '', signature = ''] = token.split('.')
  const point = Buffer.from(key, 'base64url')
  if (point.length !== 65) return false
  const publicKey = createPublicKey({
    format: 'jwk',
    key: { kty: 'EC', crv: 'P-256', x: point.subarray(1, 33).toString('base64url'), y: point.subarray(33).toString('base64url') },
  })
  const isRight = verify(
    'sha256',
    Buffer.from(`${head}.${claims}`),
    { key: publicKey, dsaEncoding: 'ieee-p1363' },
    Buffer.from(signature, 'base64url'),
  )
  const { aud, exp, sub } = JSON.parse(Buffer.from(claims, 'base64url').toString()) as { aud: string; exp: number; sub: string }
  const seconds = Date.now() / 1_000
  return isRight && aud === origin && exp > seconds && exp <= seconds + 86_400 && /^(https|mailto):/.test(sub)
}

/** RFC 8188, one record: salt, record size, key id and text; its key from both pairs and the secret, as RFC 8291 says. */
function decrypted(body: Buffer, ecdh: ReturnType<typeof createECDH>, auth: Buffer): string {
  const salt = body.subarray(0, 16)
  const idLength = body[20]!
  const theirs = body.subarray(21, 21 + idLength)
  const info = Buffer.concat([Buffer.from('WebPush: info\0'), ecdh.getPublicKey(), theirs])
  const key = Buffer.from(hkdfSync('sha256', ecdh.computeSecret(theirs), auth, info, 32))
  const cek = Buffer.from(hkdfSync('sha256', key, salt, Buffer.from('Content-Encoding: aes128gcm\0'), 16))
  const nonce = Buffer.from(hkdfSync('sha256', key, salt, Buffer.from('Content-Encoding: nonce\0'), 12))
  const record = body.subarray(21 + idLength)
  const decipher = createDecipheriv('aes-128-gcm', cek, nonce)
  decipher.setAuthTag(record.subarray(-16))
  const padded = Buffer.concat([decipher.update(record.subarray(0, -16)), decipher.final()])
  return padded.subarray(0, padded.lastIndexOf(2)).toString()
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part as Buffer)
  return Buffer.concat(parts)
}
