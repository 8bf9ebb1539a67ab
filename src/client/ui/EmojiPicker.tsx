import compact from 'emojibase-data/en/compact.json'
import names from 'emojibase-data/en/messages.json'
import { EmojiPicker as Picker, type EmojiPickerListEmojiProps, type EmojiPickerListRowProps } from 'frimousse'
import { t } from '#client/words/t.ts'
import styles from './EmojiPicker.module.css'

type EmojiData = Awaited<ReturnType<NonNullable<Parameters<typeof Picker.Root>[0]['resolveEmojiData']>>>

/** Group 2 holds skin tones and hair alone, which are no emoji by themselves; regional letters have no group. */
const COMPONENTS = 2

const RGI = new RegExp('^\\p{RGI_Emoji}$', 'v')
/** As everybody writes it, or undefined for what this browser knows no picture of. The data add a sign to some that asks for a picture. */
const usual = (unicode: string): string | undefined => [unicode, unicode.replaceAll('\uFE0F', ''), `${unicode}\uFE0F`].find((way) => RGI.test(way))

/** Emojibase's data, which come with this file, in the picker's own words: it fetches nothing and keeps nothing. */
export function emojiData(): EmojiData {
  const shown = compact.filter(({ group }) => group !== undefined && group !== COMPONENTS)
  return {
    locale: 'en',
    emojis: shown
      .sort((a, b) => (a.order ?? 0) - (b.order ?? 0))
      .flatMap(({ unicode, label, group, tags = [] }) => {
        const emoji = usual(unicode)
        return emoji === undefined ? [] : [{ emoji, label, category: group ?? 0, tags, version: 1 }]
      }),
    categories: names.groups.filter(({ order }) => order !== COMPONENTS).map(({ order, message }) => ({ index: order, label: message })),
    skinTones: { light: '', 'medium-light': '', medium: '', 'medium-dark': '', dark: '' },
  }
}

/** Rows and columns of a grid are counted from 1; the picker counts from 0. */
const fromOne = (index: number | undefined): number | undefined => (index === undefined ? undefined : index + 1)
const Row = ({ 'aria-rowindex': index, ...row }: EmojiPickerListRowProps) => <div {...row} aria-rowindex={fromOne(index)} />
const Emoji = ({ emoji, 'aria-colindex': index, ...button }: EmojiPickerListEmojiProps) => (
  <button type="button" role="gridcell" {...button} aria-colindex={fromOne(index)}>
    {emoji.emoji}
  </button>
)

/** All emoji by group, and a search among them. Large: loaded when somebody asks for it. */
export function EmojiPicker({ onPick }: { onPick: (emoji: string) => void }) {
  return (
    <Picker.Root className={styles.picker} columns={8} resolveEmojiData={emojiData} onEmojiSelect={({ emoji }) => onPick(emoji)}>
      <Picker.Search className={styles.search} aria-label={t('Search emoji')} placeholder={t('Search')} autoFocus />
      <Picker.Viewport className={styles.viewport} tabIndex={0}>
        <Picker.Empty className={styles.empty}>{t('No emoji found. Try another word.')}</Picker.Empty>
        <Picker.List className={styles.list} components={{ Row, Emoji }} />
      </Picker.Viewport>
    </Picker.Root>
  )
}
