/**
 * True while an input method is putting a character together: its Enter, arrows and Escape are not ours. Safari says
 * `isComposing: false` for the very key that ends the composition, and only `keyCode` 229 gives it away.
 */
export const isComposing = (event: { nativeEvent: { isComposing: boolean }; keyCode: number }): boolean =>
  event.nativeEvent.isComposing || event.keyCode === 229
