import { DetailedError, Upload } from 'tus-js-client'
import { isCode, isRefusal } from '#protocol/codes.ts'
import { HttpError } from '#protocol/session.ts'
import type { Token } from './ports.ts'
import type { SendFile } from './uploads.ts'

/** A part of a file is sent by one request: what a proxy keeps until it is whole must not be the whole film. */
const PART_BYTES = 4 * 1024 * 1024

/** Sends files by the tus protocol (tus.io, 1.0.0): from where the server has them to their end. */
export const tusUpload =
  (origin: string, token: Token): SendFile =>
  (file, blob, { isBegun, knownNow, progressed, signal }) =>
    new Promise((resolve) => {
      if (signal.aborted) return resolve('failed')
      const endpoint = `${origin}/api/files`
      let isKnown = isBegun
      const upload = new Upload(blob, {
        // one or the other: to begin anew by itself would throw away what is there, for an answer that says nothing of it
        ...(isBegun ? { uploadUrl: `${endpoint}/${file.id}` } : { endpoint }),
        metadata: { id: file.id, name: file.name, type: file.type },
        chunkSize: PART_BYTES,
        // whoever waits knows better when there is a line
        retryDelays: null,
        storeFingerprintForResuming: false,
        onBeforeRequest: async (request) => {
          let current = token.current()
          if (!current && (await token.renew()) === 'ok') current = token.current()
          // an abort before there is a request aborts none
          if (signal.aborted) throw new Error('aborted')
          if (current) request.setHeader('Authorization', `Bearer ${current.value}`)
        },
        onUploadUrlAvailable: () => {
          isKnown = true
          if (!isBegun) knownNow(true)
        },
        onProgress: progressed,
        onSuccess: () => resolve('done'),
        onError: (error) => void failed(error),
      })
      signal.addEventListener('abort', () => {
        void upload.abort()
        resolve('failed')
      })
      upload.start()

      async function failed(error: Error): Promise<void> {
        const response = error instanceof DetailedError ? error.originalResponse : null
        const status = response?.getStatus()
        if (status === 401) await token.renew()
        // given up by the server, or taken by its message: to begin anew tells
        if (isBegun && (status === 404 || status === 410)) knownNow(false)
        // what is said of a part says nothing of the file: a browser may send one a second time by itself (measured: Chromium, after a reset)
        const code = isKnown ? undefined : codeIn(response?.getBody() ?? '')
        // all of it is there under this id, which is ours alone
        if (code === 'E_ID_CONFLICT') resolve('done')
        else resolve(code !== undefined && isCode(code) && isRefusal(code) ? { refused: code } : 'failed')
      }
    })

function codeIn(body: string): string | undefined {
  try {
    return HttpError.safeParse(JSON.parse(body)).data?.code
  } catch {
    return undefined
  }
}
