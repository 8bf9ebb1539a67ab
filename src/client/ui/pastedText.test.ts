import { describe, expect, it } from 'vitest'
import { textFromHtml } from './pastedText.ts'

describe('rich text from the clipboard', () => {
  it.each([
    ['paragraphs stand apart', '<p>One</p><p>Two</p>', 'One\n\nTwo'],
    ['line breaks stay', 'One<br>Two', 'One\nTwo'],
    ['lists get dashes', '<ul><li>milk</li><li>bread</li></ul>', '- milk\n- bread'],
    ['links keep their address', '<p>see <a href="https://a.example/x">the page</a></p>', 'see the page (https://a.example/x)'],
    ['links that show their address are not doubled', '<a href="https://a.example/x">https://a.example/x</a>', 'https://a.example/x'],
    ['code keeps its lines and gets its marks', '<pre>if (a &lt; b) {\n  c()\n}</pre>', '```\nif (a < b) {\n  c()\n}\n```'],
    ['code inside a line too', 'run <code>npm test</code> now', 'run `npm test` now'],
    ['bold, slanted and struck words get their signs', '<b>One</b> <em>two </em><s>three</s>', '**One** *two* ~~three~~'],
    ['of marks in marks the inner ones stay', '<strong>One <i>two</i></strong>', 'One *two*'],
    ['what Google Docs wraps everything in is not bold', '<b id="docs-internal-guid-1"><p>One</p></b>', 'One'],
    ['no sign is put around several lines or other signs', '<b>One<br>two</b> <i>2*3</i>', 'One\ntwo 2*3'],
    ['quotations get their signs', '<p>He said</p><blockquote><p>One</p><p>Two</p></blockquote><p>so</p>', 'He said\n\n> One\n>\n> Two\n\nso'],
    ['space in the source is no space', '<p>\n   One\n   two  </p>', 'One two'],
    ['what an editor copies is its lines', '<meta charset="utf-8"><div><span>const</span> a = 1</div><div>b()</div>', 'const a = 1\nb()'],
  ])('%s', (_, html, text) => expect(textFromHtml(html)).toBe(text))

  it('brings nothing that could run, load or style', () => {
    const html =
      '<style>p{}</style><script>alert(1)</script><img src=x onerror=alert(1)><p onclick="x()">Hi</p><a href="javascript:alert(1)">there</a>'
    expect(textFromHtml(html)).toBe('Hi\n\nthere')
  })
})
