/**
 * The contract between the Terraform engine and the services: what a resource type reads, computes and does.
 *
 * Nothing is silently ignored. A type names every attribute that it knows: those it models, those it accepts
 * without effect (with the reason), those it computes, and its nested blocks. Anything else in a synthesized
 * folder stops the apply with the resource's address.
 *
 * The engine owns the meta part (address, `count`, `for_each`, `depends_on`, `lifecycle`, `provider`, the
 * per-resource `region`, `default_tags` → `tags_all`); a type sees plain attributes. Nested blocks always reach
 * it as arrays of objects, however the JSON wrote them, as Terraform itself keeps them.
 */

/** What an expression evaluates to once everything in it is known. */
export type Value = null | boolean | number | string | Value[] | { [key: string]: Value }
export type Attributes = { [name: string]: Value }

export interface AttributeSpec {
  readonly kind: 'implemented' | 'ignored' | 'computed' | 'block'
  /** Why an ignored attribute has no effect here. */
  readonly reason?: string
  /** A change replaces the resource, as the AWS provider does; a function where not every change does. */
  readonly forceNew?: boolean | ((before: unknown, after: unknown) => boolean)
  /** True for texts that differ and mean the same, as two ways to write one JSON document do. */
  readonly equivalent?: (a: string, b: string) => boolean
  /** What the provider assumes where the configuration is silent. */
  readonly default?: Value
  /** The configuration may set it; where it does not, the type computes it (Terraform's Optional + Computed). */
  readonly computed?: boolean
  /** Reaches `create`/`update`, is never kept in the state (Terraform's write-only attributes). */
  readonly writeOnly?: boolean
  /** Order has no meaning: compared as a set. */
  readonly set?: boolean
  /** The attributes of a nested block. */
  readonly block?: AttributeSpecs
  readonly maxItems?: number
}
export type AttributeSpecs = { readonly [name: string]: AttributeSpec }

type Options = Omit<AttributeSpec, 'kind' | 'reason' | 'block'>

/** An attribute that shapes what the emulator does. */
export const implemented = (options: Options = {}): AttributeSpec => ({ kind: 'implemented', ...options })
/** An attribute that is accepted and kept but changes nothing here; say why. */
export const ignored = (reason: string, options: Options = {}): AttributeSpec => ({
  kind: 'ignored',
  reason,
  ...options,
})
/** An attribute that only the service sets. */
export const computed = (): AttributeSpec => ({ kind: 'computed' })
/** A nested block, kept as an array of objects. */
export const block = (attributes: AttributeSpecs, options: Options = {}): AttributeSpec => ({
  kind: 'block',
  block: attributes,
  ...options,
})

/** What the engine passes to a type besides the attributes. */
export interface ApplyContext {
  readonly address: string
  /** Region of this resource: its own `region` argument, else the provider's. */
  readonly region: string
  readonly accountId: string
  /** The synthesized stack's folder: relative asset paths (`filename`, `source`) start here. */
  readonly folder: string
  readonly signal: AbortSignal
}

export interface ResourceType {
  readonly type: string
  readonly attributes: AttributeSpecs
  /**
   * Makes it; returns all attributes, computed ones and `id` included. Throw an `Error` whose message names the fix.
   * One that awaits reports with `onCreated`, in the transaction that creates it, what it is: so that it is in the
   * state from then on, whatever comes in between.
   */
  create(
    planned: Attributes,
    context: ApplyContext,
    onCreated?: (attributes: Attributes) => void,
  ): Attributes | Promise<Attributes>
  /** What it looks like now (drift included); undefined when it no longer exists. Default: as it was last written. */
  read?(prior: Attributes, context: ApplyContext): Attributes | undefined | Promise<Attributes | undefined>
  /**
   * What an `import` block finds by its id, `id` included, or undefined where nothing is. `tags_all` are all of its tags.
   * Default: it cannot be imported.
   */
  import?(id: string, context: ApplyContext): Attributes | undefined | Promise<Attributes | undefined>
  /** Changes it in place; without it every change replaces. */
  update?(planned: Attributes, prior: Attributes, context: ApplyContext): Attributes | Promise<Attributes>
  delete?(prior: Attributes, context: ApplyContext): void | Promise<void>
}

export interface DataSourceType {
  readonly type: string
  readonly attributes: AttributeSpecs
  read(config: Attributes, context: ApplyContext): Attributes | Promise<Attributes>
}

/** A value that exists only while an apply runs, e.g. `aws_secretsmanager_random_password`. */
export interface EphemeralType {
  readonly type: string
  readonly attributes: AttributeSpecs
  open(config: Attributes, context: ApplyContext): Attributes | Promise<Attributes>
}

/**
 * A type that is only a record here: it has identity and computed attributes, others refer to it, and nothing
 * happens because of it (a VPC, an IAM role before policies are evaluated). Every change is kept in place
 * unless the attribute says `forceNew`.
 */
export function recordType(spec: {
  type: string
  attributes: AttributeSpecs
  compute(planned: Attributes, context: ApplyContext): Attributes
  /** Called after create and update with the full attributes, and after delete with undefined. */
  keep?(id: string, attributes: Attributes | undefined): void
}): ResourceType {
  return {
    type: spec.type,
    attributes: spec.attributes,
    create(planned, context) {
      const attributes = { ...planned, ...spec.compute(planned, context) }
      spec.keep?.(String(attributes.id), attributes)
      return attributes
    },
    update(planned, prior) {
      const attributes = { ...prior, ...planned }
      spec.keep?.(String(attributes.id), attributes)
      return attributes
    },
    delete: (prior) => spec.keep?.(String(prior.id), undefined),
  }
}
