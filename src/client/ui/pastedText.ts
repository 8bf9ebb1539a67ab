import DOMPurify from 'dompurify'

const BLOCKS = new Set(['P', 'DIV', 'LI', 'UL', 'OL', 'PRE', 'BLOCKQUOTE', 'TR', 'TABLE', 'H1', 'H2', 'H3', 'H4', 'H5', 'H6', 'SECTION', 'ARTICLE'])

const SIGNS: Record<string, string> = { B: '**', STRONG: '**', EM: '*', I: '*', S: '~~', DEL: '~~', STRIKE: '~~' }
/** Google Docs wraps all it copies in such a `b`, which is not bold. */
const NOT_BOLD = /^docs-internal-guid/

/** Rich text from the clipboard as the text a person would have typed. The one door through which HTML enters; nothing of it stays. */
export function textFromHtml(html: string): string {
  const fragment = DOMPurify.sanitize(quiet(html), {
    RETURN_DOM_FRAGMENT: true,
    FORBID_TAGS: ['style', 'script', 'title', 'img', 'svg', 'math', 'form'],
  })
  const lines = { text: '' }
  for (const node of fragment.childNodes) add(node, lines, false)
  return lines.text
    .replace(/[ \t]+\n/g, '\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim()
}

/**
 * Without what the page's policy would report when it is merely read: browsers do so for attributes with code or styles in them also where
 * nothing is run (Chromium, for each way there is of parsing HTML). This keeps nobody safe, and need not: that is what comes after it.
 */
const quiet = (html: string): string =>
  html
    .replace(/<style\b[^]*?(<\/style\s*>|$)/gi, '')
    .replace(/<[a-z][^>]*>?/gi, (tag) => tag.replace(/([\s/"'])(?:on\w+|style)(?=\s*=)/gi, '$1data-gone'))

function add(node: Node, lines: { text: string }, preformatted: boolean): void {
  if (node.nodeType === Node.TEXT_NODE) {
    const text = node.textContent ?? ''
    if (preformatted) lines.text += text
    else {
      const flat = text.replace(/\s+/g, ' ')
      lines.text += lines.text === '' || /\s$/.test(lines.text) ? flat.trimStart() : flat
    }
    return
  }
  if (!(node instanceof Element)) return
  const name = node.tagName
  const block = BLOCKS.has(name)
  if (name === 'BR') lines.text += '\n'
  if (name === 'TD' || name === 'TH') lines.text += lines.text === '' || /\s$/.test(lines.text) ? '' : '\t'
  if (block) newLine(lines)
  if (name === 'LI') lines.text += '- '
  if (name === 'PRE') lines.text += '```\n'
  const inlineCode = name === 'CODE' && !preformatted && !(node.textContent ?? '').includes('`')
  if (inlineCode) lines.text += '`'
  const before = lines.text.length
  for (const child of node.childNodes) add(child, lines, preformatted || name === 'PRE')
  if (inlineCode) lines.text += '`'
  const sign = preformatted || NOT_BOLD.test(node.id) ? undefined : SIGNS[name]
  const [, space = '', words = '', after = ''] = /^(\s*)(.*?)(\s*)$/s.exec(lines.text.slice(before)) ?? []
  if (sign !== undefined && words !== '' && !/[\n*_~]/.test(words)) lines.text = lines.text.slice(0, before) + space + sign + words + sign + after
  if (name === 'BLOCKQUOTE' && words !== '') lines.text = lines.text.slice(0, before) + words.replace(/^/gm, '> ')
  if (name === 'PRE') {
    newLine(lines)
    lines.text += '```'
  }
  const href = name === 'A' ? node.getAttribute('href') : null
  const label = lines.text.slice(before).trim()
  if (href && /^(https?|mailto):/i.test(href) && label !== href && !href.endsWith(label)) lines.text += ` (${href})`
  else if (href && /^https?:/i.test(href) && label !== href) lines.text = lines.text.slice(0, before) + href
  if (block) {
    newLine(lines)
    // paragraphs and headings stand apart
    if (/^(P|H\d|PRE|BLOCKQUOTE)$/.test(name)) lines.text += '\n'
  }
}

function newLine(lines: { text: string }): void {
  if (lines.text !== '' && !lines.text.endsWith('\n')) lines.text += '\n'
}
