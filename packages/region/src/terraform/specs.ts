/**
 * What every type has without saying so: `id`; and every type of the AWS provider `region`, and `tags_all` beside
 * `tags` (https://registry.terraform.io/providers/hashicorp/aws/latest/docs/guides/resource-tagging).
 */
import type { AttributeSpecs } from './resource-type.ts'
import { computed, modelled } from './resource-type.ts'

const completed = new WeakMap<AttributeSpecs, AttributeSpecs>()

export function completeSpecs(type: string, specs: AttributeSpecs): AttributeSpecs {
  const known = completed.get(specs)
  if (known !== undefined) return known
  const isAws = type.startsWith('aws_')
  const complete: AttributeSpecs = {
    id: computed(),
    ...(isAws ? { region: modelled({ computed: true, forceNew: true }) } : {}),
    ...(isAws && specs.tags !== undefined ? { tags_all: computed() } : {}),
    ...specs,
  }
  completed.set(specs, complete)
  return complete
}
