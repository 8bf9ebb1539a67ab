/*
 * The walls of the house, as a plugin for oxlint: who may import whom. What a row doesn't allow is forbidden.
 * Imports name their folder (`#client/live/facts.ts`) or stay in it (`./facts.ts`), so the words of an import tell its target.
 */

/** Tests and what they share: builders and simulators in `testing/`, contract suites that several implementations must pass. */
const TEST = /^src\/.*\.test\.tsx?$|^src\/(.+\/)?testing\/|^src\/.*Contract\.ts$/

/** The first row whose `files` match decides. `why` completes "… may not be imported here: ". */
const WALLS = [
  {
    files: TEST,
    allow: [/^#(?!e2e\/)/, /^(?!#)/],
    why: 'tests of the parts know nothing of the tests of the whole',
  },
  {
    files: /^src\/protocol\//,
    allow: [/^zod\/mini$/],
    why: 'protocol is what both sides say and stands alone, but for zod/mini',
  },
  {
    files: /^src\/client\/live\//,
    allow: [/^#protocol\//, /^(socket\.io-client|tus-js-client|idb|zod\/mini|@reduxjs\/toolkit)$/],
    why: 'live knows the protocol and the line, no React and no screens',
  },
  {
    files: /^src\/client\/features\/[^/]+\/(use[A-Z][^/]*\.ts|[^/]+\.tsx)$/,
    allow: [/^#protocol\//, /^#client\/(store|ui|words|live\/(facts|client)\.ts)/, /^(react|react-redux|react-router-dom|@reduxjs\/toolkit)$/],
    why: 'features share facts (live/facts.ts), protocol and ui, not each other',
  },
  {
    files: /^src\/client\/features\//,
    allow: [/^#protocol\//, /^#client\/(live\/facts|words\/(t|formatDate))\.ts$/, /^@reduxjs\/toolkit$/],
    why: 'a plain .ts of a feature is pure: protocol, facts, words and its own folder',
  },
  {
    files: /^src\/client\/store\//,
    allow: [/^#protocol\//, /^#client\/(features|live|store|words)\//, /^(react-redux|@reduxjs\/toolkit)$/],
    why: 'the store joins slices and facts and knows no screens',
  },
  {
    files: /^src\/client\/words\//,
    allow: [/^react$/],
    why: 'words know nothing of what they are said about',
  },
  {
    files: /^src\/client\/ui\//,
    allow: [
      /^#(protocol|client\/words)\//,
      /^(react|react-dom|react-router-dom|linkify-it|dompurify|frimousse|emojibase-data\/en\/\w+\.json|@simplewebauthn\/browser)$/,
    ],
    why: 'ui is what things look like: no Redux, no features, no line',
  },
  {
    files: /^src\/client\//,
    allow: [/^#(protocol|client)\//, /^(react|react-dom\/client|react-dom|react-redux|react-router-dom|@reduxjs\/toolkit)$/],
    why: 'the client knows no server and no Node, and sockets live in client/live',
  },
  {
    files: /^src\/server\/domain\//,
    allow: [/^#protocol\//, /^#server\/storage\/store\.ts$/],
    why: 'rules know no socket, no SQL and no Node, only protocol and the Store',
  },
  {
    files: /^src\/server\/storage\//,
    allow: [/^#protocol\//, /^#server\/(observe\/|config\.ts$)/, /^node:/, /^(libsql|kysely|pg)$/],
    why: 'storage keeps things and knows no rules',
  },
  {
    files: /^src\/server\//,
    allow: [/^#(protocol|server)\//, /^(?!#|react|redux|@reduxjs|socket\.io-client|idb$|dompurify$)/],
    why: 'the server knows no client',
  },
  {
    files: /^e2e\/chaos\//,
    allow: [/^#e2e\//, /^(?!#)/],
    why: 'what judges the system shares no code with it',
  },
  {
    files: /^e2e\//,
    allow: [/^#/, /^(?!#)/],
    why: '',
  },
]

/** @param {string} specifier */
function spelling(specifier) {
  const inFolder = specifier.startsWith('.')
  if (specifier.startsWith('..')) return 'Between folders write `#folder/file.ts`; `../` is nowhere.'
  if (/^\.\/.+\//.test(specifier)) return 'Inside a folder `./file.ts`, between folders `#folder/file.ts`.'
  if ((inFolder || specifier.startsWith('#')) && !/\.(tsx?|js|css|svg|json)(\?\w+)?$/.test(specifier)) return 'Write the extension.'
  return null
}

const imports = {
  meta: { type: 'problem', schema: [] },
  create(context) {
    const file = context.filename.slice(context.cwd.length + 1).replaceAll('\\', '/')
    const wall = WALLS.find((row) => row.files.test(file))
    if (!wall) return {}

    const check = (node) => {
      const specifier = node.source?.value
      if (typeof specifier !== 'string') return
      const misspelt = spelling(specifier)
      const meetsTest = /\.test\.tsx?$|^#(\w+\/)?testing\//.test(specifier) && !TEST.test(file) && !file.startsWith('e2e/')
      if (misspelt) context.report({ node, message: misspelt })
      else if (meetsTest) context.report({ node, message: 'The app knows no tests.' })
      else if (!specifier.startsWith('./') && !wall.allow.some((allowed) => allowed.test(specifier))) {
        context.report({ node, message: `'${specifier}' may not be imported here: ${wall.why}.` })
      }
    }
    return { ImportDeclaration: check, ImportExpression: check, ExportNamedDeclaration: check, ExportAllDeclaration: check }
  },
}

const clock = {
  meta: { type: 'problem', schema: [] },
  create(context) {
    const check = (node) => {
      if (node.callee.name === 'Date' && node.arguments.length === 0)
        context.report({ node, message: 'Time comes in from the edge: take `now` as an argument.' })
    }
    return { NewExpression: check, CallExpression: check }
  },
}

export default { meta: { name: 'walls' }, rules: { imports, clock } }
