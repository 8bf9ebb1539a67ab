/** Browsers hash only on pages that came encrypted or from the machine itself. */
export const browserSha256 = globalThis.crypto?.subtle
  ? async (bytes: Uint8Array<ArrayBuffer>): Promise<string> => {
      const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
      return Array.from(digest, (byte) => (byte + 0x100).toString(16).slice(1)).join('')
    }
  : undefined
