import { randomUUID } from 'node:crypto'
import type { FileId } from '#protocol/ids.ts'

type Uploading = { id?: FileId; name?: string; type?: string; /** what it is said to have; all of `bytes` */ length?: number }

const base64 = (text: string): string => Buffer.from(text).toString('base64')

/** Uploads as a browser does, by the tus protocol, step by step. */
export function uploader(url: string, accessToken: string) {
  const send = (method: string, path: string, headers: Record<string, string>, body?: Uint8Array<ArrayBuffer>): Promise<Response> =>
    fetch(url + path, { method, headers: { 'tus-resumable': '1.0.0', authorization: `Bearer ${accessToken}`, ...headers }, ...(body && { body }) })

  const begin = (bytes: Uint8Array, { id = randomUUID() as FileId, name = 'notes.txt', type = 'text/plain', length }: Uploading = {}) =>
    send('POST', '/api/files', {
      'upload-length': String(length ?? bytes.length),
      'upload-metadata': `id ${base64(id)},name ${base64(name)},type ${base64(type)}`,
    })
  const goOn = (id: string, offset: number, bytes: Uint8Array<ArrayBuffer>): Promise<Response> =>
    send('PATCH', `/api/files/${id}`, { 'upload-offset': String(offset), 'content-type': 'application/offset+octet-stream' }, bytes)

  return {
    begin,
    goOn,
    /** How many bytes are there; null: nothing is known of such a file. */
    offset: async (id: string): Promise<number | null> => {
      const offset = (await send('HEAD', `/api/files/${id}`, {})).headers.get('upload-offset')
      return offset === null ? null : Number(offset)
    },
    withdraw: async (id: string): Promise<number> => (await send('DELETE', `/api/files/${id}`, {})).status,
    /** All of it at once; answers its id. */
    upload: async (bytes: Uint8Array<ArrayBuffer>, more: Uploading = {}): Promise<FileId> => {
      const id = more.id ?? (randomUUID() as FileId)
      const begun = await begin(bytes, { ...more, id })
      if (begun.status !== 201) throw new Error(`not begun: ${begun.status} ${await begun.text()}`)
      const sent = await goOn(id, 0, bytes)
      if (sent.status !== 204) throw new Error(`not taken: ${sent.status} ${await sent.text()}`)
      return id
    },
  }
}
