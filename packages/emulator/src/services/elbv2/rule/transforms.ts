/**
 * Rewrites of a rule: what of the Host header or of the URL matches an expression is replaced on the way to the
 * target, after the rule was chosen.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-transforms.html
 */
import type { RuleTransform } from '@aws-sdk/client-elastic-load-balancing-v2'
import { validationError } from '../model/errors.ts'
import { compileRegex } from './regex.ts'

/** What of a request can be rewritten. */
export interface Rewritable {
  /** The Host header. */
  readonly host: string
  /** Path and query. */
  readonly target: string
}

/** Undefined where the outcome is neither a host nor a URL: AWS answers 500 then. */
export type Transform = (request: Rewritable) => Rewritable | undefined

/** The transforms as AWS keeps them, or the error that AWS answers. */
export function normalizeTransforms(transforms: readonly RuleTransform[] | undefined): RuleTransform[] {
  const types = (transforms ?? []).map(({ Type }) => Type)
  if (new Set(types).size < types.length) {
    throw validationError('A rule can have one transform of each type')
  }
  compileTransforms(transforms ?? [])
  return [...(transforms ?? [])]
}

/** One function for all transforms of a rule. */
export function compileTransforms(transforms: readonly RuleTransform[]): Transform | undefined {
  if (transforms.length === 0) return undefined
  const steps = transforms.map(compile)
  return (request) => {
    let current: Rewritable | undefined = request
    for (const step of steps) current = current && step(current)
    return current
  }
}

function compile(transform: RuleTransform): Transform {
  switch (transform.Type) {
    case 'host-header-rewrite': {
      const rewrite = rewriter(transform.HostHeaderRewriteConfig?.Rewrites)
      return (request) => {
        const host = rewrite(request.host)
        return /^[A-Za-z0-9._:[\]-]+$/.test(host) ? { ...request, host } : undefined
      }
    }
    case 'url-rewrite': {
      const rewrite = rewriter(transform.UrlRewriteConfig?.Rewrites)
      return (request) => {
        const target = rewrite(request.target)
        return /^\/[\x21-\x7e\x80-\xff]*$/.test(target) ? { ...request, target } : undefined
      }
    }
    default:
      throw validationError(
        `Transform type '${String(transform.Type)}' must be one of '[host-header-rewrite, url-rewrite]'`,
      )
  }
}

function rewriter(
  rewrites: readonly { Regex?: string | undefined; Replace?: string | undefined }[] | undefined,
): (text: string) => string {
  const [rewrite, ...more] = rewrites ?? []
  if (!rewrite?.Regex || rewrite.Replace === undefined || more.length > 0) {
    throw validationError('A transform must have exactly one rewrite with a regex and a replacement')
  }
  const { Replace } = rewrite
  const expression = compileRegex(rewrite.Regex)
  return (text) => expression.replace(text, Replace)
}
