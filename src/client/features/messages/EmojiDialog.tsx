import { useEffect, useState } from 'react'
import { Button } from '#client/ui/Button.tsx'
import { Dialog, DialogActions } from '#client/ui/Dialog.tsx'
import { Spinner } from '#client/ui/Spinner.tsx'
import { t } from '#client/words/t.ts'

type Picker = typeof import('#client/ui/EmojiPicker.tsx').EmojiPicker

/** Every emoji there is, to pick one as a reaction. */
export function EmojiDialog({ onPick, onClose }: { onPick: (emoji: string) => void; onClose: () => void }) {
  const [loading, setLoading] = useState<{ name: 'loading' } | { name: 'here'; Picker: Picker } | { name: 'failed' }>({ name: 'loading' })
  useEffect(() => {
    if (loading.name !== 'loading') return
    let isWanted = true
    import('#client/ui/EmojiPicker.tsx').then(
      ({ EmojiPicker }) => isWanted && setLoading({ name: 'here', Picker: EmojiPicker }),
      () => isWanted && setLoading({ name: 'failed' }),
    )
    return () => {
      isWanted = false
    }
  }, [loading])
  return (
    <Dialog title={t('React with an emoji')} onClose={onClose}>
      {loading.name === 'loading' && <Spinner />}
      {loading.name === 'here' && (
        <loading.Picker
          onPick={(emoji) => {
            onPick(emoji)
            onClose()
          }}
        />
      )}
      {loading.name === 'failed' && (
        <>
          <p role="alert">{t('The emoji could not be loaded. Try again when you have a connection.')}</p>
          <DialogActions>
            <Button look="primary" onClick={() => setLoading({ name: 'loading' })}>
              {t('Try again')}
            </Button>
          </DialogActions>
        </>
      )}
    </Dialog>
  )
}
