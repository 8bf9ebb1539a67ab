/** Hands a text to the browser as a file to keep. */
export function saveFile(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'application/json' }))
  saveAddress(name, url)
  // the browser has begun to read it by the next turn
  setTimeout(() => URL.revokeObjectURL(url))
}

/** Has the browser keep what stands at an address of ours. */
export function saveAddress(name: string, address: string): void {
  const link = document.createElement('a')
  link.href = address.startsWith('blob:') ? address : `${address}&save`
  link.download = name
  link.click()
}
