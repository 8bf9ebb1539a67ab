/** What one sentence is in another language: a text, or one for each of the language's plural categories. */
export type Translation = string | Partial<Record<Intl.LDMLPluralRule, string>>
/** The words of a language other than English, by their English. */
export type Catalogue = { language: string; direction: 'ltr' | 'rtl'; words: Record<string, Translation> }
type Values = Record<string, string | number>

let spoken: Catalogue | undefined

/** Before anything is drawn: from here on the page speaks this language. */
export const speak = (catalogue: Catalogue | undefined): void => {
  spoken = catalogue
}

/** The catalogue of this page's language; none for English. */
export const spokenWords = (): Catalogue | undefined => spoken

/** What dates and times are written by; beside English it is the browser's own. */
export const locale = (): string | undefined => spoken?.language

/**
 * The interface's words: English, which stands where it is used, or what the catalogue has for it. `{name}` stands for a value.
 * What has no translation stays English.
 */
export function t(english: string, values?: Values): string {
  const text = spoken?.words[english] ?? english
  return fill(typeof text === 'string' ? text : english, values)
}

/** `one` for exactly one, `many` for every other number, which `{n}` stands for; other languages have other rules, under `many`. */
export function plural(n: number, one: string, many: string, values?: Values): string {
  const text = spoken?.words[many]
  const own = typeof text === 'object' ? (text[new Intl.PluralRules(spoken!.language).select(n)] ?? text.other) : text
  return fill(own ?? (n === 1 ? one : many), { n, ...values })
}

const fill = (text: string, values?: Values): string => (values ? text.replace(/\{(\w+)\}/g, (_, name: string) => said(values[name]!)) : text)
/** Numbers as the language writes them; names keep to themselves, whatever their direction. */
const said = (value: string | number): string =>
  spoken ? (typeof value === 'number' ? value.toLocaleString(spoken.language) : `\u2068${value}\u2069`) : `${value}`
