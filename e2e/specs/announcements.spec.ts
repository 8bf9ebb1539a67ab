import { expect, test } from '#e2e/support/fixtures.ts'

const OPERATOR_TOKEN = 'operators-only-token'
test.use({ settings: { OPERATOR_TOKEN } })

test('what the operators announce reaches everybody, also who is cut off, and nobody else speaks in their name', async ({ ann, bob, server }) => {
  const announces = async (body: string) => {
    const answer = await fetch(`${server.url}/api/operator/announcements`, {
      method: 'POST',
      headers: { authorization: `Bearer ${OPERATOR_TOKEN}` },
      body: JSON.stringify({ body }),
    })
    expect(answer.status).toBe(200)
  }
  await bob.makesGroup('Elsewhere')
  ann.line.refuse()
  await announces('Down for an hour *tonight*')
  await expect(bob.page.locator('[data-conversation-id="lobby"]')).toHaveAttribute('data-unread', '1')
  ann.line.pass()
  await ann.sees('Down for an hour *tonight*')
  await expect(ann.row('Down for an hour *tonight*')).toContainText('Operators')

  await ann.opens('/settings')
  await ann.page.getByRole('textbox', { name: 'Your name' }).fill('OPERATORS.')
  await ann.page.getByRole('button', { name: 'Save name' }).click()
  await expect(ann.page.getByText('and not the operators’.')).toBeVisible()
})
