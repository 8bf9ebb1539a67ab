/** One place in the source and what stands there instead. */
export type Edit = {
  file: string
  /** Stands in the file exactly once, within one line. */
  find: string
  replace: string
}

/** A named breakage of the core that the tests must notice. */
export type Mutant = Edit & {
  name: string
  /** What it breaks, in plain words. */
  says: string
  /** Where one line alone breaks nothing, because another one stands behind it: that one falls too. */
  also?: readonly Edit[]
  /** The unit test that notices it, where the simulator by its nature can't. */
  by?: string
}

export const editsOf = (mutant: Mutant): readonly Edit[] => [mutant, ...(mutant.also ?? [])]

/** How often an edit applies to a text. Once is right. */
export const placesOf = (text: string, { find }: Edit): number => text.split(find).length - 1

/** The text with the edit made. Throws unless it applies in exactly one place. */
export function edited(text: string, edit: Edit): string {
  const places = placesOf(text, edit)
  if (places !== 1) throw new Error(`"${edit.find}" stands ${places} times in ${edit.file}`)
  return text.replace(edit.find, () => edit.replace)
}
