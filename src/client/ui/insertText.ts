/** Puts text where the caret or selection of a field is, and says what the field holds then. Keeps the browser's own undo, which setting the value would lose. */
export function insertText(field: HTMLTextAreaElement, text: string, change: (value: string) => void): void {
  if (document.activeElement === field && document.execCommand?.('insertText', false, text)) return
  field.setRangeText(text, field.selectionStart, field.selectionEnd, 'end')
  change(field.value)
}
