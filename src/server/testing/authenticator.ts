import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import type { MadePasskey, PasskeyOptions, ShownPasskey } from '#protocol/passkey.ts'

/** A device that makes passkeys, as a browser with one does (WebAuthn, sections 6.1 and 6.5), for pages of one origin. */
export type Authenticator = { make: (options: PasskeyOptions) => MadePasskey; show: (options: PasskeyOptions) => ShownPasskey }

const USER_PRESENT = 0x01
const USER_VERIFIED = 0x04
const HAS_KEY = 0x40

const sha256 = (bytes: string | Buffer) => createHash('sha256').update(bytes).digest()
const base64url = (bytes: Buffer | string) => Buffer.from(bytes).toString('base64url')

/** A byte string in CBOR, of 24 to 255 bytes. */
const cborBytes = (bytes: Buffer) => Buffer.concat([Buffer.from([0x58, bytes.length]), bytes])
const cborText = (text: string) => Buffer.concat([Buffer.from([0x60 + text.length]), Buffer.from(text)])

/** `held.isVerified`: whoever holds it has shown their finger; `held.counter`: what it says of how often it was used. Both may change. */
export function authenticator(origin: string, held: { isVerified: boolean; counter: number } = { isVerified: true, counter: 0 }): Authenticator {
  const id = randomBytes(32)
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  let userHandle = ''
  const clientData = (type: string, { challenge }: PasskeyOptions) => Buffer.from(JSON.stringify({ type, challenge, origin, crossOrigin: false }))
  const data = (flags: number, ...more: Buffer[]) => {
    const count = Buffer.alloc(4)
    count.writeUInt32BE(held.counter)
    return Buffer.concat([
      sha256(new URL(origin).hostname),
      Buffer.from([flags | USER_PRESENT | (held.isVerified ? USER_VERIFIED : 0)]),
      count,
      ...more,
    ])
  }
  const answer = { id: base64url(id), rawId: base64url(id), type: 'public-key' as const, clientExtensionResults: {} }

  return {
    make: (options) => {
      userHandle = (options['user'] as { id: string }).id
      const { x = '', y = '' } = publicKey.export({ format: 'jwk' })
      // COSE: an EC2 key for ES256 on P-256
      const head = Buffer.from([0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21])
      const key = Buffer.concat([head, cborBytes(Buffer.from(x, 'base64url')), Buffer.from([0x22]), cborBytes(Buffer.from(y, 'base64url'))])
      const authData = data(HAS_KEY, Buffer.alloc(16), Buffer.from([0, id.length]), id, key)
      const attestation = [cborText('fmt'), cborText('none'), cborText('attStmt'), Buffer.from([0xa0]), cborText('authData'), cborBytes(authData)]
      return {
        ...answer,
        response: {
          clientDataJSON: base64url(clientData('webauthn.create', options)),
          attestationObject: base64url(Buffer.concat([Buffer.from([0xa3]), ...attestation])),
          transports: ['internal'],
        },
      }
    },
    show: (options) => {
      const client = clientData('webauthn.get', options)
      const authData = data(0)
      const signature = sign('sha256', Buffer.concat([authData, sha256(client)]), privateKey)
      const response = { clientDataJSON: base64url(client), authenticatorData: base64url(authData), signature: base64url(signature), userHandle }
      return { ...answer, response }
    },
  }
}
