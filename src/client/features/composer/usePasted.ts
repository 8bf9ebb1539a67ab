import { useEffect, useEffectEvent, type RefObject } from 'react'
import { insertText } from '#client/ui/insertText.ts'

/** What is pasted into the box: files go along, rich text becomes text, and plain text is the browser's own business. */
export function usePasted(box: RefObject<HTMLTextAreaElement | null>, onText: (text: string) => void, onFiles?: (files: File[]) => void): void {
  const take = useEffectEvent((event: ClipboardEvent) => {
    const { clipboardData } = event
    if (!clipboardData) return
    const html = clipboardData.getData('text/html')
    const plain = clipboardData.getData('text/plain')
    const pasted = [...clipboardData.files]
    // a table comes with a picture of it; a picture may come with an address
    if (plain === '' && pasted.length > 0 && onFiles) {
      event.preventDefault()
      return onFiles(pasted)
    }
    if (html === '') return
    event.preventDefault()
    // loaded at the first such paste; what was copied as plain text stands in when it can't be
    void import('#client/ui/pastedText.ts')
      .then(({ textFromHtml }) => textFromHtml(html) || plain)
      .catch(() => plain)
      .then((text) => {
        if (box.current) insertText(box.current, text, onText)
      })
  })
  useEffect(() => {
    const field = box.current
    const hear = (event: ClipboardEvent) => take(event)
    field?.addEventListener('paste', hear)
    return () => field?.removeEventListener('paste', hear)
  }, [box])
}
