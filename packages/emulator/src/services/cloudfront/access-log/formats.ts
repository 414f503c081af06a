/**
 * Access logs in the forms of their files: `w3c` with a head that names the fields, `plain` without one, and `json`, an
 * object a line.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logging.html#supported-log-file-format
 */
import { type Field, fieldValue, type ServedRequest } from './fields.ts'

/** Where the fields are in the key of a file, and in the file. */
export interface LogForm {
  readonly format: string
  readonly fields: readonly Field[]
  readonly delimiter: string
}

/** One line, with its end. */
export function logLine({ format, fields, delimiter }: LogForm, served: ServedRequest): string {
  if (format === 'json') {
    return `${JSON.stringify(Object.fromEntries(fields.map((field) => [field, encoded(fieldValue(field, served))])))}\n`
  }
  return `${fields.map((field) => encoded(fieldValue(field, served))).join(delimiter)}\n`
}

/** What a file begins with. */
export const logHead = ({ format, fields }: LogForm): string =>
  format === 'w3c' ? `#Version: 1.0\n#Fields: ${fields.join(' ')}\n` : ''

/** Control characters, spaces, what is not ASCII, and the characters that AWS names, are percent-encoded. */
const special = /[^\x21\x24\x26\x28-\x3b\x3d\x3f-\x5a\x5f\x61-\x7a]/gu
const encoded = (value: string): string => value.replace(special, percentEncoded)
const percentEncoded = (character: string) =>
  [...Buffer.from(character)].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join('')
