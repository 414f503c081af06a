/**
 * The values that options are made of: what can be said about one value on its own, with the fix in the message.
 * `.meta({ description, becomes })` of an option is read by people: the reference (docs/reference/configuration.md)
 * and the comments that editors show (platform-input.ts) are written from it.
 */
import { z } from 'zod'
import { countryCodes } from '../countries.ts'

declare module 'zod' {
  interface GlobalMeta {
    /** What the option becomes in the Terraform, and so on AWS. */
    becomes?: string | undefined
    /** Name of the type of an object that is written in several places. */
    typeName?: string | undefined
    /** Objects, with a `typeName`, whose options this one has too. */
    parts?: readonly object[] | undefined
  }
}

export const name = z
  .string()
  .regex(/^[a-z](-?[a-z0-9])*$/, 'Use lower-case letters, digits and single hyphens, starting with a letter.')

export const label = z
  .string()
  .regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, 'A host is one label below the domain, e.g. "app-admin".')

export const domain = z
  .string()
  .max(253)
  .regex(
    /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/,
    'Write a domain, in lower case, e.g. "example.com".',
  )

export const region = z
  .string()
  .regex(/^[a-z]{2}(-[a-z]+)+-[1-9]$/, 'Write a region as AWS names it, e.g. "ap-northeast-2".')

export const folder = z.string().min(1)

export const percent = z.int().min(1).max(99)

export const port = z.int().min(1).max(65_535)

export const country = z.string().refine((code) => countryCodes.has(code), {
  error: 'Use an ISO 3166-1 alpha-2 code, e.g. "KR".',
})

export const environmentName = z
  .string()
  .regex(
    /^[A-Za-z_][A-Za-z0-9_]*$/,
    'A variable is letters, digits and underscores, not starting with a digit.',
  )

/** Health checks put it into their request line as it is, which ends at a space. RFC 3986, 3.3 and 3.4. */
export const healthPath = z
  .string()
  .startsWith('/', 'A path starts with "/".')
  .regex(
    /^[A-Za-z0-9._~!$&'()*+,;=:@%/?-]*$/,
    'Write the path as it is in a URL: other characters percent-encoded, e.g. "%20" for a space.',
  )
  .max(1024)

/**
 * A path of a listener rule and of a CloudFront behaviour: what both of them take.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-condition-types.html#path-conditions
 * https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_CacheBehavior.html
 */
export const pathPattern = z
  .string()
  .startsWith('/', 'A path starts with "/".')
  .regex(
    /^[A-Za-z0-9_.$/~"'@:+&*?-]*$/,
    'A path pattern is letters, digits, _ - . $ / ~ " \' @ : + & and the wildcards * and ?.',
  )
  .max(128)

export const block = z.cidrv4('Write an IPv4 block, e.g. "10.0.0.0/16".')
