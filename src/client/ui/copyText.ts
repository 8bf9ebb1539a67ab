/** Puts a text on the clipboard, also where the modern way is missing: a page over plain http has none. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    const field = document.createElement('textarea')
    field.value = text
    field.style.position = 'fixed'
    field.style.opacity = '0'
    // inside an open dialog the rest of the page is inert and can't be selected
    const around = document.querySelector('dialog[open]') ?? document.body
    const focused = document.activeElement
    around.append(field)
    field.select()
    const copied = document.execCommand('copy')
    field.remove()
    if (focused instanceof HTMLElement) focused.focus({ preventScroll: true })
    return copied
  }
}
