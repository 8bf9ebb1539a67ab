import { type BrowserContext, type Locator, type Page, expect } from '@playwright/test'
import type { Line } from './line.ts'

export type ConnectionName = 'idle' | 'connecting' | 'authenticating' | 'syncing' | 'live' | 'reconnecting' | 'offline' | 'refused' | 'signed-out'
export type MessageStatus = 'saving' | 'queued' | 'sending' | 'sent' | 'delivered' | 'read' | 'failed'

/** One row as it stands on screen. What a row does not carry is null. */
export type SeenMessage = { text: string; seq: number | null; clientId: string | null; id: string | null; status: string | null; mine: boolean }

/** What somebody signs in with. */
export type Account = { login: string; password: string }

/** A status implies those before it: whoever waits for `sent` may find `read`. */
const THROUGH = ['sent', 'delivered', 'read'] as const satisfies MessageStatus[]

/**
 * Somebody in front of a tab, told in the words of a sentence: `await ann.writes('hi')`. Finds things only by the DOM contract.
 * Everything waits for what it says, and fails when it does not come.
 */
export class Person {
  readonly name: string
  readonly page: Page
  /** This person's own line to the server, to be cut, frozen, slowed. */
  readonly line: Line
  readonly origin: string
  /** Uncaught errors of the page; none is expected, ever. */
  readonly faults: string[] = []

  constructor({ name, page, line, origin }: { name: string; page: Page; line: Line; origin: string }) {
    this.name = name
    this.page = page
    this.line = line
    this.origin = origin
    // a DOMException has no stack of its own
    page.on('pageerror', (error) => this.faults.push(error.stack || `${error.name}: ${error.message}`))
  }

  private get context(): BrowserContext {
    return this.page.context()
  }

  private get html(): Locator {
    return this.page.locator('html')
  }

  get composer(): Locator {
    return this.page.getByRole('textbox', { name: /^Message / })
  }

  get list(): Locator {
    return this.page.getByRole('log', { name: /^Messages with / })
  }

  get banner(): Locator {
    return this.page.getByTestId('connection-banner')
  }

  get chip(): Locator {
    return this.page.getByTestId('connection-status')
  }

  /** The rows whose text is exactly this. */
  row(text: string): Locator {
    const exactly = new RegExp(`^${text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}$`)
    return this.page.getByTestId('message').filter({ has: this.page.getByTestId('message-text').filter({ hasText: exactly }) })
  }

  conversationLink(title: string): Locator {
    return this.page.getByRole('navigation', { name: 'Conversations' }).getByRole('link').filter({ hasText: title })
  }

  // ---- coming and going

  async opens(path: string) {
    await this.page.goto(this.origin + path)
  }

  /** From the welcome page to a live lobby. */
  async continuesAsGuest() {
    await this.opens('/')
    await this.page.getByRole('button', { name: 'Continue as guest' }).click()
    await expect(this.page).toHaveURL(/\/chat\/lobby$/)
    await this.connectionIs('live')
  }

  /** From the welcome page to a live lobby, with an account. */
  async registers(account: Account) {
    await this.opens('/')
    await this.page.getByRole('button', { name: 'Create account' }).click()
    await this.fills('Create account', account)
    await this.page.getByRole('textbox', { name: 'Name others see' }).fill(this.name)
    await this.page.getByRole('button', { name: 'Create account' }).click()
    await this.connectionIs('live')
  }

  /** From the welcome page to what comes of it. */
  async signsIn(account: Account) {
    await this.opens('/')
    await this.page.getByRole('button', { name: 'Sign in' }).click()
    await this.fills('Sign in', account)
    await this.page.getByRole('form', { name: 'Sign in' }).getByRole('button', { name: 'Sign in' }).click()
  }

  async fills(form: string, { login, password }: Account) {
    const fields = this.page.getByRole('form', { name: form })
    await fields.getByLabel('Sign-in name').fill(login)
    await fields.getByLabel('Password', { exact: true }).fill(password)
  }

  async signsOut() {
    await this.page.getByRole('button', { name: /^You are / }).click()
    await this.page.getByRole('menuitem', { name: 'Sign out' }).click()
  }

  /** Ends the session of this browser from elsewhere, as a sign-out of this device does; the browser is not told. */
  async sessionIsEnded() {
    const cookies = await this.context.cookies(`${this.origin}/api/session`)
    const cookie = cookies.map(({ name, value }) => `${name}=${value}`).join('; ')
    const answer = await fetch(`${this.line.url}/api/session/logout`, { method: 'POST', headers: { cookie } })
    expect(answer.status).toBe(200)
  }

  /** The whole app is kept in this browser. */
  async hasTheAppKept() {
    await this.page.waitForFunction(() => navigator.serviceWorker.controller?.state === 'activated')
  }

  async reloads() {
    await this.page.reload()
  }

  /** Nothing can be kept in the database as long as this page is there: a transaction does not end, every other one waits behind it. */
  async canKeepNothing() {
    await this.page.evaluate(async () => {
      const { name } = (await indexedDB.databases()).find((each) => each.name?.startsWith('tidemark:'))!
      const db = await new Promise<IDBDatabase>((resolve) => {
        const opening = indexedDB.open(name!)
        opening.addEventListener('success', () => resolve(opening.result))
      })
      const store = db.transaction([...db.objectStoreNames], 'readwrite').objectStore('meta')
      const goOn = () => store.count().addEventListener('success', goOn)
      goOn()
    })
  }

  async goesOffline() {
    await this.context.setOffline(true)
    await this.connectionIs('offline')
  }

  async comesOnline() {
    await this.context.setOffline(false)
  }

  async connectionIs(name: ConnectionName) {
    await expect(this.html).toHaveAttribute('data-connection', name)
  }

  /** Everything written is stored and everything stored is here. */
  async isUpToDate() {
    await this.page.evaluate(() => {
      const { __tidemark } = window as unknown as { __tidemark: { idle: (ms: number) => Promise<void> } }
      return __tidemark.idle(60_000)
    })
  }

  /**
   * The way is free again, and Retry now is what finds out: only while the wait has seconds left, since the attempt that is due
   * would otherwise be the one that succeeds, and take the button away.
   */
  async retriesNowThat(wayIsFree: () => void) {
    await expect(this.banner).toContainText(/Trying again in ([5-9]|\d\d) s\./)
    wayIsFree()
    await this.banner.getByRole('button', { name: 'Retry now' }).click()
  }

  async userId(): Promise<string> {
    await expect(this.html).toHaveAttribute('data-user-id', /./)
    return (await this.html.getAttribute('data-user-id')) ?? ''
  }

  /** Another tab of the same browser, on the same line. */
  async opensAnotherTab(path: string): Promise<Person> {
    const tab = new Person({ name: `${this.name} (another tab)`, page: await this.context.newPage(), line: this.line, origin: this.origin })
    await tab.opens(path)
    return tab
  }

  // ---- conversations

  async opensConversation(title: string) {
    await this.conversationLink(title).click()
    await expect(this.list).toHaveAccessibleName(`Messages with ${title}`)
  }

  /** Makes a group and returns the path of its invitation. Ends in the group. */
  async makesGroup(title: string): Promise<string> {
    await this.page.getByRole('button', { name: 'New group' }).click()
    const dialog = this.page.getByRole('dialog')
    await dialog.getByRole('textbox', { name: /name/i }).fill(title)
    await dialog.getByRole('button', { name: /create/i }).click()
    await expect(this.list).toHaveAccessibleName(`Messages with ${title}`)
    await this.page.getByRole('button', { name: 'Invite' }).click()
    const link = dialog.getByRole('textbox', { name: /link/i })
    await expect(link).toHaveValue(/\/join\//)
    const { pathname } = new URL(await link.inputValue())
    await this.page.keyboard.press('Escape')
    await expect(dialog).toHaveCount(0)
    return pathname
  }

  async joins(invitation: string, title: string) {
    await this.opens(invitation)
    await this.page.getByRole('button', { name: 'Join group' }).click()
    await expect(this.list).toHaveAccessibleName(`Messages with ${title}`)
    await this.connectionIs('live')
  }

  // ---- messages

  /** Types it and presses Enter. The row is on screen when this resolves. */
  async writes(text: string) {
    // a dialog that is closing takes the words for as long as it is there, and nobody could have typed them
    await expect(this.page.locator(':modal')).toHaveCount(0)
    await this.composer.fill(text)
    await this.composer.press('Enter')
    await expect(this.row(text).last()).toBeVisible()
    await expect(this.composer).toHaveValue('')
  }

  /** Puts files beside what is being written. */
  async attaches(...files: { name: string; mimeType: string; buffer: Buffer }[]) {
    await this.page.getByTestId('file-input').setInputFiles(files)
    for (const { name } of files) await expect(this.page.getByTestId('attached-file').filter({ hasText: name })).toBeVisible()
  }

  /** What stands beside a message while it has the focus: to react, to reply, and a menu of everything else. */
  async tools(text: string): Promise<Locator> {
    const row = this.row(text)
    // what lies under an open dialog takes no focus
    await expect(this.page.locator(':modal')).toHaveCount(0)
    await row.focus()
    return row.getByRole('toolbar', { name: 'For this message' })
  }

  /** One item of the menu of everything else. */
  async chooses(text: string, item: string) {
    await (await this.tools(text)).getByRole('button', { name: 'More' }).click()
    await this.page.getByRole('menuitem', { name: item, exact: true }).click()
  }

  async replies(to: string, text: string) {
    await (await this.tools(to)).getByRole('button', { name: 'Reply' }).click()
    await expect(this.page.getByTestId('reply-bar')).toBeVisible()
    await this.writes(text)
  }

  async reacts(to: string, name: string) {
    await (await this.tools(to)).getByRole('button', { name: 'React' }).click()
    await this.page.getByRole('menuitemcheckbox', { name }).click()
  }

  async changes(text: string, to: string) {
    await this.chooses(text, 'Edit')
    const box = this.page.getByRole('textbox', { name: /^Change your message/ })
    await expect(box).toHaveValue(text)
    await box.fill(to)
    await box.press('Enter')
    await expect(this.composer).toBeVisible()
  }

  /** Exactly one row with this text is there, with this status if one is named. */
  async sees(text: string, status?: MessageStatus) {
    await expect(this.row(text), `${this.name} sees “${text}”`).toHaveCount(1)
    if (status === undefined) return
    const from = THROUGH.findIndex((one) => one === status)
    const accepted = from < 0 ? [status] : THROUGH.slice(from)
    await expect(this.row(text), `${this.name} sees “${text}” ${status}`).toHaveAttribute('data-status', new RegExp(`^(${accepted.join('|')})$`))
  }

  async doesNotSee(text: string) {
    await expect(this.row(text), `${this.name} does not see “${text}”`).toHaveCount(0)
  }

  /** These texts, each once, in this order; other rows may stand between and around them. */
  async seesInOrder(texts: string[]) {
    await expect
      .poll(async () => (await this.messages()).map(({ text }) => text).filter((text) => texts.includes(text)), {
        message: `${this.name} sees all, once, in order`,
      })
      .toEqual(texts)
  }

  /** All rows, from top to bottom. */
  messages(): Promise<SeenMessage[]> {
    return this.page.getByTestId('message').evaluateAll((rows) =>
      rows.map((row) => {
        const seq = row.getAttribute('data-seq')
        return {
          text: row.querySelector('[data-testid="message-text"]')?.textContent ?? '',
          seq: seq === null ? null : Number(seq),
          clientId: row.getAttribute('data-client-id'),
          id: row.getAttribute('data-message-id'),
          status: row.getAttribute('data-status'),
          mine: row.getAttribute('data-mine') === 'true',
        }
      }),
    )
  }
}
