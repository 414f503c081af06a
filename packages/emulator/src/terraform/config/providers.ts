/** Provider blocks: the region and the default tags of the resources that use them, aliases included. */

import { evaluateJson } from '../expression/evaluate.ts'
import type { Configuration, ResourceBlock } from '../model/configuration.ts'
import type { Diagnostics } from '../model/diagnostics.ts'
import type { TermObject } from '../value/term.ts'
import { isObject } from '../value/term.ts'
import type { EvaluationContext } from './evaluation-context.ts'
import { blocks } from './json-blocks.ts'

export interface ProviderSettings {
  readonly region: string
  readonly defaultTags: TermObject
}

/** Settings by block; evaluated once per provider and evaluation context. */
export function createProviders(
  configuration: Configuration,
  defaultRegion: string,
  diagnostics: Diagnostics,
): (block: ResourceBlock, evaluation: EvaluationContext) => ProviderSettings {
  const evaluated = new Map<string, ProviderSettings>()
  return (block, evaluation) => {
    const key = block.provider ?? block.type.split('_')[0] ?? ''
    const known = evaluated.get(key)
    if (known !== undefined) return known
    const declared = configuration.providers.get(key)
    if (declared === undefined && block.provider !== undefined) {
      diagnostics.error(
        { address: block.address },
        `There is no provider "${key}"`,
        'Declare a provider block with this alias.',
      )
    }
    const place = { address: `provider.${key}` }
    const region = diagnostics.attempt(place, () => evaluateJson(declared?.body.region, evaluation.scope()))
    const tags = blocks(declared?.body.default_tags)[0]?.tags
    const defaultTags = diagnostics.attempt(place, () => evaluateJson(tags, evaluation.scope()))
    const settings = {
      region: typeof region === 'string' ? region : defaultRegion,
      defaultTags: isObject(defaultTags) ? defaultTags : {},
    }
    evaluated.set(key, settings)
    return settings
  }
}
