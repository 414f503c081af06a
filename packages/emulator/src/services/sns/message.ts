/**
 * What a publisher may send: the limits of a message, and one text for each protocol.
 * https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
 */
import { invalidParameter } from './errors.ts'

/** Text and attributes together. */
const bytesMax = 262_144

export type MessageAttributes = Readonly<Record<string, { readonly Type: string; readonly Value: string }>>

export interface Publication {
  readonly subject?: string | undefined
  readonly message: string
  /** `json`: the message holds a text for each protocol, and `default` for the others. */
  readonly structure?: string | undefined
  readonly attributes?: MessageAttributes
}

/** The default text, and the texts by protocol. */
export function readMessage(publication: Publication): {
  readonly message: string
  readonly byProtocol: Readonly<Record<string, string>>
} {
  const { message, subject, structure, attributes = {} } = publication
  if (message === '') throw invalidParameter('Empty message')
  const attributeBytes = Object.entries(attributes).reduce(
    (sum, [name, { Type, Value }]) => sum + Buffer.byteLength(name + Type + Value),
    0,
  )
  if (Buffer.byteLength(message) + attributeBytes > bytesMax) throw invalidParameter('Message too long')
  if (subject !== undefined && !isSubject(subject)) throw invalidParameter('Subject')
  if (structure === undefined) return { message, byProtocol: {} }
  if (structure !== 'json') throw invalidParameter('MessageStructure')
  return readStructure(message)
}

/** No line breaks, no control characters, fewer than 100 characters. */
const isSubject = (subject: string) =>
  subject.length > 0 && subject.length < 100 && !/[\p{Cc}\u2028\u2029]/u.test(subject)

function readStructure(message: string) {
  const parsed = parsedObject(message)
  if (parsed === undefined) throw invalidParameter('Message Structure - JSON message body failed to parse')
  const texts = Object.entries(parsed).filter((entry): entry is [string, string] => {
    return typeof entry[1] === 'string'
  })
  const { default: shared, ...byProtocol } = Object.fromEntries(texts)
  if (shared === undefined) {
    throw invalidParameter('Message Structure - No default entry in JSON message body')
  }
  return { message: shared, byProtocol }
}

function parsedObject(text: string): Record<string, unknown> | undefined {
  try {
    const parsed: unknown = JSON.parse(text)
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)
      ? (parsed as Record<string, unknown>)
      : undefined
  } catch {
    return undefined
  }
}
