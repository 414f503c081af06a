/**
 * What every type has without saying so: `id`; and every type of the AWS provider `region`, `timeouts`, and `tags_all`
 * beside `tags` (AWS provider's guide to resource tagging).
 */
import type { Mode } from '../model/configuration.ts'
import type { AttributeSpecs } from '../type/resource-type.ts'
import { block, computed, ignored, implemented } from '../type/resource-type.ts'

const ENDS_BY_ITSELF = 'the emulator waits for the end of each step, however long it takes'
const timeouts = block(
  Object.fromEntries(['create', 'read', 'update', 'delete'].map((name) => [name, ignored(ENDS_BY_ITSELF)])),
  { maxItems: 1 },
)

const completed = new WeakMap<AttributeSpecs, AttributeSpecs>()

export function completeSpecs(type: string, specs: AttributeSpecs, mode: Mode): AttributeSpecs {
  const known = completed.get(specs)
  if (known !== undefined) return known
  const isAws = type.startsWith('aws_')
  const complete: AttributeSpecs = {
    // A data source may be asked by its id.
    id: mode === 'data' ? implemented({ computed: true }) : computed(),
    ...(isAws ? { region: implemented({ computed: true, forceNew: true }), timeouts } : {}),
    ...(isAws && specs.tags !== undefined && mode === 'managed' ? { tags_all: computed() } : {}),
    ...specs,
  }
  completed.set(specs, complete)
  return complete
}
