import { chainHashFrom, linkBytes, type Link } from '#protocol/chain.ts'

/** The hash of a log after one more event; `linkBytes` says what it covers. `sha256` answers in hexadecimal. */
export const chainAfter = (sha256: (bytes: Uint8Array) => string, previous: string, link: Link): string =>
  chainHashFrom(sha256(linkBytes(previous, link)))
