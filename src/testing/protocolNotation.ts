import { readFileSync } from 'node:fs'
import * as z from 'zod/mini'
import * as account from '#protocol/account.ts'
import { CODES, FAREWELLS } from '#protocol/codes.ts'
import * as conversation from '#protocol/conversation.ts'
import * as device from '#protocol/device.ts'
import * as fileRequests from '#protocol/fileRequests.ts'
import * as files from '#protocol/files.ts'
import * as http from '#protocol/http.ts'
import * as ids from '#protocol/ids.ts'
import * as log from '#protocol/log.ts'
import * as message from '#protocol/message.ts'
import * as passkey from '#protocol/passkey.ts'
import * as people from '#protocol/people.ts'
import * as presence from '#protocol/presence.ts'
import * as push from '#protocol/push.ts'
import * as reply from '#protocol/reply.ts'
import * as search from '#protocol/search.ts'
import * as session from '#protocol/session.ts'
import * as sync from '#protocol/sync.ts'

/*
 * How docs/protocol.md writes the schemas of src/protocol: much as TypeScript would, and with the limits that are checked.
 */

const WIDTH = 140
const MODULES = {
  ids,
  presence,
  conversation,
  files,
  message,
  fileRequests,
  log,
  session,
  sync,
  http,
  account,
  device,
  passkey,
  people,
  push,
  search,
  reply,
}
/** Brands exist for the compiler alone: at run time all ids of one shape are one schema. */
const SHAPES = new Map<z.core.$ZodType, string>([
  [ids.UserId, 'Id'],
  [ids.ClientId, 'Uuid'],
])

type Schema = z.core.JSONSchema.BaseSchema
/** `brands`: what the compiler calls it. `remarks`: what the source says of it and of its fields. */
type Named = { name: string; schema: z.core.$ZodType; brands: string[]; remarks: { whole: string | undefined; fields: ReadonlyMap<string, string> } }

const isSchema = (value: unknown): value is z.core.$ZodType => typeof value === 'object' && value !== null && '_zod' in value

const sourceOf = (file: string): string => readFileSync(new URL(`../protocol/${file}.ts`, import.meta.url), 'utf8')

/** What a module exports, in the order of its source. */
export function exportsOf(file: string, module: object): [name: string, value: unknown][] {
  const places = new Map([...sourceOf(file).matchAll(/^export const (\w+)/gm)].map(([, name], at) => [name!, at]))
  return Object.entries(module).sort(([a], [b]) => places.get(a)! - places.get(b)!)
}

/** The doc comments of exports that fit on one line. */
export const meaningsIn = (file: string): ReadonlyMap<string, string> =>
  new Map([...sourceOf(file).matchAll(/^\/\*\* (.+?) \*\/\nexport const (\w+)/gm)].map(([, says, name]) => [name!, says!]))

function remarksOn(file: string, name: string): Named['remarks'] {
  const source = sourceOf(file)
  const begin = source.indexOf(`\nexport const ${name} `)
  const declaration = source.slice(begin, source.indexOf('\nexport ', begin + 1))
  const fields = new Map([...declaration.matchAll(/\/\*\* (.+?) \*\/\s+(\w+):/g)].map(([, says, field]) => [field!, says!]))
  return { whole: meaningsIn(file).get(name), fields }
}

function namedIn(file: string, module: object): Named[] {
  const named = new Map<z.core.$ZodType, Named>()
  for (const [exported, schema] of exportsOf(file, module)) {
    if (!isSchema(schema)) continue
    const shape = SHAPES.get(schema)
    const name = shape ?? exported.replace(/Schema$/, '')
    const one = named.get(schema) ?? { name, schema, brands: [], remarks: remarksOn(file, exported) }
    if (shape) one.brands.push(exported)
    named.set(schema, one)
  }
  return [...named.values()]
}

/** Every schema that a module exports, under one name. */
export const NAMED = Object.entries(MODULES).map(([file, module]) => ({ file, types: namedIn(file, module) }))

const names = z.registry<{ id: string }>()
for (const { types } of NAMED) for (const { name, schema } of types) names.add(schema, { id: name })

/** How the page writes a type: by its name where it has one. Throws at what it has no notation for, so that nothing is left out unseen. */
export function notation(schema: z.core.$ZodType, indent = ''): string {
  return fitting(jsonOf(schema), indent, indent.length)
}

export function definition({ name, schema, brands, remarks }: Named): string {
  const json = jsonOf(schema).$defs![name]!
  const head = `type ${name} = `
  const text = remarks.fields.size > 0 && json.properties ? objectOf(json, '', remarks.fields) : fitting(json, '', head.length)
  const above = brands.length > 0 ? brands.join(', ') : remarks.whole
  return `${above ? `// ${above}\n` : ''}${(head + text).replace(' \n', '\n')}`
}

function jsonOf(schema: z.core.$ZodType): Schema {
  return z.toJSONSchema(schema, {
    metadata: names,
    io: 'input',
    override: ({ zodSchema, jsonSchema }) => {
      if (isCheckedFurther(zodSchema)) jsonSchema['checkedFurther'] = true
    },
  })
}

/** By code that no JSON Schema can hold. */
const isCheckedFurther = ({ _zod: { def } }: z.core.$ZodTypes): boolean =>
  (def.checks ?? []).some((check) => check._zod.def.check === 'custom' || check._zod.def.check === 'overwrite')

/** On one line where that fits behind `column` characters. */
function fitting(schema: Schema, indent: string, column: number): string {
  const line = written(schema)
  return column + line.length <= WIDTH ? line : written(schema, indent)
}

const UNDERSTOOD = new Set(
  `$schema $defs id $ref type const enum anyOf oneOf properties required additionalProperties propertyNames items prefixItems minItems maxItems
   minimum maximum exclusiveMinimum minLength maxLength pattern checkedFurther`.split(/\s+/),
)

/** Without an indent on one line. */
function written(schema: Schema, indent?: string): string {
  const unknown = Object.keys(schema).filter((key) => !UNDERSTOOD.has(key))
  if (unknown.length > 0) throw new Error(`there is no notation for ${unknown.join(', ')}`)
  return plain(schema, indent) + (schema['checkedFurther'] === true ? '†' : '')
}

function plain(schema: Schema, indent?: string): string {
  if (Object.keys(schema).length === 0) return 'unknown'
  const options = schema.anyOf ?? schema.oneOf
  if (schema.$ref !== undefined) return schema.$ref.replace('#/$defs/', '')
  if (schema.const !== undefined) return quoted(schema.const)
  if (schema.enum) return enumOf(schema.enum)
  if (Array.isArray(schema.type)) return schema.type.map((type) => written({ ...schema, type })).join(' | ')
  if (options) return indent === undefined ? options.map((one) => written(one)).join(' | ') : linesOf(options, indent)
  switch (schema.type) {
    case 'object':
      return objectOf(schema, indent)
    case 'array':
      return arrayOf(schema, indent)
    case 'string':
      return schema.pattern === undefined ? `string${range(schema.minLength, schema.maxLength)}` : `string /${schema.pattern}/`
    case 'integer':
      return `integer${range(typeof schema.exclusiveMinimum === 'number' ? schema.exclusiveMinimum + 1 : schema.minimum, schema.maximum)}`
    case 'number':
    case 'boolean':
    case 'null':
      return schema.type
    default:
      throw new Error(`there is no notation for ${JSON.stringify(schema)}`)
  }
}

const linesOf = (options: readonly Schema[], indent: string): string =>
  options.map((one) => `\n${indent}  | ${fitting(one, `${indent}    `, indent.length + 4)}`).join('')

const NO_REMARKS: ReadonlyMap<string, string> = new Map()

/** What tells the members of a union apart comes first. */
function objectOf(schema: Schema, indent?: string, remarks = NO_REMARKS): string {
  if (typeof schema.additionalProperties === 'object')
    return `{ [${written(schema.propertyNames as Schema)}]: ${written(schema.additionalProperties)} }`
  const required = new Set(schema.required)
  const fields = Object.entries((schema.properties ?? {}) as Record<string, Schema>)
    .sort(([, a], [, b]) => Number(b.const !== undefined) - Number(a.const !== undefined))
    .map(([name, field]) => ({ head: required.has(name) ? `${name}: ` : `${name}?: `, field, remark: remarks.get(name) }))
  if (fields.length === 0) return '{}'
  if (indent === undefined) return `{ ${fields.map(({ head, field }) => head + written(field)).join(', ')} }`
  const inner = `${indent}  `
  const lines = fields.map(
    ({ head, field, remark }) => inner + head + fitting(field, inner, inner.length + head.length) + (remark ? ` // ${remark}` : ''),
  )
  return ['{', ...lines, `${indent}}`].join('\n')
}

function arrayOf(schema: Schema, indent?: string): string {
  if (schema.prefixItems) return `[${(schema.prefixItems as Schema[]).map((one) => written(one)).join(', ')}]`
  const items = schema.items as Schema
  const item = written(items, indent)
  const size = `[${bounds(schema.minItems, schema.maxItems)}]`
  if (!items.anyOf && !items.oneOf) return item + size
  return indent === undefined ? `(${item})${size}` : `(${item}\n${indent})${size}`
}

function enumOf(options: readonly unknown[]): string {
  if (String(options) === String(Object.keys(CODES))) return 'Code'
  if (String(options) === String(Object.keys(FAREWELLS))) return 'FarewellCode'
  return options.map(quoted).join(' | ')
}

const quoted = (value: unknown): string => (typeof value === 'string' ? `'${value}'` : String(value))

/** What no whole number in JavaScript exceeds is no limit of ours. */
const bounds = (least = -Infinity, most = Infinity): string => {
  const [from, to] = [least > Number.MIN_SAFE_INTEGER ? String(least) : '', most < Number.MAX_SAFE_INTEGER ? String(most) : '']
  return from || to ? `${from}…${to}` : ''
}
const range = (least?: number, most?: number): string => bounds(least, most) && `(${bounds(least, most)})`
