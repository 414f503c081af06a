/** Numbers and time stamps that come as texts: in paths, queries, headers and forms. */
import type { FromStringShapeDeserializer } from '@smithy/core/protocols'
import type { NormalizedSchema } from '@smithy/core/schema'
import { AwsError } from '../aws-error.ts'

export interface ScalarSource {
  readonly parser: FromStringShapeDeserializer
  /** Code of the error for a text that is no value of its type. */
  readonly code: string
}

/** Throws the error of the source for a text that does not fit the type. */
export function readScalar(
  { parser, code }: ScalarSource,
  schema: NormalizedSchema,
  text: string,
  name: string,
) {
  let value: unknown
  try {
    value = parser.read(schema, text)
  } catch {
    throw new AwsError(code, `The value of ${name} does not have the type that it must have.`)
  }
  if (typeof value === 'number' && Number.isNaN(value))
    throw new AwsError(code, `The value of ${name} is not a number.`)
  return value
}
