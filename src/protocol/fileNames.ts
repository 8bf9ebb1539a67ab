/** Characters that can't be seen and make what stands beside them look like something else, as `exe.txt` for `txt.exe`. */
const DECEPTIVE = /[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu

/** May a file be called this? Names that can't be seen and names that are places may not be. */
export const isPlainName = (name: string): boolean => name === plainName(name)

/** The same name without what no name may have; empty where nothing is left. */
export function plainName(name: string): string {
  const plain = name.replace(DECEPTIVE, '').trim()
  return /[^\p{C}\p{Z}]/u.test(plain) && !/^\.{1,2}$/.test(plain) ? plain : ''
}
